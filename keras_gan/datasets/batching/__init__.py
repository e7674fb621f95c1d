"""Batches of images as a `tf.data.Dataset`, the same for the same seed and epoch."""
