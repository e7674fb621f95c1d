"""The latent space: drawing z, and walking through it. NumPy alone, so that it runs wherever an artifact does."""

from keras_gan.latent.normal import normal
from keras_gan.latent.sampling import sample, seed_rows
from keras_gan.latent.walks import lerp, slerp, walk_dimension

__all__ = ["lerp", "normal", "sample", "seed_rows", "slerp", "walk_dimension"]
