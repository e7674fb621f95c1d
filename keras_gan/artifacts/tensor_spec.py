"""The name, type and shape of a tensor that goes into an artifact or comes out of it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from pydantic import BaseModel, ConfigDict


class TensorSpec(BaseModel):
    """A named tensor.

    Args:
        name: As in the artifact, such as "z".
        dtype: NumPy's name of the type, such as "float32".
        shape: The dimensions; `None` stands for the batch.

    Example:
    ```python
    TensorSpec(name="z", dtype="float32", shape=(None, 128))
    ```
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    dtype: str
    shape: tuple[int | None, ...]

    def __str__(self) -> str:
        return f"{self.name}: {self.dtype} {self.shape}"

    def fits(self, shape: tuple[int, ...]) -> bool:
        """Whether an array of `shape` may be passed here."""
        return len(shape) == len(self.shape) and all(
            want in (None, got) for want, got in zip(self.shape, shape, strict=True)
        )


Specs = tuple[TensorSpec, ...]

# What a signature that draws z itself takes, one of each for an image; labels come besides.
SEEDS = tuple(
    TensorSpec(name=name, dtype=dtype, shape=(None,))
    for name, dtype in (("seed", "int32"), ("index", "int32"), ("truncation", "float32"))
)


def fill(rows: np.ndarray, size: int) -> np.ndarray:
    """`rows`, filled up to `size` with copies of the last."""
    return rows if len(rows) == size else np.concatenate([rows, np.repeat(rows[-1:], size - len(rows), axis=0)])


def bind(specs: tuple[TensorSpec, ...], inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Match arrays to an engine's inputs, in the order and type that it expects.

    Args:
        specs: The engine's inputs.
        inputs: An array for each, by name.

    Returns:
        The arrays by name, contiguous and of the type of their spec.

    Raises:
        ValueError: If a name is missing or unknown, a shape does not fit, or the numbers of rows differ.
    """
    if set(inputs) != {spec.name for spec in specs}:
        raise ValueError(f"Expected the inputs {[spec.name for spec in specs]}. Received: {sorted(inputs)}")
    bound = {spec.name: np.ascontiguousarray(inputs[spec.name], spec.dtype) for spec in specs}
    rows_of(specs, bound)
    return bound


def rows_of(specs: tuple[TensorSpec, ...], inputs: Mapping[str, np.ndarray]) -> int:
    """The rows that all the arrays of a request have.

    Args:
        specs: What is expected.
        inputs: An array for each, by name.

    Raises:
        ValueError: If a shape does not fit, the numbers of rows differ, or there are none.
    """
    for spec in specs:
        if not spec.fits(inputs[spec.name].shape):
            raise ValueError(f"Expected {spec}. Received: shape {inputs[spec.name].shape}")
    rows = [len(inputs[spec.name]) for spec in specs]
    if len(set(rows)) != 1 or not rows[0]:
        raise ValueError(f"Expected inputs with the same number of rows, at least one. Received: {rows}")
    return rows[0]
