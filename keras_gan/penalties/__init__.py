"""Penalties and constraints of the discriminator, in addition to its loss."""

from keras_gan.penalties.dragan import DRAGAN
from keras_gan.penalties.lookup import get, get_all, names, parse
from keras_gan.penalties.penalty import Penalty
from keras_gan.penalties.r1 import R1
from keras_gan.penalties.r2 import R2
from keras_gan.penalties.weight_clipping import WeightClipping
from keras_gan.penalties.wgan_gp import WGANGP

__all__ = ["DRAGAN", "R1", "R2", "WGANGP", "Penalty", "WeightClipping", "get", "get_all", "names", "parse"]
