"""From a trained generator to SavedModel, TFLite and ONNX, with proof that all three draw the same images.

Nothing here imports TensorFlow before an export starts, so that a server may read manifests and artifacts without it.
"""

from keras_gan.export.about import About, Data, Metric
from keras_gan.export.artifact import Artifact
from keras_gan.export.directions import directions_of
from keras_gan.export.errors import ExportError, VersionExistsError
from keras_gan.export.exporter import export_generator
from keras_gan.export.format import FORMATS, Format
from keras_gan.export.loading import load
from keras_gan.export.manifest import Manifest
from keras_gan.export.report import ExportReport
from keras_gan.export.translator import Translator
from keras_gan.export.verification import Verification, verify

__all__ = [
    "FORMATS",
    "About",
    "Artifact",
    "Data",
    "ExportError",
    "ExportReport",
    "Format",
    "Manifest",
    "Metric",
    "Translator",
    "Verification",
    "VersionExistsError",
    "directions_of",
    "export_generator",
    "load",
    "verify",
]
