"""Differentiable augmentations of what the discriminator sees, real and generated images alike."""

from keras_gan.augmentations.ada import ADA
from keras_gan.augmentations.augmentation import Augmentation
from keras_gan.augmentations.diff_augment import DiffAugment
from keras_gan.augmentations.lookup import get

__all__ = ["ADA", "Augmentation", "DiffAugment", "get"]
