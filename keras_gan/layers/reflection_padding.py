"""Reflection padding."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_gan.typing import Tensor


@keras.saving.register_keras_serializable("keras_gan")
class ReflectionPadding2D(keras.layers.Layer):
    """Pads images with their reflection, without repeating the border: c b | a b c | b a.

    Args:
        padding: Number of pixels on every side, or ((top, bottom), (left, right)). Defaults to 1.
        **kwargs: Arguments of `keras.layers.Layer`.

    Raises:
        ValueError: If `padding` has another form, or the image is not larger than the padding.

    Example:
    ```python
    x = keras_gan.layers.ReflectionPadding2D(3)(images)
    x = keras.layers.Conv2D(64, 7)(x)  # same height and width as the images
    ```
    """

    def __init__(self, padding: int | tuple[tuple[int, int], tuple[int, int]] = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.padding = _sides(padding)
        self.input_spec = keras.layers.InputSpec(ndim=4)

    def call(self, inputs: Tensor) -> Tensor:
        """Returns the padded images.

        Args:
            inputs: Tensor (batch, height, width, channels). Only the channels must be known.
        """
        self._check(inputs.shape)
        return ops.pad(inputs, ((0, 0), *self.padding, (0, 0)), mode="reflect")

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Returns the shape with the padding added."""
        self._check(input_shape)
        batch, *sizes, channels = input_shape
        padded = [None if n is None else n + sum(p) for n, p in zip(sizes, self.padding, strict=True)]
        return (batch, *padded, channels)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of `__init__`."""
        return super().get_config() | {"padding": self.padding}

    def _check(self, shape: tuple[int | None, ...]) -> None:
        for size, padding in zip(shape[1:3], self.padding, strict=True):
            if size is not None and size <= max(padding):
                raise ValueError(
                    f"`inputs` must be larger than the padding, {self.padding} for {self.name!r}, as the border "
                    f"itself is not repeated. Received: shape={tuple(shape)}"
                )


def _sides(padding: Any) -> tuple[tuple[int, int], tuple[int, int]]:
    try:
        (top, bottom), (left, right) = ((padding, padding),) * 2 if isinstance(padding, int) else padding
        valid = all(isinstance(side, int) and side >= 0 for side in (top, bottom, left, right))
    except (TypeError, ValueError):
        valid = False
    if not valid:
        raise ValueError(
            "`padding` must be a number of pixels, or ((top, bottom), (left, right)), at least 0. "
            f"Received: padding={padding!r}"
        )
    return (top, bottom), (left, right)
