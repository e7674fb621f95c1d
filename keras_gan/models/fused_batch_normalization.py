"""Batch normalisation in one operation, instead of ten that each read and write memory."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from keras_gan.typing import Tensor


def fuse_batch_normalization(network: keras.Model, enabled: bool = True) -> None:
    """Let Keras's batch normalisation of images train by TensorFlow's fused operation, which has the same formula.

    The layers keep their class, variables and file format. Inference is not changed, nor are layers with
    `synchronized` or `renorm`, with a mask, of frozen weights or of other ranks.

    Args:
        network: Built model.
        enabled: `False` to return to Keras's own operations. The fused operation has no second derivative, which
            gradient penalties need. Defaults to `True`.
    """
    for layer in network._flatten_layers():
        if type(layer) is keras.layers.BatchNormalization and not (layer.synchronized or layer.renorm):
            vars(layer).pop("call", None)
            if enabled:
                # Not as an attribute of Keras, which would track it.
                vars(layer)["call"] = _fused_call(layer)


def _fused_call(layer: keras.layers.BatchNormalization) -> Any:
    unfused = type(layer).call

    def call(inputs: Tensor, training: bool | None = None, mask: Tensor | None = None) -> Tensor:
        in_training = training and layer.trainable and mask is None
        if not in_training or len(inputs.shape) != 4 or layer.axis not in (-1, 3):
            return unfused(layer, inputs, training=training, mask=mask)
        x = tf.cast(inputs, tf.float32)
        channels = x.shape[-1]
        y, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
            x=x,
            scale=tf.cast(layer.gamma, tf.float32) if layer.scale else tf.ones(channels),
            offset=tf.cast(layer.beta, tf.float32) if layer.center else tf.zeros(channels),
            mean=tf.zeros(0),
            variance=tf.zeros(0),
            epsilon=layer.epsilon,
        )
        # The operation returns the unbiased variance. Keras averages the biased one.
        count = tf.cast(tf.size(x) // channels, tf.float32)
        variance *= (count - 1.0) / count
        for average, value in ((layer.moving_mean, mean), (layer.moving_variance, variance)):
            average.assign(average * layer.momentum + tf.cast(value, average.dtype) * (1.0 - layer.momentum))
        return tf.cast(y, layer.compute_dtype)

    return call
