"""Layers that Keras lacks."""

from keras_gan.layers.add_change import AddChange
from keras_gan.layers.instance_normalization import InstanceNormalization
from keras_gan.layers.reflection_padding import ReflectionPadding2D
from keras_gan.registration import register_with_keras

__all__ = ["AddChange", "InstanceNormalization", "ReflectionPadding2D"]

register_with_keras()
