"""Dividing a layer's kernel by its largest singular value."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable("keras_gan")
class SpectralNormalization(keras.layers.Wrapper):
    """Let a layer compute with W / sigma(W), where sigma(W) is the spectral norm of its kernel W.

    Unlike `keras.layers.SpectralNormalization`, which overwrites the kernel at each call in training, the variable
    stays W: the optimizer updates W, and the gradient passes through sigma as well (the paper's equation 12). Unlike
    it, too, a network in mixed precision finds sigma in float32.

    sigma is found by power iteration (algorithm 1): v = W^T u / |W^T u|, u = W v / |W v|, sigma = u^T W v, W being
    reshaped to (output channels, all the rest). u is a weight that is saved, but not trained. Each call in training
    takes u on by `power_iterations` steps. In inference nothing is written: sigma = u^T W v by the u that is stored.

    Args:
        layer: A layer that has a `kernel` and is called with one tensor: `Dense`, `Conv2D`, `Conv2DTranspose`,
            `DepthwiseConv2D`, and others like them.
        power_iterations: Steps in each call in training. Defaults to 1, as in the paper.
        epsilon: The least that a norm, and sigma, is taken to be. Defaults to 1e-12.
        **kwargs: As `keras.layers.Layer`, without `dtype`, which is the layer's.

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
        # The layer casts its own inputs. What is computed here is not half precision's, so nothing is cast for it.
        super().__init__(layer, dtype=getattr(layer, "variable_dtype", None), autocast=False, **kwargs)
        self.power_iterations = power_iterations
        self.epsilon = epsilon

    @property
    def kernel(self) -> Any:
        """The layer's own kernel, W."""
        return getattr(self.layer, "kernel", None)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Build the layer, and create u."""
        super().build(input_shape)
        if not isinstance(self.kernel, keras.Variable):
            raise ValueError(
                "`layer` must have a variable called `kernel`, and no LoRA. "
                f"Received: layer={self.layer.name!r}, a {type(self.layer).__name__}"
            )
        self.u = self.add_weight(
            shape=(self._matrix(self.kernel).shape[0],),
            initializer=_unit_vector,
            trainable=False,
            dtype=keras.backend.result_type(self.kernel.dtype, "float32"),
            aggregation="only_first_replica",  # every replica finds the same one
            name="u",
        )

    def call(self, inputs: Any, training: bool = False) -> Any:
        """What the layer makes of `inputs` by the normalised kernel.

        Args:
            inputs: As the layer's.
            training: Whether to take u on. Defaults to `False`.
        """
        kernel = self.normalized_kernel(training)
        # In this scope, of this thread alone, the kernel has another value. Nothing is written to the variable.
        values = [(v, kernel if v is self.kernel else v.value) for v in self.layer.variables]
        with keras.StatelessScope(values, initialize_variables=False):
            return self.layer(inputs)

    def normalized_kernel(self, training: bool = False) -> Any:
        """W / sigma, a tensor of the kernel's shape and dtype.

        Args:
            training: Whether to take u on. Defaults to `False`.
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
        """The layer's."""
        return self.layer.compute_output_spec(inputs)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """The layer's."""
        return tuple(self.layer.compute_output_shape(input_shape))

    def get_config(self) -> dict[str, Any]:
        """The arguments of `__init__`."""
        config = super().get_config() | {"power_iterations": self.power_iterations, "epsilon": self.epsilon}
        return {key: value for key, value in config.items() if key != "dtype"}

    def _unit(self, x: Any) -> Any:
        return x / ops.maximum(ops.norm(x), self.epsilon)

    def _matrix(self, kernel: Any) -> Any:
        """The kernel as (output channels, all the rest)."""
        if isinstance(self.layer, keras.layers.DepthwiseConv1D | keras.layers.DepthwiseConv2D):
            kernel = ops.reshape(kernel, (*kernel.shape[:-2], -1))
        transposed = isinstance(self.layer, keras.layers.Conv1DTranspose | keras.layers.Conv2DTranspose)
        return _channels_first(kernel, -2 if transposed else -1)


def fold_spectral_normalization(model: keras.Model) -> keras.Model:
    """Copy a model, each `SpectralNormalization` in it replaced by a plain layer whose kernel is W / sigma.

    The copy gives what the model gives in inference, without the power iteration and without a class of ours.

    Args:
        model: A functional or sequential model, possibly of such models. It is left as it is.

    Returns:
        The copy. A replaced layer has the name of the wrapper.

    Raises:
        ValueError: If a `SpectralNormalization` is inside of another layer, or of a model of the user's own class.

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
            "`model` must have each `SpectralNormalization` as a layer of its own graph, or of a functional model in "
            f"it. Received: one inside of {layer.name!r}, a {type(layer).__name__}"
        )


def _channels_first(kernel: Any, axis: int) -> Any:
    kernel = ops.moveaxis(kernel, axis, 0)
    return ops.reshape(kernel, (kernel.shape[0], -1))


def _unit_vector(shape: tuple[int, ...], dtype: Any = None) -> Any:
    x = keras.initializers.RandomNormal()(shape, dtype)
    return x / ops.norm(x)
