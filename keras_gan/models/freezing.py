"""FreezeD: the first layers of a trained discriminator stay as they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras


def first_layers(discriminator: keras.Model, count: int) -> list[keras.layers.Layer]:
    """Returns the first layers of a discriminator that see the image, with their normalisations.

    Layers with a kernel are counted. Embeddings of labels are not.

    Args:
        discriminator: Functional Keras model whose first input is the image.
        count: Number of layers with a kernel, at least 1.

    Raises:
        ValueError: If the discriminator has not more layers than that, or Keras does not know its graph.
    """
    if not hasattr(getattr(discriminator, "_functional", discriminator), "_nodes_by_depth"):
        raise ValueError(
            "`freeze_d` needs a functional discriminator. Set `layer.trainable = False` of the layers instead. "
            f"Received: {discriminator.name!r}, of class {type(discriminator).__name__}"
        )
    found: list[keras.layers.Layer] = []
    kernels = 0
    for layer in _layers_from_image(discriminator):
        kernels += any(len(variable.shape) > 1 for variable in layer.weights)
        if kernels > count:
            return found
        found.append(layer)
    raise ValueError(
        f"`freeze_d` must be below the number of layers of {discriminator.name!r}, {kernels}. "
        f"Received: freeze_d={count}"
    )


def _layers_from_image(discriminator: keras.Model) -> Iterator[keras.layers.Layer]:
    """Yields the layers with weights whose inputs depend on the image, in the order of the graph."""
    by_depth: dict[int, list[Any]] = getattr(discriminator, "_functional", discriminator)._nodes_by_depth
    from_image = {id(discriminator.inputs[0])}
    for depth in sorted(by_depth, reverse=True):
        for node in by_depth[depth]:
            if any(id(tensor) in from_image for tensor in node.input_tensors):
                from_image |= {id(tensor) for tensor in node.outputs}
                if getattr(node.operation, "weights", None):
                    yield node.operation
