"""Facts about a given network: its output activation, and the normalisation layers in it."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers

# Layers that do not change the range of the values.
RESHAPING = (
    layers.Reshape,
    layers.Flatten,
    layers.Permute,
    layers.Cropping2D,
    layers.GlobalAveragePooling2D,
    layers.Dropout,
)
PROBABILITIES = ("sigmoid", "hard_sigmoid", "softmax")
# Activations for which the graph is enough, and no probe is needed.
OTHERS = ("linear", "tanh", "relu", "leaky_relu", "leakyrelu", "elu", "selu", "gelu", "silu", "softplus")


def output_activation(model: keras.Model) -> str | None:
    """Returns the name of the output activation of `model`: `"sigmoid"`, `"tanh"`, `"linear"`, ...

    Args:
        model: Built model with one output.

    Returns:
        The name, or `None` for a model without a graph (a subclassed model).
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
    """Returns `True` if the outputs of `model` are probabilities instead of logits.

    If the graph shows the activation, it decides. Otherwise, for a subclassed model or a custom function, the model is
    called: inputs times 1000 move logits out of [0, 1], but not the values of a sigmoid.

    Args:
        model: Built model with one output.
        example_inputs: Valid inputs, used if the graph does not show the activation.
    """
    activation = output_activation(model)
    if activation in PROBABILITIES or activation in OTHERS:
        return activation in PROBABILITIES
    found = [model(_scaled(example_inputs, s), training=False) for s in (1.0, 1000.0)]
    firsts = [one[0] if isinstance(one, list | tuple) else one for one in found]
    outputs = [keras.ops.convert_to_numpy(one) for one in firsts]
    values = np.concatenate([np.ravel(output) for output in outputs])
    return bool(np.all((values >= 0) & (values <= 1)) and np.ptp(values) > 0)


def moment_normalizations(model: keras.Model) -> list[str]:
    """Returns the names of the classes of Keras layers in `model`, at any depth, that normalise by mean and variance.

    Keras's moments stop the gradient of the mean. First derivatives are right, but second derivatives are wrong.
    """
    kinds = (layers.BatchNormalization, layers.LayerNormalization, layers.GroupNormalization)
    return sorted({type(layer).__name__ for layer in model._flatten_layers() if isinstance(layer, kinds)})


def _scaled(inputs: Any, scale: float) -> Any:
    return keras.tree.map_structure(
        lambda x: x * scale if "float" in keras.backend.standardize_dtype(x.dtype) else x, inputs
    )


def _is_linear_activation(operation: Any) -> bool:
    return isinstance(operation, layers.Activation) and operation.activation is keras.activations.linear
