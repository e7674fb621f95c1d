"""Named recipes: a pair of networks with the optimizers and the loss that go with them.

`load("dcgan", image_shape=(28, 28, 1))` gives a compiled `GAN`; `keras-gan train --preset dcgan` runs it.
"""

from keras_gan.presets.preset import PRESETS, Preset, ease, load

__all__ = ["PRESETS", "Preset", "ease", "load"]
