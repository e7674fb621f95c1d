"""Networks: generators and discriminators as functional Keras models, without any training logic."""

from keras_gan.networks import biggan, cyclegan, dcgan, mlp, pix2pix, r3gan, resnet, sagan, stylegan2
from keras_gan.networks.capabilities import Capabilities
from keras_gan.networks.lookup import discriminator_options, generator_options, get, names

__all__ = [
    "Capabilities",
    "biggan",
    "cyclegan",
    "dcgan",
    "discriminator_options",
    "generator_options",
    "get",
    "mlp",
    "names",
    "pix2pix",
    "r3gan",
    "resnet",
    "sagan",
    "stylegan2",
]
