"""Engines that run an artifact, one for each runtime. Only the engine of SavedModels imports TensorFlow."""

from keras_gan.artifacts.engines.engine import Engine
from keras_gan.artifacts.engines.registry import RUNTIMES, Runtime, is_available, open_engine
from keras_gan.artifacts.errors import ArtifactError

__all__ = ["RUNTIMES", "ArtifactError", "Engine", "Runtime", "is_available", "open_engine"]
