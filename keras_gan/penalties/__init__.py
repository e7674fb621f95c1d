"""Penalties: terms that the discriminator or the generator minimises in addition to its loss."""

from keras_gan.penalties.dragan import DRAGAN
from keras_gan.penalties.generator_penalty import GeneratorPenalty
from keras_gan.penalties.lookup import get, get_all, names, parse
from keras_gan.penalties.orthogonal import Orthogonal
from keras_gan.penalties.path_length import PathLength
from keras_gan.penalties.penalty import Penalty
from keras_gan.penalties.r1 import R1
from keras_gan.penalties.r2 import R2
from keras_gan.penalties.weight_clipping import WeightClipping
from keras_gan.penalties.wgan_gp import WGANGP

__all__ = [
    "DRAGAN",
    "R1",
    "R2",
    "WGANGP",
    "GeneratorPenalty",
    "Orthogonal",
    "PathLength",
    "Penalty",
    "WeightClipping",
    "get",
    "get_all",
    "names",
    "parse",
]
