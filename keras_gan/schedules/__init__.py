"""Learning-rate schedules that Keras lacks, for any of its optimizers."""

from keras_gan.schedules.linear_decay import LinearDecay

__all__ = ["LinearDecay"]
