"""Directions in the latent space of a generator, found from its first layer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from keras_gan import latent
from keras_gan.export.sources.inference import for_inference
from keras_gan.latent import Directions

SAMPLES = 1024
_MOST_CLASSES = 16  # so that each class has enough samples for its mean


def directions_of(
    model: Any, latent_dim: int, num_classes: int | None = None, count: int = 16
) -> dict[str, Directions]:
    """Finds directions in the latent space of a generator by SeFa and by GANSpace's PCA.

    SeFa uses the weights that the first layer applies to z. PCA uses the inputs of the second layer for 1,024 samples
    of z, without the mean of their class.

    Args:
        model: Generator, a built Keras model whose first input is z.
        latent_dim: Length of z.
        num_classes: Number of classes. Defaults to None, no classes.
        count: Largest number of directions of each method. Defaults to 16.

    Returns:
        `Directions` under "sefa" and "pca". Empty if the graph shows no layer with z as its input, as for subclassed
        and nested models.

    Raises:
        ValueError: If `latent_dim` or `num_classes` does not fit the generator, or `count` is below 1.

    Example:
    ```python
    sefa = keras_gan.export.directions_of(gan.generator, gan.latent_dim)["sefa"]
    ```
    """
    model = for_inference(model)
    found = _first_layer(model, latent_dim)
    if found is None:
        return {}
    shapes = [tuple(tensor.shape) for tensor in model.inputs]
    if shapes[0][-1] != latent_dim or len(shapes) != (1 if num_classes is None else 2):
        raise ValueError(
            "`latent_dim` and `num_classes` must be the generator's. "
            f"Received: latent_dim={latent_dim}, num_classes={num_classes}, for inputs of shapes {shapes}"
        )
    kernel, features = found
    if not np.isfinite(kernel).all() or not kernel.any():
        return {}
    z, values = _features_of_samples(model, features, latent_dim, num_classes)
    return {"sefa": latent.sefa(kernel, count), "pca": latent.pca(z, values, count)}


def _features_of_samples(
    model: Any, features: Any, latent_dim: int, num_classes: int | None
) -> tuple[np.ndarray, np.ndarray]:
    """Returns samples of z and their features, without the mean of their class."""
    import keras

    z = latent.sample(SAMPLES, latent_dim)
    inputs = model.inputs[0] if num_classes is None else model.inputs
    first_layers = keras.Model(inputs, features)
    if num_classes is None:
        return z, np.asarray(first_layers.predict(z, batch_size=256, verbose=0)).reshape(SAMPLES, -1)
    labels = (np.arange(SAMPLES) % min(num_classes, _MOST_CLASSES)).astype(np.int32)
    values = np.array(first_layers.predict([z, labels], batch_size=256, verbose=0)).reshape(SAMPLES, -1)
    for label in np.unique(labels):
        values[labels == label] -= values[labels == label].mean(0)
    return z, values


def _first_layer(model: Any, latent_dim: int) -> tuple[np.ndarray, Any] | None:
    """Returns the weights of z, (latent_dim, units), and the input tensor of the next layer with a kernel."""
    if not getattr(model, "inputs", None) or not hasattr(getattr(model, "_functional", model), "_nodes_by_depth"):
        return None
    # The index of z among the features of each tensor that holds it unchanged.
    z_at = {id(model.inputs[0]): 0}
    kernel, from_z = None, set()
    for node in _nodes(model):
        layer, inputs, (output, *_) = node.operation, node.input_tensors, node.outputs
        if kernel is None:
            holder = next((tensor for tensor in inputs if id(tensor) in z_at), None)
            if holder is None:
                continue
            start = z_at[id(holder)]
            if type(layer).__name__ == "Concatenate":
                widths = [tensor.shape[-1] for tensor in inputs]
                at = next(i for i, tensor in enumerate(inputs) if tensor is holder)
                z_at[id(output)] = start + sum(widths[:at])
            elif hasattr(layer, "kernel"):
                kernel = _rows(layer)[start : start + latent_dim]
                from_z.add(id(output))
            elif getattr(layer, "weights", None) == [] and _holds_z(output, holder):  # operations have no `weights`
                z_at[id(output)] = start
            else:
                return None
        elif any(id(tensor) in from_z for tensor in inputs):
            if hasattr(layer, "kernel"):
                return kernel, next(tensor for tensor in inputs if id(tensor) in from_z)
            from_z.add(id(output))
    return None if kernel is None else (kernel, model.outputs[0])


def _nodes(model: Any) -> Iterator[Any]:
    """Yields each call of a layer after those that it depends on, without the inputs."""
    by_depth = getattr(model, "_functional", model)._nodes_by_depth
    for depth in sorted(by_depth, reverse=True):
        yield from (node for node in by_depth[depth] if node.input_tensors)


def _rows(layer: Any) -> np.ndarray:
    """Returns the kernel of a layer as a matrix with a row for each input feature."""
    import keras

    kernel = keras.ops.convert_to_numpy(layer.kernel)
    # The input features are the last axis in Keras's transposed convolutions, the last but one in others.
    axis = kernel.ndim - 1 if "Transpose" in type(layer).__name__ else kernel.ndim - 2
    return np.moveaxis(kernel, axis, 0).reshape(kernel.shape[axis], -1)


def _holds_z(output: Any, holder: Any) -> bool:
    """Returns True if a layer without weights may keep z unchanged: the same features, at one position."""
    return output.shape[-1] == holder.shape[-1] and all(size == 1 for size in output.shape[1:-1])
