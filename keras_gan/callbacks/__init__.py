"""Keras callbacks: looking at the images while training, and telling how it goes."""

from keras_gan.callbacks.progress import Progress
from keras_gan.callbacks.sample_grid import SampleGrid

__all__ = ["Progress", "SampleGrid"]
