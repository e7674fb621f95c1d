"""The models that can be exported, as named tensors in and named images out."""
