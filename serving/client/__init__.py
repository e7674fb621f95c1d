"""One client for this library's server and for TensorFlow Serving."""

from keras_gan.serving.client.client import Client
from keras_gan.serving.client.errors import ServerError
from keras_gan.serving.client.signature import Signature, VersionStatus

__all__ = ["Client", "ServerError", "Signature", "VersionStatus"]
