"""What a server says of a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from keras_gan.serving.engines.specs import TensorSpec

# TensorFlow's numbers and names of types, and NumPy's; of those that a generator takes or gives.
DTYPES = {
    "DT_FLOAT": (1, "float32"),
    "DT_DOUBLE": (2, "float64"),
    "DT_INT32": (3, "int32"),
    "DT_UINT8": (4, "uint8"),
    "DT_INT16": (5, "int16"),
    "DT_INT8": (6, "int8"),
    "DT_STRING": (7, "object"),
    "DT_INT64": (9, "int64"),
    "DT_BOOL": (10, "bool"),
    "DT_UINT16": (17, "uint16"),
    "DT_HALF": (19, "float16"),
    "DT_UINT32": (22, "uint32"),
    "DT_UINT64": (23, "uint64"),
}


@dataclass(frozen=True)
class Signature:
    """One way to call a model.

    Args:
        inputs: What it takes, by name.
        outputs: What it returns, by name. PNG files are of dtype "object": NumPy's arrays of bytes.

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
    want = np.dtype(spec.dtype)
    if want.kind == "O":
        return array.astype(object)
    # Python's numbers are float64 and int64, which are meant for what the model takes as long as they fit into it.
    fits = np.can_cast(array.dtype, want, "same_kind") or (array.dtype.kind in "iu" and want.kind in "iuf")
    with np.errstate(over="ignore"):
        bound = array.astype(want) if fits else array
    if not fits or (want.kind in "iu" and not np.array_equal(bound, array)):
        raise ValueError(f"`{spec.name}` must be {want.name}. Received: {array.dtype}, such as {array.ravel()[:1]}")
    return bound
