"""From a trained generator to SavedModel, TFLite and ONNX, with proof that all three draw the same images.

Nothing here imports TensorFlow before an export starts, so that a server may read manifests and artifacts without it.
"""

from keras_gan.export.artifact import Artifact, load
from keras_gan.export.errors import ExportError, VersionExistsError
from keras_gan.export.exporter import export_generator
from keras_gan.export.format import FORMATS, Format
from keras_gan.export.manifest import Manifest
from keras_gan.export.report import ExportReport

__all__ = [
    "FORMATS",
    "Artifact",
    "ExportError",
    "ExportReport",
    "Format",
    "Manifest",
    "VersionExistsError",
    "export_generator",
    "load",
]
