"""Latent space: sampling z, interpolating, and finding directions. It needs only NumPy."""

from keras_gan.latent.codes import Codes
from keras_gan.latent.direction_file import load_directions, save_directions
from keras_gan.latent.directions import Directions, attribute, pca, sefa
from keras_gan.latent.normal import normal
from keras_gan.latent.sampling import sample, seed_rows
from keras_gan.latent.walks import lerp, slerp, walk_dimension, walk_direction

__all__ = [
    "Codes",
    "Directions",
    "attribute",
    "lerp",
    "load_directions",
    "normal",
    "pca",
    "sample",
    "save_directions",
    "seed_rows",
    "sefa",
    "slerp",
    "walk_dimension",
    "walk_direction",
]
