"""Layers that Keras lacks."""

from keras_gan.layers.instance_normalization import InstanceNormalization
from keras_gan.layers.reflection_padding import ReflectionPadding2D

__all__ = ["InstanceNormalization", "ReflectionPadding2D"]
