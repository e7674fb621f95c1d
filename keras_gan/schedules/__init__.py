"""Learning rates, and other numbers that change as training goes on, which Keras lacks."""

from keras_gan.schedules.cosine_burn_in import CosineBurnIn
from keras_gan.schedules.half_life import HalfLife
from keras_gan.schedules.linear_decay import LinearDecay
from keras_gan.schedules.scaled import Scaled

__all__ = ["CosineBurnIn", "HalfLife", "LinearDecay", "Scaled"]
