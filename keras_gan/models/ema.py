"""The exponential moving average of a generator's weights, which draws better than the generator itself."""

from __future__ import annotations

import numbers
from typing import Any

import keras
import tensorflow as tf

from keras_gan.schedules import HalfLife


def checked(momentum: Any) -> float | HalfLife | None:
    """`ema_momentum` as `compile` takes it.

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


def twin(network: keras.Model) -> keras.Model:
    """A network that begins as a copy of another and is not trained by gradients.

    Raises:
        ValueError: If Keras cannot make a copy of it.
    """
    # Each replica computes the same average, so the first one's may be assigned to all.
    with tf.variable_creator_scope(_of_first_replica):
        copy = keras.models.clone_model(network)
        if not copy.built:
            copy.build_from_config(network.get_build_config())
    if [v.shape for v in copy.variables] != [v.shape for v in network.variables]:
        raise ValueError(
            "`ema_momentum` needs a generator of which Keras can make a copy: a functional model, or a subclass whose "
            f"`get_config` describes it whole. Received: {network.name!r}, of class {type(network).__name__}"
        )
    copy.set_weights(network.get_weights())
    copy.trainable = False
    return copy


def momentum_of(momentum: float | HalfLife, updates: Any, batch_size: Any) -> Any:
    """The momentum of one update.

    A number is not used at once, lest the average remember the untrained network for 1 / (1 - momentum) updates and
    more: update t, counted from 0, has at most (1 + t) / (10 + t), as `tf.train.ExponentialMovingAverage` has it.

    Args:
        momentum: What `checked` returned, not `None`.
        updates: How many updates the average has had.
        batch_size: Images in each.

    Returns:
        A float32 scalar in [0, 1).
    """
    if isinstance(momentum, HalfLife):
        return momentum(updates, batch_size)
    updates = tf.cast(updates, tf.float32)
    return tf.minimum(momentum, (1.0 + updates) / (10.0 + updates))


def update(average: keras.Model, network: keras.Model, momentum: Any) -> None:
    """Move an average towards a network: average = momentum * average + (1 - momentum) * weight.

    What is not trained by gradients is copied: counters and random states, the statistics of batch normalisation and
    the vector of spectral normalisation's power iteration, of which an average would be none.

    Args:
        average: What `twin` made of the network.
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
