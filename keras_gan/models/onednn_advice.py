"""Advice to train with oneDNN, for scripts that import TensorFlow before keras_gan."""

from __future__ import annotations

import functools
import os
import warnings

import tensorflow as tf

from keras_gan.errors import KerasGANWarning
from keras_gan.utils import onednn


@functools.cache
def advise_onednn() -> None:
    """Warn, once in a process, if training on this CPU would be faster with oneDNN."""
    declined = os.environ.get(onednn.SWITCH, "").lower() in {"0", "false"}
    if declined or not onednn.is_supported() or onednn.onednn_is_on() or tf.config.list_physical_devices("GPU"):
        return
    warnings.warn(
        f"With oneDNN a training step can take 0.6 of the time on this CPU: set {onednn.SWITCH}=1, or import "
        "keras_gan, before TensorFlow and Keras are imported.",
        KerasGANWarning,
        stacklevel=3,
    )
