"""Exponential moving average of a network's weights; the averaged generator makes better images than the generator."""

from __future__ import annotations

import numbers
from typing import Any

import keras
import tensorflow as tf

from keras_gan.schedules import HalfLife
from keras_gan.typing import MomentumLike, Tensor


def get_momentum(momentum: MomentumLike) -> float | HalfLife | None:
    """Returns the momentum that `compile(ema_momentum=...)` received, deserialised if needed.

    Args:
        momentum: A number from 0 to below 1, a `HalfLife` or its serialised form, or `None`.

    Raises:
        ValueError: If it is none of those.
    """
    if isinstance(momentum, dict):
        momentum = keras.saving.deserialize_keras_object(momentum)
    if momentum is None or isinstance(momentum, HalfLife):
        return momentum
    if isinstance(momentum, bool) or not isinstance(momentum, numbers.Real) or not 0 <= float(momentum) < 1:
        raise ValueError(
            "`ema_momentum` must be from 0 to below 1, such as 0.999, or a keras_gan.schedules.HalfLife. "
            f"Received: ema_momentum={momentum!r}"
        )
    return float(momentum)


def copy_network(network: keras.Model) -> keras.Model:
    """Returns a copy of a network, which no gradient trains.

    Raises:
        ValueError: If Keras cannot copy it.
    """
    # Each replica computes the same average, so TensorFlow may copy the first replica's to all.
    with tf.variable_creator_scope(_of_first_replica):
        copy = keras.models.clone_model(network)
        if not copy.built:
            copy.build_from_config(network.get_build_config())
    if [v.shape for v in copy.variables] != [v.shape for v in network.variables]:
        raise ValueError(
            "`ema_momentum` needs a generator that Keras can copy: a functional model, or a subclass whose "
            f"`get_config` describes it fully. Received: {network.name!r}, of class {type(network).__name__}"
        )
    copy.set_weights(network.get_weights())
    copy.trainable = False
    return copy


def momentum_at(momentum: float | HalfLife, updates: Tensor, batch_size: int | Tensor) -> Tensor:
    """Returns the momentum of one update.

    Early updates use a smaller momentum than a constant one, so that the average forgets the initial weights: update
    t, counted from 0, uses at most (1 + t) / (10 + t), as `tf.train.ExponentialMovingAverage` does.

    Args:
        momentum: Momentum that `get_momentum` returned, not `None`.
        updates: Number of updates that the average has had.
        batch_size: Number of images in each update.

    Returns:
        A float32 scalar in [0, 1).
    """
    if isinstance(momentum, HalfLife):
        return momentum(updates, batch_size)
    updates = tf.cast(updates, tf.float32)
    return tf.minimum(momentum, (1.0 + updates) / (10.0 + updates))


def update(average: keras.Model, network: keras.Model, momentum: Tensor) -> None:
    """Update an average: average = momentum * average + (1 - momentum) * weight.

    Variables that no gradient trains are copied. The mean of a counter, of a random state or of spectral
    normalisation's vector has no meaning. Batch normalisation's statistics are moving averages already.

    Args:
        average: Copy of the network, which `copy_network` made.
        network: The network that is trained.
        momentum: A float32 scalar.
    """
    trained = {id(variable) for variable in network.trainable_variables}
    for mean, variable in zip(average.variables, network.variables, strict=True):
        value = tf.convert_to_tensor(variable)
        averaged = id(variable) in trained
        mean.assign(mean + tf.cast(1.0 - momentum, value.dtype) * (value - mean) if averaged else value)


def _of_first_replica(next_creator: Any, **kwargs: Any) -> Any:
    return next_creator(**{**kwargs, "aggregation": tf.VariableAggregation.ONLY_FIRST_REPLICA})
