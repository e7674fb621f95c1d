"""Generators and discriminators: functional Keras graphs that know nothing of training."""

from keras_gan.networks import cyclegan, dcgan, mlp, pix2pix, r3gan

__all__ = ["cyclegan", "dcgan", "mlp", "pix2pix", "r3gan"]
