"""Exports on disk and how to run them. Imports no TensorFlow, except for SavedModels."""
