"""The public names of `keras_gan.artifacts`, which `keras_gan.export` offers too."""

from keras_gan.artifacts.about import About, Data, Metric
from keras_gan.artifacts.artifact import Artifact
from keras_gan.artifacts.errors import VersionExistsError
from keras_gan.artifacts.load import load
from keras_gan.artifacts.manifest import Manifest
from keras_gan.artifacts.translator import Translator
from keras_gan.artifacts.verify import Verification, verify

__all__ = [
    "About",
    "Artifact",
    "Data",
    "Manifest",
    "Metric",
    "Translator",
    "Verification",
    "VersionExistsError",
    "load",
    "verify",
]
