"""Loaded models, and the files that configure them."""
