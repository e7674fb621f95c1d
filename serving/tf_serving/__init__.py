"""Writes configuration for TensorFlow Serving, and files for Docker, Kubernetes and KServe."""

from keras_gan.serving.tf_serving.batching import Batching, fit_batching
from keras_gan.serving.tf_serving.deployment import TARGETS, Deployment
from keras_gan.serving.tf_serving.served_model import ServedModel, find_models

__all__ = ["TARGETS", "Batching", "Deployment", "ServedModel", "find_models", "fit_batching"]
