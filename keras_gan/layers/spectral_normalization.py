"""Spectral normalisation of the weights of a layer."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_gan.typing import Tensor


@keras.saving.register_keras_serializable("keras_gan")
class SpectralNormalization(keras.layers.Wrapper):
    """Wrapper of a layer that divides its kernel W by its spectral norm sigma(W), the largest singular value.

    sigma is computed by power iteration (algorithm 1), with W reshaped to (output channels, all other dimensions):

        v = W^T u / |W^T u|,  u = W v / |W v|,  sigma = u^T W v

    u is a non-trainable weight that is saved. Each call in training updates u by `power_iterations` steps. Inference
    uses the stored u and writes nothing.

    Differences from `keras.layers.SpectralNormalization`, which overwrites the kernel at each call in training:

    - The variable stays W: the optimizer updates W.
    - The gradient passes through sigma (equation 12).
    - In mixed precision sigma is computed in float32.

    Args:
        layer: Layer that has a `kernel` and is called with one tensor, such as `Dense`, `Conv2D`, `Conv2DTranspose` or
            `DepthwiseConv2D`.
        power_iterations: Number of steps in each call in training. Defaults to 1, as in the paper.
        epsilon: Lower limit of norms and of sigma. Defaults to 1e-12.
        **kwargs: Arguments of `keras.layers.Layer`, except `dtype`, which is that of the layer.

    Raises:
        ValueError: If `power_iterations` is not a positive integer, `epsilon` is not positive, or the layer has no
            kernel.

    Example:
    ```python
    x = keras_gan.layers.SpectralNormalization(keras.layers.Conv2D(64, 3))(images)
    ```

    Reference:
        [Miyato et al., 2018, Spectral Normalization for Generative Adversarial
        Networks](https://arxiv.org/abs/1802.05957), equations 8, 11 and 12, algorithm 1.
    """

    def __init__(
        self, layer: keras.layers.Layer, power_iterations: int = 1, epsilon: float = 1e-12, **kwargs: Any
    ) -> None:
        if not isinstance(power_iterations, int) or power_iterations < 1:
            raise ValueError(
                f"`power_iterations` must be an integer, at least 1. Received: power_iterations={power_iterations}"
            )
        if not epsilon > 0:
            raise ValueError(f"`epsilon` must be positive. Received: epsilon={epsilon}")
        # The wrapped layer casts its inputs. The power iteration stays in float32, so `autocast` is off.
        super().__init__(layer, dtype=getattr(layer, "variable_dtype", None), autocast=False, **kwargs)
        self.power_iterations = power_iterations
        self.epsilon = epsilon

    @property
    def kernel(self) -> Any:
        """Kernel W of the layer."""
        return getattr(self.layer, "kernel", None)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Builds the layer, and creates u."""
        super().build(input_shape)
        if not isinstance(self.kernel, keras.Variable):
            raise ValueError(
                "`layer` must have a variable named `kernel`, and no LoRA. "
                f"Received: layer={self.layer.name!r}, a {type(self.layer).__name__}"
            )
        self.u = self.add_weight(
            shape=(self._matrix(self.kernel).shape[0],),
            initializer=_unit_vector,
            trainable=False,
            dtype=keras.backend.result_type(self.kernel.dtype, "float32"),
            aggregation="only_first_replica",  # all replicas compute the same u
            name="u",
        )

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        """Calls the layer with the normalised kernel.

        Args:
            inputs: Inputs of the layer.
            training: `True` to update u. Defaults to `False`.
        """
        kernel = self.normalized_kernel(training)
        # The scope replaces the kernel's value in this thread only. The variable does not change.
        values = [(v, kernel if v is self.kernel else v.value) for v in self.layer.variables]
        with keras.StatelessScope(values, initialize_variables=False):
            return self.layer(inputs)

    def normalized_kernel(self, training: bool = False) -> Tensor:
        """Returns W / sigma, in the kernel's shape and dtype.

        Args:
            training: `True` to update u. Defaults to `False`.
        """
        kernel = ops.cast(ops.convert_to_tensor(self.kernel), self.u.dtype)
        matrix = self._matrix(kernel)
        constant = ops.stop_gradient(matrix)
        u = ops.convert_to_tensor(self.u)
        v = self._unit(ops.matmul(u, constant))
        if training:
            u = self._unit(ops.matmul(constant, v))
            for _ in range(self.power_iterations - 1):
                v = self._unit(ops.matmul(u, constant))
                u = self._unit(ops.matmul(constant, v))
            self.u.assign(u)
        sigma = ops.sum(u * ops.matmul(matrix, v))
        return ops.cast(kernel / ops.maximum(sigma, self.epsilon), self.kernel.dtype)

    def compute_output_spec(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Returns the layer's output spec."""
        return self.layer.compute_output_spec(inputs)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Returns the layer's output shape."""
        return tuple(self.layer.compute_output_shape(input_shape))

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of `__init__`."""
        config = super().get_config() | {"power_iterations": self.power_iterations, "epsilon": self.epsilon}
        return {key: value for key, value in config.items() if key != "dtype"}

    def _unit(self, x: Any) -> Any:
        return x / ops.maximum(ops.norm(x), self.epsilon)

    def _matrix(self, kernel: Any) -> Any:
        """Returns the kernel as (output channels, all other dimensions)."""
        if isinstance(self.layer, keras.layers.DepthwiseConv1D | keras.layers.DepthwiseConv2D):
            kernel = ops.reshape(kernel, (*kernel.shape[:-2], -1))
        transposed = isinstance(self.layer, keras.layers.Conv1DTranspose | keras.layers.Conv2DTranspose)
        return _channels_first(kernel, -2 if transposed else -1)


def fold_spectral_normalization(model: keras.Model) -> keras.Model:
    """Returns a copy of a model with each `SpectralNormalization` replaced by a plain layer with the kernel W / sigma.

    In inference the copy computes the same as the model, without power iteration and without classes of this package.

    Args:
        model: Functional or sequential model, possibly nested. It does not change.

    Returns:
        The copy. A replaced layer has the name of its wrapper.

    Raises:
        ValueError: If a `SpectralNormalization` is inside of another layer, or of a subclassed model.

    Example:
    ```python
    plain = keras_gan.layers.fold_spectral_normalization(discriminator)
    ```
    """
    pairs: list[tuple[keras.layers.Layer, keras.layers.Layer]] = []

    def copy(operation: Any) -> Any:
        original = operation.layer if isinstance(operation, SpectralNormalization) else operation
        twin = type(original).from_config(original.get_config() | {"name": operation.name})
        if isinstance(operation, keras.layers.Layer):
            pairs.append((operation, twin))
            _refuse_hidden(twin)
        return twin

    folded = keras.models.clone_model(model, clone_function=copy, recursive=True)
    for original, twin in pairs:
        if isinstance(original, SpectralNormalization):
            twin.set_weights(original.layer.get_weights())
            twin.kernel.assign(original.normalized_kernel())
        else:
            twin.set_weights(original.get_weights())
    return folded


def _refuse_hidden(layer: Any) -> None:
    if any(isinstance(inner, SpectralNormalization) for inner in layer._flatten_layers()):
        raise ValueError(
            "Each `SpectralNormalization` must be a layer of the graph of `model`, or of a functional model in it. "
            f"Received: one inside of {layer.name!r}, a {type(layer).__name__}"
        )


def _channels_first(kernel: Any, axis: int) -> Any:
    kernel = ops.moveaxis(kernel, axis, 0)
    return ops.reshape(kernel, (kernel.shape[0], -1))


def _unit_vector(shape: tuple[int, ...], dtype: Any = None) -> Any:
    x = keras.initializers.RandomNormal()(shape, dtype)
    return x / ops.norm(x)
