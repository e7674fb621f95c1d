"""Presets: named configs of networks, optimizers and losses that work together.

`load("dcgan", image_shape=(28, 28, 1))` returns a compiled `GAN`. `keras-gan train --preset dcgan` trains it.
Importing this package imports no TensorFlow.
"""

from keras_gan.presets.build import build, chosen_options
from keras_gan.presets.catalogue import PRESETS
from keras_gan.presets.load import load
from keras_gan.presets.preset import Preset
from keras_gan.presets.schedules import set_schedules

__all__ = ["PRESETS", "Preset", "build", "chosen_options", "load", "set_schedules"]
