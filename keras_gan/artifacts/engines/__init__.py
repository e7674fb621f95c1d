"""Running an artifact: one small class a runtime. TensorFlow is imported by the SavedModel engine alone."""

from keras_gan.artifacts.engines.engine import Engine
from keras_gan.artifacts.engines.registry import FILES, available, open_engine
from keras_gan.artifacts.errors import ArtifactError
from keras_gan.artifacts.tensor_spec import TensorSpec

__all__ = ["FILES", "ArtifactError", "Engine", "TensorSpec", "available", "open_engine"]
