"""The public names of `keras_gan.artifacts` that `keras_gan.export` also exports."""

from keras_gan.artifacts.about import About, Data, Metric
from keras_gan.artifacts.artifact import Artifact
from keras_gan.artifacts.errors import VersionExistsError
from keras_gan.artifacts.formats import TARGETS
from keras_gan.artifacts.load import load
from keras_gan.artifacts.manifest import Manifest
from keras_gan.artifacts.translator import Translator
from keras_gan.artifacts.verification import Verification
from keras_gan.artifacts.verify import verify

__all__ = [
    "TARGETS",
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
