"""Models to export, as named input tensors and named images."""
