"""The JSON of a predict request, to tensors: rows ("instances") or columns ("inputs").

https://www.tensorflow.org/tfx/serving/api_rest. The messages are TensorFlow Serving's, word for word, as clients look
for them. Most requests are strict JSON of numbers, which `json_numbers.py` reads at once; this knows every rule.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from keras_gan.artifacts.tensor_spec import TensorSpec
from keras_gan.serving.dtypes import BY_NUMPY, LIMITS
from keras_gan.serving.errors import ServingError, invalid
from keras_gan.serving.rest import json_numbers
from keras_gan.serving.rest.json_reader import MISSING, Object, debug_text, read

Format = Literal["row", "columnar"]
Inputs = tuple[TensorSpec, ...]


@dataclass(frozen=True)
class Request:
    """What a body asks for.

    Args:
        format: "row" for "instances", "columnar" for "inputs"; the answer has the same.
        signature: As in the body; "" stands for the default.
        inputs: An array for each input; of strings, an array of bytes objects.
    """

    format: Format
    signature: str
    inputs: dict[str, np.ndarray]


def decode(body: bytes, inputs_of: Callable[[str], Inputs]) -> Request:
    """Read the body of a predict request.

    Args:
        body: The JSON.
        inputs_of: Gives the inputs of a signature by its name; raises `ServingError` if there is none.

    Returns:
        The `Request`.

    Raises:
        ServingError: If the body is wrong, with TensorFlow Serving's message.
    """
    quick = json_numbers.decode(body, inputs_of)
    return decode_thoroughly(body, inputs_of) if quick is None else Request(*quick)


def decode_thoroughly(body: bytes, inputs_of: Callable[[str], Inputs]) -> Request:
    """As `decode`, one value after another."""
    document = read(body)
    if not isinstance(document, Object):
        raise _wrong(document, "Is not object")
    signature = document.find("signature_name")
    if signature is not MISSING and not isinstance(signature, str):
        raise _wrong(document, "not formatted correctly. 'signature_name' key must be a string value.")
    name: str = "" if signature is MISSING else signature
    specs = inputs_of(name)
    instances, inputs = document.find("instances"), document.find("inputs")
    if instances is not MISSING and inputs is not MISSING:
        raise _wrong(document, "Not formatted correctly expecting only one of 'inputs' or 'instances' keys to exist ")
    if instances is not MISSING:
        if not isinstance(instances, list) or isinstance(instances, Object):
            raise _wrong(document, "Expecting 'instances' to be an list/array")
        if not instances:
            raise _wrong(document, "No values in 'instances' array")
        return Request("row", name, _rows(instances, specs))
    if inputs is not MISSING:
        return Request("columnar", name, _inputs(inputs, specs))
    raise invalid("Missing 'inputs' or 'instances' key")


def _wrong(value: Any, what: str) -> ServingError:
    return invalid(f"JSON Value: {debug_text(value)} {what}")


def _rows(instances: list[Any], specs: Inputs) -> dict[str, np.ndarray]:
    if len(specs) > 1 and not isinstance(instances[0], Object):
        raise invalid(
            "instances is a plain list, but expecting list of objects as multiple input tensors required as per "
            "tensorinfo_map"
        )
    tensors = {spec.name: _Rows(spec.dtype) for spec in specs}
    named = _names_inputs(instances[0])
    for i, element in enumerate(instances):
        if named != _names_inputs(element):
            wanted = "object but got list" if named else "value/list but got object"
            raise invalid(f"Expecting {wanted} at item {i} of input list")
        members = element if named else [(specs[0].name, element)]
        for name, value in members:
            try:
                if name not in tensors:
                    raise invalid(f"JSON object: does not have named input: {name}")
                tensors[name].add(value)
            except ServingError as error:
                key = f" key: {name}" if named else ""
                raise invalid(
                    f"Failed to process element: {i}{key} of 'instances' list. Error: {error.code}: {error.message}"
                ) from error
        if named and {name for name, _ in members} != set(tensors):
            raise invalid(
                f"Failed to process element: {i} of 'instances' list. JSON object: {debug_text(element)} "
                f"keys must be equal to: {','.join(sorted(tensors))}"
            )
    return {name: rows.array(len(instances)) for name, rows in tensors.items() if rows.shape is not None}


def _inputs(value: Any, specs: Inputs) -> dict[str, np.ndarray]:
    if not _names_inputs(value):
        if len(specs) > 1:
            raise invalid(
                "inputs is a plain value/list, but expecting an object as multiple input tensors required as per "
                "tensorinfo_map"
            )
        return {specs[0].name: _tensor(value, specs[0].dtype)}
    arrays = {}
    for spec in specs:
        found = value.find(spec.name)
        if found is MISSING:
            raise invalid(f"Missing named input: {spec.name} in 'inputs' object.")
        arrays[spec.name] = _tensor(found, spec.dtype)
    return arrays


def _names_inputs(value: Any) -> bool:
    """Whether it is an object of inputs, rather than a value such as {"b64": "..."}."""
    return isinstance(value, Object) and not _is_base64(value)


def _is_base64(value: Object) -> bool:
    return len(value) == 1 and value[0][0] == "b64" and isinstance(value[0][1], str)


class _Rows:
    """The rows of one input: all of the first's shape."""

    def __init__(self, dtype: str) -> None:
        self.dtype = dtype
        self.shape: list[int] | None = None
        self.size = 0
        self.values: list[Any] = []

    def add(self, value: Any) -> None:
        shape = _shape(value)
        values: list[Any] = []
        _fill(value, 0, shape, self.dtype, values)
        if self.shape is None:
            self.shape, self.size = shape, len(values)
        elif len(values) != self.size:
            raise invalid(f"Expecting tensor size: {self.size} but got: {len(values)}")
        elif shape != self.shape:
            raise invalid(f"Expecting shape {_shape_text(self.shape)} but got: {_shape_text(shape)}")
        self.values += values

    def array(self, rows: int) -> np.ndarray:
        # More values than that there are if a row has a key twice.
        return _array(self.values[: rows * self.size], [rows, *(self.shape or [])], self.dtype)


def _shape_text(shape: Sequence[int]) -> str:
    return f"[{','.join(map(str, shape))}]"


def _tensor(value: Any, dtype: str) -> np.ndarray:
    shape = _shape(value)
    values: list[Any] = []
    _fill(value, 0, shape, dtype, values)
    return _array(values, shape, dtype)


def _shape(value: Any) -> list[int]:
    """The shape that the first element of each list tells."""
    shape = []
    while isinstance(value, list) and not isinstance(value, Object):
        shape.append(len(value))
        value = value[0] if value else None
    return shape


def _fill(value: Any, level: int, shape: list[int], dtype: str, values: list[Any]) -> None:
    """Add the values in a nest of lists, and see that it is of that shape."""
    if isinstance(value, Object) or not isinstance(value, list):
        if level != len(shape):
            raise _wrong(
                value, f"found at incorrect level: {level + 1} in the JSON DOM. Expected at level: {len(shape)}"
            )
        values.append(_value(value, dtype))
        return
    if level >= len(shape):
        raise invalid(f"Encountered list at unexpected level: {level} expected < {len(shape)}")
    if len(value) != shape[level]:
        raise invalid(
            f"Encountered list at unexpected size: {len(value)} at level: {level} expected size: {shape[level]}"
        )
    for element in value:
        _fill(element, level + 1, shape, dtype, values)


_TYPES = {str: "String", list: "Array", Object: "Object", int: "Number", float: "Number", bool: ""}


def _value(value: Any, dtype: str) -> Any:
    if isinstance(value, Object):
        if dtype == "string":
            return _base64(value)
    elif dtype in ("float32", "float64"):
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
    elif dtype in LIMITS:
        low, high = LIMITS[dtype]
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
    elif dtype == "string":
        if isinstance(value, str):
            return value.encode("utf-8", "surrogateescape")
    elif dtype == "bool":
        if isinstance(value, bool):
            return value
    else:
        raise ServingError(
            "UNIMPLEMENTED", f"Conversion of JSON Value: {debug_text(value)} to type: {BY_NUMPY[dtype].tensorflow}"
        )
    kind = "Null" if value is None else str(value) if isinstance(value, bool) else _TYPES[type(value)]
    raise _wrong(value, f"Type: {kind} is not of expected type: {BY_NUMPY[dtype].tensorflow}")


# Blanks and padding may stand or not, as Abseil has it.
_BLANK = re.compile(r"[ \t\n\v\f\r]")
_BASE64 = re.compile(r"([A-Za-z0-9+/]*)([=.]*)")


def _base64(value: Object) -> bytes:
    if not _is_base64(value):
        raise _wrong(value, "not formatted correctly for base64 data")
    found = _BASE64.fullmatch(_BLANK.sub("", value[0][1]))
    if found is None or len(found[1]) % 4 == 1 or len(found[2]) not in (0, -len(found[1]) % 4):
        raise invalid("Unable to base64 decode")
    return base64.b64decode(found[1] + "=" * (-len(found[1]) % 4))


def _array(values: list[Any], shape: Sequence[int], dtype: str) -> np.ndarray:
    if dtype == "string":
        array = np.empty(len(values), object)
        array[:] = values
        return array.reshape(shape)
    wide = np.float64 if dtype in ("float32", "float64") else np.uint64 if dtype == "uint64" else None
    with np.errstate(over="ignore"):
        return np.asarray(values, wide or (bool if dtype == "bool" else np.int64)).astype(dtype).reshape(shape)
