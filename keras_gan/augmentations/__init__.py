"""Differentiable augmentations of the images that the discriminator sees, real and generated."""

from keras_gan.augmentations.ada import ADA
from keras_gan.augmentations.augmentation import Augmentation
from keras_gan.augmentations.diffaugment import DiffAugment
from keras_gan.augmentations.lookup import get, names, parse

__all__ = ["ADA", "Augmentation", "DiffAugment", "get", "names", "parse"]
