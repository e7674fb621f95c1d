"""Running an artifact: one small class a runtime. TensorFlow is imported by the SavedModel engine alone."""

from keras_gan.serving.engines.engine import Engine
from keras_gan.serving.engines.errors import ArtifactError
from keras_gan.serving.engines.registry import FILES, available, open_engine
from keras_gan.serving.engines.specs import TensorSpec

__all__ = ["FILES", "ArtifactError", "Engine", "TensorSpec", "available", "open_engine"]
