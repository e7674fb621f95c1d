"""The `keras-gan` command. One file a subcommand; TensorFlow is imported only by those that need it."""

from keras_gan.cli.app import main

__all__ = ["main"]
