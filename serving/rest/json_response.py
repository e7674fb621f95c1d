"""Writes the JSON answer to a predict request."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import orjson

from keras_gan.serving.errors import invalid
from keras_gan.serving.models.signature import check_finite
from keras_gan.serving.rest.json_request import Format

# NumPy's characters of float16, bfloat16 and uint16, which TensorFlow Serving cannot write in JSON either.
_UNSUPPORTED = "eEH"


def encode(outputs: Mapping[str, np.ndarray], format: Format) -> bytes:
    """Writes arrays in the format of the request, without white space.

    The bytes of an output whose name ends in `_bytes` become base64.

    Raises:
        ServingError: If there is no output, a type cannot be written, the rows of the outputs differ in number, or
            an image is not finite.
    """
    if not outputs:
        raise invalid("The model must have an output. Received: none")
    for name, array in outputs.items():
        if array.dtype.char in _UNSUPPORTED:
            raise invalid(f"Output `{name}` is {array.dtype.name}, which JSON cannot hold: use gRPC")
    if format == "row":
        rows = {array.shape[:1] for array in outputs.values()}
        if len(rows) != 1 or () in rows:
            shapes = {name: array.shape for name, array in outputs.items()}
            raise invalid(f"`instances` needs outputs with the same number of rows. Received: the shapes {shapes}")
    values = {name: _values(array, name) for name, array in outputs.items()}
    if len(values) == 1:
        found: Any = next(iter(values.values()))
    elif format == "row":
        found = [dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True)]
    else:
        found = values
    document = {"predictions" if format == "row" else "outputs": found}
    answer = orjson.dumps(document, default=_list, option=orjson.OPT_SERIALIZE_NUMPY)
    # orjson writes NaN and Infinity as null. To look for its "n" is faster than NumPy, which waits for Python's lock.
    if answer.find(b"n", answer.index(b":")) < 0 or all(
        np.isfinite(array).all() for array in outputs.values() if array.dtype.kind == "f"
    ):
        return answer
    check_finite(outputs)
    return json.dumps(document, default=_list, separators=(",", ":")).encode()


def _values(array: np.ndarray, name: str) -> Any:
    if array.dtype == object:
        return _strings(array.tolist(), name)
    return np.ascontiguousarray(array) if array.ndim else array.tolist()


def _strings(value: Any, name: str) -> Any:
    if isinstance(value, list):
        return [_strings(one, name) for one in value]
    raw = value if isinstance(value, bytes) else value.encode()
    return {"b64": base64.b64encode(raw).decode()} if name.endswith("_bytes") else raw.decode("utf-8", "replace")


def _list(array: np.ndarray | np.generic) -> Any:
    return array.tolist()
