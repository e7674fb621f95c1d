"""An export on disk and how to run it. Needs no TensorFlow, except for SavedModels."""
