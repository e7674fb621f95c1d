"""The quick way through a predict request: strict JSON of numbers, by orjson and NumPy."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import orjson

from keras_gan.artifacts.tensor_spec import TensorSpec
from keras_gan.serving.dtypes import LIMITS

Inputs = tuple[TensorSpec, ...]
_HUGE = re.compile(rb"[eE]\+?[0-9]{3}")
_LONG = re.compile(rb"[0-9.]{17}|[eE][+-]?[0-9]{2}")
Decoded = tuple[Literal["row", "columnar"], str, dict[str, np.ndarray]]


def decode(body: bytes, inputs_of: Callable[[str], Inputs]) -> Decoded | None:  # noqa: PLR0911
    """Read numbers of strict JSON.

    Args:
        body: A predict request.
        inputs_of: Gives the inputs of a signature by its name.

    Returns:
        The format, the signature and its inputs; `None` for everything else, errors among it.
    """
    # NumPy would take booleans for numbers; a key that comes twice is one key to orjson, and 0e999 is 0.
    if b"true" in body or b"false" in body or b"\\" in body or _HUGE.search(body):
        return None
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(document, dict) or ("instances" in document) == ("inputs" in document):
        return None
    signature = document.get("signature_name", "")
    values = document.get("instances", document.get("inputs"))
    if not isinstance(signature, str) or body.count(b'"') != 2 * _strings(document, values):
        return None
    specs = inputs_of(signature)
    # Such doubles TensorFlow Serving may have off by the last bits.
    if any(spec.dtype == "float64" for spec in specs) and _LONG.search(body):
        return None
    row = "instances" in document
    if row and not (isinstance(values, list) and values):
        return None
    columns = _columns(values, specs, row)
    if columns is None:
        return None
    arrays = {}
    for spec in specs:
        array = _numbers(columns[spec.name], spec.dtype)
        if array is None or not array.size or array.ndim < row:
            return None
        arrays[spec.name] = array
    return "row" if row else "columnar", signature, arrays


def _strings(document: dict[str, Any], values: Any) -> int:
    """How many keys and strings there are; fewer if some stand where no tensor of numbers has any."""
    objects = values if isinstance(values, list) else [values]
    inside = sum(len(one) for one in objects if isinstance(one, dict))
    return len(document) + sum(isinstance(value, str) for value in document.values()) + inside


def _columns(values: Any, specs: Inputs, row: bool) -> dict[str, Any] | None:
    first = values[0] if row else values
    if not isinstance(first, dict):
        return {specs[0].name: values} if len(specs) == 1 else None
    names = {spec.name for spec in specs}
    if not row:
        return values if names <= values.keys() else None
    if any(not isinstance(one, dict) or one.keys() != names for one in values):
        return None
    return {name: [one[name] for one in values] for name in names}


def _numbers(values: Any, dtype: str) -> np.ndarray | None:
    """An array of JSON's numbers; `None` if there is anything else, or they do not fit."""
    try:
        array = np.asarray(values)
    except ValueError:  # lists of different lengths
        return None
    if dtype in ("float32", "float64") and array.dtype.kind in "iuf":
        wide = array.astype(np.float64)
        if not np.isfinite(wide).all():
            return None
        with np.errstate(over="ignore"):
            return wide.astype(dtype)
    if array.dtype == np.int64 and dtype in LIMITS:
        low, high = LIMITS[dtype]
        if not array.size or (low <= int(array.min()) and int(array.max()) <= high):
            return array.astype(dtype)
    return None
