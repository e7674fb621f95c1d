"""Signatures and versions of a model on a server, and the model that a request asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from keras_gan.artifacts.tensor_spec import TensorSpec


@dataclass(frozen=True)
class Signature:
    """One way to call a model.

    Args:
        inputs: Specs of the inputs by name.
        outputs: Specs of the outputs by name. PNG files have the dtype "string", as arrays of bytes objects.

    Example:
    ```python
    client.metadata()["generate"].inputs["seed"].dtype
    ```
    """

    inputs: Mapping[str, TensorSpec]
    outputs: Mapping[str, TensorSpec]

    def bind(self, inputs: Mapping[str, object]) -> dict[str, np.ndarray]:
        """Converts inputs to arrays of the right types.

        Raises:
            ValueError: If a name is missing or unknown, or a conversion would change a value.
        """
        if not isinstance(inputs, Mapping):
            names = sorted(self.inputs)
            raise ValueError(f"`inputs` must be a mapping with the names {names}. Received: {type(inputs).__name__}")
        if set(inputs) != set(self.inputs):
            raise ValueError(f"Expected the inputs {sorted(self.inputs)}. Received: {sorted(inputs)}")
        return {name: _array(self.inputs[name], value) for name, value in inputs.items()}


@dataclass(frozen=True)
class VersionStatus:
    """State of a version.

    Args:
        version: Number of the version.
        state: "START", "LOADING", "AVAILABLE", "UNLOADING" or "END".
        error_code: "OK", or the gRPC name of the error. Defaults to "OK".
        error_message: Message of the error. Defaults to "".
    """

    version: int
    state: str
    error_code: str = "OK"
    error_message: str = ""


@dataclass(frozen=True)
class Target:
    """Model, and version, that answers a request.

    Args:
        model: Name of the model.
        version: Number of the version. Defaults to None, the version of `label` or the newest.
        label: Label of the version, such as "stable". Defaults to None.
    """

    model: str
    version: int | None = None
    label: str | None = None


def _array(spec: TensorSpec, value: object) -> np.ndarray:
    try:
        # Not as NumPy's strings, which lose zero bytes at the end.
        array = np.asarray(value, object if spec.dtype == "string" else None)
    except ValueError as error:
        raise ValueError(f"`{spec.name}` must be an array. Received: {type(value).__name__}, {error}") from error
    if spec.dtype == "string":
        return array
    want = np.dtype(spec.dtype)
    # Python's numbers become float64 and int64. They are accepted if their values fit the model's type.
    fits = np.can_cast(array.dtype, want, "same_kind") or (array.dtype.kind in "iu" and want.kind in "iuf")
    with np.errstate(over="ignore"):
        bound = array.astype(want) if fits else array
    if not fits or (want.kind in "iu" and not np.array_equal(bound, array)):
        raise ValueError(f"`{spec.name}` must be {want.name}. Received: {array.dtype}, such as {array.ravel()[:1]}")
    return bound
