"""What a network ends in."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers

# They change the shape or the precision of the last activation's values, not their range.
RESHAPING = (
    layers.Reshape,
    layers.Flatten,
    layers.Permute,
    layers.Cropping2D,
    layers.GlobalAveragePooling2D,
    layers.Dropout,
)
PROBABILITIES = ("sigmoid", "hard_sigmoid", "softmax")
# Activations that Keras's graph names and that no probe need look at.
OTHERS = ("linear", "tanh", "relu", "leaky_relu", "leakyrelu", "elu", "selu", "gelu", "silu", "softplus")


def output_activation(model: keras.Model) -> str | None:
    """The name of the activation that `model` ends in.

    Args:
        model: A built model with one output.

    Returns:
        `"sigmoid"`, `"tanh"`, `"linear"`, ...; or `None` where the graph does not tell (a subclassed model).
    """
    tensor = model.outputs[0] if getattr(model, "outputs", None) else None
    while tensor is not None:
        operation = tensor._keras_history.operation
        if isinstance(operation, keras.Model):
            return output_activation(operation)
        if isinstance(operation, RESHAPING) or _is_linear_activation(operation):
            tensor = operation._inbound_nodes[tensor._keras_history.node_index].input_tensors[0]
            continue
        operation = operation.layer if isinstance(operation, layers.Wrapper) else operation
        activation = getattr(operation, "activation", None)
        return getattr(activation, "__name__", type(operation).__name__.lower())
    return None


def ends_in_sigmoid(model: keras.Model, example_inputs: Any) -> bool:
    """Whether `model`'s outputs are probabilities rather than logits.

    A graph is read. Where it does not tell, as of a subclassed model or a function of the user's own, the model is
    probed: a thousandfold input drives logits out of [0, 1], never a sigmoid.

    Args:
        model: A built model with one output.
        example_inputs: Inputs such as the model takes, used where the graph does not tell.
    """
    activation = output_activation(model)
    if activation in PROBABILITIES or activation in OTHERS:
        return activation in PROBABILITIES
    outputs = [keras.ops.convert_to_numpy(model(_scaled(example_inputs, s), training=False)) for s in (1.0, 1000.0)]
    values = np.concatenate([np.ravel(output) for output in outputs])
    return bool(np.all((values >= 0) & (values <= 1)) and np.ptp(values) > 0)


def moment_normalizations(model: keras.Model) -> list[str]:
    """The classes of Keras's layers in `model`, however deep, that normalise by mean and variance.

    Keras's moments stop the gradient of the mean, which leaves first derivatives right and second ones wrong.
    """
    kinds = (layers.BatchNormalization, layers.LayerNormalization, layers.GroupNormalization)
    return sorted({type(layer).__name__ for layer in model._flatten_layers() if isinstance(layer, kinds)})


def _scaled(inputs: Any, scale: float) -> Any:
    return keras.tree.map_structure(
        lambda x: x * scale if "float" in keras.backend.standardize_dtype(x.dtype) else x, inputs
    )


def _is_linear_activation(operation: Any) -> bool:
    return isinstance(operation, layers.Activation) and operation.activation is keras.activations.linear
