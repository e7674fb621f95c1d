"""The JSON of the answer to a predict request, in TensorFlow Serving's layout and its digits."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import orjson

from keras_gan.serving.dtypes import BY_NUMPY
from keras_gan.serving.errors import invalid
from keras_gan.serving.rest.json_reader import quoted
from keras_gan.serving.rest.json_request import Format


def encode(outputs: Mapping[str, np.ndarray], format: Format) -> bytes:
    """Write the answer to a predict request, in TensorFlow Serving's layout.

    Args:
        outputs: An array for each output, in order.
        format: The request's.

    Returns:
        The JSON.

    Raises:
        ServingError: If rows differ in number, or a type cannot be written.
    """
    if not outputs:
        raise invalid("Cannot convert empty tensor map to JSON")
    return _encode_rows(outputs) if format == "row" else _encode_columns(outputs)


def _encode_rows(outputs: Mapping[str, np.ndarray]) -> bytes:
    rows: int | None = None
    for name, array in outputs.items():
        if not array.ndim:
            raise invalid(f"Tensor name: {name} has no shape information ")
        if rows not in (None, len(array)):
            raise invalid(f"Tensor name: {name} has inconsistent batch size: {len(array)} expecting: {rows}")
        rows = len(array)
    if not rows:
        return b'{\n    "predictions": []\n}'
    if len(outputs) == 1:
        (name, array), *_ = outputs.items()
        text = _lines(array, name, 2)
        return b'{\n    "predictions": ' + text[:-1] + b"\n    ]\n}"
    items = []
    for row in range(rows):
        members = [
            b"            " + _string(name) + b": " + _lines(array[row, ...], name, 4)
            for name, array in outputs.items()
        ]
        items.append(b"\n        {\n" + b",\n".join(members) + b"\n        }")
    return b'{\n    "predictions": [' + b",".join(items) + b"\n    ]\n}"


def _lines(array: np.ndarray, name: str, level: int) -> bytes:
    """An array on one line; `level` says how deep it stands, for the objects that bytes are."""
    if not array.size:
        return orjson.dumps(array.tolist()).replace(b",", b", ")
    if array.dtype == object:
        indent = level + array.ndim - 1
        return _nest([_bytes(value, name, indent) for value in array.ravel()], array.shape, _one_line)
    if array.dtype == np.float32 and array.ndim:
        compact = _float32(array)
        if compact is not None:
            return compact.replace(b",", b", ")
    return _nest(_texts(array), array.shape, _one_line)


def _encode_columns(outputs: Mapping[str, np.ndarray]) -> bytes:
    several = len(outputs) > 1
    level = 2 if several else 1
    members = []
    for name, array in outputs.items():
        if array.dtype == object:
            texts = [_bytes(value, name, level + array.ndim) for value in array.ravel()]
        else:
            texts = _texts(array)
        members.append((name, _nest(texts, array.shape, _pretty, level)))
    if not several:
        return b'{\n    "outputs": ' + members[0][1] + b"\n}"
    inner = b",\n".join(b"        " + _string(name) + b": " + text for name, text in members)
    return b'{\n    "outputs": {\n' + inner + b"\n    }\n}"


def _nest(texts: list[bytes], shape: Sequence[int], join: Callable[[list[bytes], int], bytes], level: int = 0) -> bytes:
    """Put lists around flat texts, from the innermost dimension outwards."""
    for axis in range(len(shape) - 1, -1, -1):
        size = shape[axis]
        lists = int(np.prod(shape[:axis], dtype=np.int64))
        texts = [join(texts[i * size : (i + 1) * size], level + axis) for i in range(lists)]
    return texts[0]


def _one_line(texts: list[bytes], level: int) -> bytes:  # noqa: ARG001
    return b"[" + b", ".join(texts) + b"]"


def _pretty(texts: list[bytes], level: int) -> bytes:
    if not texts:
        return b"[]"
    indent = b"\n" + b"    " * (level + 1)
    return b"[" + indent + (b"," + indent).join(texts) + b"\n" + b"    " * level + b"]"


def _bytes(value: bytes | str, name: str, level: int) -> bytes:
    raw = value if isinstance(value, bytes) else value.encode()
    if not name.endswith("_bytes"):
        return _string(raw.decode("utf-8", "surrogateescape"))
    indent = b"\n" + b"    " * level
    return b"{" + indent + b'    "b64": "' + base64.b64encode(raw) + b'"' + indent + b"}"


def _string(text: str) -> bytes:
    return quoted(text).encode("utf-8", "surrogateescape")


def _texts(array: np.ndarray) -> list[bytes]:
    """The text of each value."""
    if not array.size:
        return []
    flat = np.ascontiguousarray(array).ravel()
    if array.dtype == np.float32:
        compact = _float32(flat)
        return [_decimal(x, np.float32, 9) for x in flat] if compact is None else compact[1:-1].split(b",")
    if array.dtype == np.float64:
        return [_decimal(x, np.float64, 17) for x in flat]
    if array.dtype.kind in "biu" and array.dtype != np.uint16:
        return orjson.dumps(flat, option=orjson.OPT_SERIALIZE_NUMPY)[1:-1].split(b",")
    raise invalid(f"Failed to write JSON value for tensor type: {BY_NUMPY[array.dtype.name].tensorflow}")


def _decimal(value: Any, dtype: type[np.floating[Any]], digits: int) -> bytes:
    """Six digits if they tell the number, else all that it has, and always a point or an exponent."""
    if not np.isfinite(value):
        return b"NaN" if np.isnan(value) else b"Infinity" if value > 0 else b"-Infinity"
    text = f"{value:.6g}"
    if dtype(text) != value:
        text = f"{value:.{digits}g}"
    return (text if "." in text or "e" in text else f"{text}.0").encode()


# What lies in these decades has no exponent, in six digits or in nine; below, all have, and orjson's look otherwise.
_DECADES = 10.0 ** np.arange(-4, 7)
# What moves six digits, or nine, before the point, by the decade.
_TO_SIX = 10.0 ** np.arange(10, -2, -1)
_TO_NINE = _TO_SIX * 1000


def _float32(array: np.ndarray) -> bytes | None:
    """The nested list of `_decimal`s, without white space; `None` where numbers need it one by one.

    A decimal number of up to 15 digits is the shortest that tells the double nearest to it, so orjson writes the
    digits wanted if each float is replaced by the double nearest to its decimal.
    """
    x = array.astype(np.float64, order="C")
    size = np.abs(x)
    if not (size < _DECADES[-1]).all():  # NaN is not less, either
        return None
    decade = np.searchsorted(_DECADES, size, side="right")
    scale, scale_of_nine = _TO_SIX[decade], _TO_NINE[decade]
    six = np.rint(x * scale) / scale
    # The product is exact from 1e-4 on: 24 bits of the float and 28 of the power of five.
    decimal = np.where(six.astype(np.float32) == array, six, np.rint(x * scale_of_nine) / scale_of_nine)
    small = (size < _DECADES[0]) & (size > 0)
    if small.any():
        # 9.9999e-05 goes through orjson as 9.9999e-105, so that all their exponents have two digits behind a 1.
        decimal[small] = [float(_decimal(value, np.float32, 9).replace(b"e-", b"e-1")) for value in array[small]]
    text: bytes = orjson.dumps(decimal, option=orjson.OPT_SERIALIZE_NUMPY)
    return text.replace(b"e-1", b"e-")
