"""Names, types and shapes of an artifact's inputs and outputs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from pydantic import BaseModel, ConfigDict


class TensorSpec(BaseModel):
    """Specification of a named tensor.

    Args:
        name: Name in the artifact, such as "z".
        dtype: NumPy's name of the type, such as "float32".
        shape: Dimensions, the batch first. None stands for any size.

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
        """Returns True if an array of `shape` fits this specification."""
        wanted = self.shape
        if len(shape) != len(wanted):
            return False
        for want, got in zip(wanted, shape, strict=True):  # noqa: SIM110 (`all` takes twice as long, in each request)
            if want is not None and want != got:
                return False
        return True


class UnrankedSpec(TensorSpec):
    """Specification of a tensor of any number of dimensions, which only SavedModels have. Its `shape` is ()."""

    shape: tuple[int | None, ...] = ()

    def __str__(self) -> str:
        return f"{self.name}: {self.dtype} of any shape"

    def fits(self, shape: tuple[int, ...]) -> bool:
        """Returns True."""
        return True


Specs = tuple[TensorSpec, ...]

# Inputs of the signature `generate`, one number of each for an image. A conditional generator also takes `labels`.
SEEDS = tuple(
    TensorSpec(name=name, dtype=dtype, shape=(None,))
    for name, dtype in (("seed", "int32"), ("index", "int32"), ("truncation", "float32"))
)


def fill(rows: np.ndarray, size: int) -> np.ndarray:
    """Returns `rows` padded to `size` with copies of the last row."""
    return rows if len(rows) == size else np.concatenate([rows, np.repeat(rows[-1:], size - len(rows), axis=0)])


def bind(specs: tuple[TensorSpec, ...], inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Converts arrays to the order and types of an engine's inputs.

    Args:
        specs: Inputs of the engine.
        inputs: One array for each input, by name. Strings are bytes objects.

    Returns:
        Contiguous arrays by name, in the order of `specs`.

    Raises:
        ValueError: If a name is missing or unknown, or a shape does not fit.
    """
    if set(inputs) != {spec.name for spec in specs}:
        raise ValueError(f"Expected the inputs {[spec.name for spec in specs]}. Received: {sorted(inputs)}")
    # Not `ascontiguousarray`, which gives a scalar a dimension.
    bound = {
        spec.name: np.asarray(inputs[spec.name], object if spec.dtype == "string" else spec.dtype, order="C")
        for spec in specs
    }
    check_shapes(specs, bound)
    return bound


def check_shapes(specs: tuple[TensorSpec, ...], inputs: Mapping[str, np.ndarray]) -> None:
    """Raises ValueError if the shape of an array does not fit its specification."""
    for spec in specs:
        if not spec.fits(inputs[spec.name].shape):
            raise ValueError(f"Expected {spec}. Received: shape {inputs[spec.name].shape}")


def rows_of(inputs: Mapping[str, np.ndarray]) -> int:
    """Returns the number of rows that all arrays of a batch have.

    Args:
        inputs: Arrays of at least one dimension, by name.

    Raises:
        ValueError: If the arrays are empty or differ in their rows.
    """
    rows = [len(array) for array in inputs.values()]
    if len(set(rows)) != 1 or not rows[0]:
        raise ValueError(f"Expected inputs with the same number of rows, at least one. Received: {rows}")
    return rows[0]
