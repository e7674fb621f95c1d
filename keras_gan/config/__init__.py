"""Configuration of a training: one model per kind of GAN, whose fields are the only source of every option.

The same fields are checked, printed, documented, set on the command line and compared when a training resumes.
Importing this package imports no TensorFlow. `python -m keras_gan.config` prints docs/api/config.md.
"""

from keras_gan.config.cyclegan import CycleGANConfig
from keras_gan.config.errors import ConfigError
from keras_gan.config.files import dump, from_dict, load, save
from keras_gan.config.gan import GANConfig
from keras_gan.config.overrides import parse_override, with_changes
from keras_gan.config.pix2pix import Pix2PixConfig
from keras_gan.config.resume import check_resume
from keras_gan.config.training import TrainingConfig

__all__ = [
    "ConfigError",
    "CycleGANConfig",
    "GANConfig",
    "Pix2PixConfig",
    "TrainingConfig",
    "check_resume",
    "dump",
    "from_dict",
    "load",
    "parse_override",
    "save",
    "with_changes",
]
