"""Reads the JSON body of a predict request into arrays.

The format is TensorFlow Serving's: https://www.tensorflow.org/tfx/serving/api_rest.
"""

from __future__ import annotations

import base64
import codecs
import json
from dataclasses import dataclass
from itertools import chain
from reprlib import repr as repr_of
from typing import Any, Literal

import numpy as np
import orjson

from keras_gan.artifacts.tensor_spec import TensorSpec
from keras_gan.serving.dtypes import LIMITS
from keras_gan.serving.errors import ServingError, invalid

Format = Literal["row", "column"]
MAX_RANK = 32
# Larger bodies, in bytes, must be strict JSON and have limits of their structure, because parsing them takes long.
LARGE = 2**20
_MOST_TOKENS = {b"[": 2**21, b",": 2**22, b"{": 2**17, b":": 2**17}
_TYPES: dict[str, set[type]] = {
    "float32": {int, float},
    "float64": {int, float},
    "bool": {bool},
    "string": {str, dict},
    **{dtype: {int} for dtype in LIMITS},
}
_FLOATS = {"float32": np.float32, "float64": np.float64}
# Types to convert through. For the others it is int64, from which integers wrap.
_WIDE = {"float32": np.float64, "float64": np.float64, "uint64": np.uint64, "bool": np.bool_}


@dataclass
class JsonRequest:
    """Body of a predict request.

    Args:
        document: JSON object, with `instances` (rows) or `inputs` (columns).
        signature_name: Name of the signature to run, "" for the default.
        may_have_bools: Boolean, False if no value is `true` or `false`. Floats then convert faster. Defaults to True.
    """

    document: dict[str, Any]
    signature_name: str
    may_have_bools: bool = True

    @classmethod
    def parse(cls, body: bytes | bytearray) -> JsonRequest:
        """Parses a body. Up to 1 MiB, it may have NaN, Infinity and text after the object, as in TensorFlow Serving.

        Raises:
            ServingError: If the body is not a JSON object, a large one is too complex, or `signature_name` is not a
                string.
        """
        if body.startswith(codecs.BOM_UTF8):
            body = body[len(codecs.BOM_UTF8) :]
        is_large = len(body) > LARGE
        if is_large:
            _check_tokens(body)
        try:
            document = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            if is_large:
                raise invalid(f"A body of more than {LARGE} bytes must be strict JSON. Received: {error}") from None
            document = _parse_leniently(body)
        if not isinstance(document, dict):
            raise invalid(f"The body must be a JSON object. Received: {repr_of(document)}")
        signature_name = document.get("signature_name", "")
        if not isinstance(signature_name, str):
            raise invalid(f"`signature_name` must be a string. Received: {repr_of(signature_name)}")
        # One byte is found much faster than a word, and most bodies have neither.
        may_have_bools = (b"r" in body and b"true" in body) or (b"l" in body and b"false" in body)
        return cls(document, signature_name, may_have_bools)

    @property
    def format(self) -> Format:
        """Format of the request, which the answer must have too."""
        return "row" if "instances" in self.document else "column"

    def arrays(self, specs: tuple[TensorSpec, ...]) -> dict[str, np.ndarray]:
        """Converts the values to one array for each input of a signature. Strings become bytes objects.

        Raises:
            ServingError: If an input is missing, or a value has the wrong type or shape.
        """
        columns = self._columns([spec.name for spec in specs])
        try:
            return {spec.name: _array(columns[spec.name], spec, self.may_have_bools) for spec in specs}
        except ServingError as error:
            # TensorFlow Serving answers 501 to a type that it cannot read in a column, and 400 in a row.
            raise (invalid(error.message) if self.format == "row" else error) from error

    def _columns(self, names: list[str]) -> dict[str, Any]:
        """Returns the JSON value of each input."""
        given = [name for name in ("instances", "inputs") if name in self.document]
        if len(given) != 1:
            received = " and ".join(given) or repr_of(list(self.document))
            raise invalid(f"The body must have `instances` or `inputs`. Received: {received}")
        values = self.document[given[0]]
        if self.format == "row" and not (isinstance(values, list) and values):
            raise invalid(f"`instances` must be a list with at least one row. Received: {repr_of(values)}")
        rows = values if self.format == "row" else [values]
        if not isinstance(rows[0], dict) or _is_base64(rows[0]):
            if len(names) != 1:
                raise invalid(f"The inputs must be given by name: {', '.join(names)}. Received: {repr_of(rows[0])}")
            return {names[0]: values}
        if self.format == "column":
            if set(names) - values.keys():
                raise invalid(f"`inputs` must have the names {names}. Received: {repr_of(list(values))}")
            return dict(values)
        for i, row in enumerate(rows):
            if not isinstance(row, dict) or row.keys() != set(names):
                raise invalid(
                    f"Row {i} of `instances` must be an object with the keys {names}. Received: {repr_of(row)}"
                )
        return {name: [row[name] for row in rows] for name in names}


def _check_tokens(body: bytes | bytearray) -> None:
    for token, most in _MOST_TOKENS.items():
        if body.count(token) > most:
            raise invalid(
                f"A body of more than {LARGE} bytes may have at most {most} of {token.decode()!r}. Received: more. "
                "Use gRPC for larger arrays"
            )


def _parse_leniently(body: bytes | bytearray) -> Any:
    try:
        return _DECODER.raw_decode(body.decode().lstrip(" \t\r\n"))[0]
    except (ValueError, RecursionError) as error:
        raise invalid(f"The body must be JSON. Received: {error}") from error


def _double(text: str) -> float:
    value = float(text)
    if np.isinf(value):
        raise ValueError(f"{repr_of(text)}, which is beyond float64")
    return value


def _integer(text: str) -> int | float:
    return int(text) if len(text) <= 20 else _double(text)


_DECODER = json.JSONDecoder(parse_float=_double, parse_int=_integer)


def _array(value: Any, spec: TensorSpec, may_have_bools: bool) -> np.ndarray:
    if not may_have_bools and spec.dtype in _FLOATS:
        try:
            array = np.array(value)
        except (ValueError, OverflowError):
            array = np.empty(0)
        # NumPy makes numbers of numbers and booleans alone.
        if array.dtype.kind in "fiu" and array.size and array.ndim <= MAX_RANK:
            with np.errstate(over="ignore"):
                return array.astype(_FLOATS[spec.dtype])
    values, shape = _flatten(value, spec.name)
    expected = _TYPES.get(spec.dtype, set())
    if not expected and (values or spec.dtype == "bfloat16"):  # NumPy has no bfloat16, not even an empty array
        raise ServingError("UNIMPLEMENTED", f"`{spec.name}` is {spec.dtype}, which JSON cannot hold: use gRPC")
    if set(map(type, values)) - expected:
        wrong = next(one for one in values if type(one) not in expected)
        raise invalid(f"`{spec.name}` must hold values of type {spec.dtype}. Received: {repr_of(wrong)}")
    if spec.dtype == "string":
        array = np.empty(len(values), object)
        array[:] = [_bytes(one, spec.name) for one in values]
        return array.reshape(shape)
    if values and spec.dtype in LIMITS:
        low, high = LIMITS[spec.dtype]
        if min(values) < low or max(values) > high:
            raise invalid(f"`{spec.name}` must be from {low} to {high}. Received: {min(values)} to {max(values)}")
    with np.errstate(over="ignore"):
        return np.array(values, _WIDE.get(spec.dtype, np.int64)).astype(spec.dtype).reshape(shape)


def _flatten(value: Any, name: str) -> tuple[list[Any], list[int]]:
    """Returns the values in nested lists, and the shape of the nest."""
    values: list[Any] = [value]
    shape: list[int] = []
    while list in (kinds := set(map(type, values))):
        sizes = sorted(set(map(len, values))) if kinds == {list} else []
        if len(sizes) != 1:
            received = f"lists of {sizes[0]} and {sizes[-1]} values" if sizes else "lists beside single values"
            raise invalid(f"The lists in `{name}` must have the same length at each level. Received: {received}")
        if len(shape) == MAX_RANK:
            raise invalid(f"`{name}` must have at most {MAX_RANK} dimensions. Received: more")
        shape.append(sizes[0])
        values = list(chain.from_iterable(values))
    return values, shape


def _is_base64(value: dict[str, Any]) -> bool:
    return value.keys() == {"b64"} and isinstance(value["b64"], str)


def _bytes(value: str | dict[str, Any], name: str) -> bytes:
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    try:
        text = value["b64"].rstrip("=") if _is_base64(value) else "?"
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError as error:
        raise invalid(f'`{name}` must hold strings or {{"b64": "base64"}}. Received: {repr_of(value)}') from error
