"""Preparation of an optimizer for the network that it updates."""

from __future__ import annotations

from collections.abc import Mapping

import keras

from keras_gan.models.fused_adam import fuse_adam
from keras_gan.typing import OptimizerLike


def build_optimizer(identifier: OptimizerLike, network: keras.Model) -> keras.optimizers.Optimizer:
    """Returns a built optimizer of a network's weights.

    Keras scales the loss for float16 only in `model.optimizer`. So an optimizer of a float16 network is wrapped here
    in a `LossScaleOptimizer`, without which small gradients would become 0.

    Args:
        identifier: An optimizer, its name or its serialised form; `None` for `Adam(2e-4, beta_1=0.5)`, DCGAN's.
        network: The network that it will update.

    Raises:
        ValueError: If the optimizer has an unsupported option, or was built for another network.
    """
    optimizer = keras.optimizers.Adam(2e-4, beta_1=0.5) if identifier is None else keras.optimizers.get(identifier)
    inner = getattr(optimizer, "inner_optimizer", optimizer)
    for name in ("use_ema", "gradient_accumulation_steps"):
        if getattr(inner, name, None):
            raise ValueError(
                f"An optimizer with `{name}` is not supported: its averaged weights would not be used, and "
                "accumulated steps would share their noise. Use `ema_momentum` or a larger batch. "
                f"Received: {name}={getattr(inner, name)}"
            )
    half = any(layer.compute_dtype == "float16" for layer in network._flatten_layers())
    if half and not isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
    if not optimizer.built:
        optimizer.build(network.trainable_variables)
    fuse_adam(optimizer)
    known = {id(variable) for variable in getattr(optimizer, "inner_optimizer", optimizer)._trainable_variables}
    if not all(id(variable) in known for variable in network.trainable_variables):
        raise ValueError(
            "An optimizer keeps moments of the weights that it was built for: give each network a new optimizer. "
            f"Received: for {network.name}, {type(optimizer).__name__} of other weights"
        )
    return optimizer


def check_optimizers_differ(optimizers: Mapping[str, OptimizerLike]) -> None:
    """Raises `ValueError` if two networks share one optimizer."""
    given = [optimizer for optimizer in optimizers.values() if isinstance(optimizer, keras.optimizers.Optimizer)]
    if len({id(optimizer) for optimizer in given}) < len(given):
        names = [f"`{name}`" for name in optimizers]
        raise ValueError(
            f"{', '.join(names[:-1])} and {names[-1]} must be {len(names)} objects. Received: the same one twice"
        )
