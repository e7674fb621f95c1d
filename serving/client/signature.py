"""What a server says of a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from keras_gan.artifacts.tensor_spec import TensorSpec


@dataclass(frozen=True)
class Signature:
    """One way to call a model.

    Args:
        inputs: What it takes, by name.
        outputs: What it returns, by name. PNG files are of dtype "string": arrays of bytes objects.

    Example:
    ```python
    client.metadata()["generate"].inputs["seed"].dtype
    ```
    """

    inputs: Mapping[str, TensorSpec]
    outputs: Mapping[str, TensorSpec]

    def bind(self, inputs: Mapping[str, object]) -> dict[str, np.ndarray]:
        """Make arrays of the right types.

        Raises:
            ValueError: If a name is missing or unknown, or a type would lose what it holds.
        """
        if not isinstance(inputs, Mapping):
            names = sorted(self.inputs)
            raise ValueError(f"`inputs` must be arrays by their names, {names}. Received: {type(inputs).__name__}")
        if set(inputs) != set(self.inputs):
            raise ValueError(f"Expected the inputs {sorted(self.inputs)}. Received: {sorted(inputs)}")
        return {name: _array(self.inputs[name], value) for name, value in inputs.items()}


@dataclass(frozen=True)
class VersionStatus:
    """What has become of a version.

    Args:
        version: The number.
        state: "START", "LOADING", "AVAILABLE", "UNLOADING" or "END".
        error_code: "OK", or why it could not be loaded.
        error_message: The same in words.
    """

    version: int
    state: str
    error_code: str = "OK"
    error_message: str = ""


def _array(spec: TensorSpec, value: object) -> np.ndarray:
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ValueError(
            f"`{spec.name}` must be an array. Received: {type(value).__name__}, of which {error}"
        ) from error
    if spec.dtype == "string":
        return array.astype(object)
    want = np.dtype(spec.dtype)
    # Python's numbers are float64 and int64, which are meant for what the model takes as long as they fit into it.
    fits = np.can_cast(array.dtype, want, "same_kind") or (array.dtype.kind in "iu" and want.kind in "iuf")
    with np.errstate(over="ignore"):
        bound = array.astype(want) if fits else array
    if not fits or (want.kind in "iu" and not np.array_equal(bound, array)):
        raise ValueError(f"`{spec.name}` must be {want.name}. Received: {array.dtype}, such as {array.ravel()[:1]}")
    return bound
