"""Networks: generators and discriminators as functional Keras models, without any training logic."""

from keras_gan.networks import biggan, cyclegan, dcgan, mlp, pix2pix, r3gan, resnet, sagan, stylegan2, wavegan
from keras_gan.networks.capabilities import Capabilities
from keras_gan.networks.heads import with_class_head, with_code_head, with_codes
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
    "wavegan",
    "with_class_head",
    "with_code_head",
    "with_codes",
]
