"""Generators and discriminators: functional Keras graphs that know nothing of training."""

from keras_gan.networks import dcgan, mlp

__all__ = ["dcgan", "mlp"]
