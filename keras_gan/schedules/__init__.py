"""Schedules of learning rates and of other numbers that change during training, in addition to those of Keras."""

from keras_gan.schedules.cosine_burn_in import CosineBurnIn
from keras_gan.schedules.half_life import HalfLife
from keras_gan.schedules.linear_decay import LinearDecay
from keras_gan.schedules.lookup import get, names
from keras_gan.schedules.scaled import Scaled

__all__ = ["CosineBurnIn", "HalfLife", "LinearDecay", "Scaled", "get", "names"]
