"""Data types: names in NumPy, names and numbers in TensorFlow."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Dtype:
    """A data type: NumPy's name, TensorFlow's name and number, and the field of its values in a TensorProto."""

    numpy: str
    enum: str
    number: int
    values: str


DTYPES = (
    Dtype("float32", "DT_FLOAT", 1, "float_val"),
    Dtype("float64", "DT_DOUBLE", 2, "double_val"),
    Dtype("int32", "DT_INT32", 3, "int_val"),
    Dtype("uint8", "DT_UINT8", 4, "int_val"),
    Dtype("int16", "DT_INT16", 5, "int_val"),
    Dtype("int8", "DT_INT8", 6, "int_val"),
    Dtype("string", "DT_STRING", 7, "string_val"),
    Dtype("int64", "DT_INT64", 9, "int64_val"),
    Dtype("bool", "DT_BOOL", 10, "bool_val"),
    Dtype("bfloat16", "DT_BFLOAT16", 14, "half_val"),
    Dtype("uint16", "DT_UINT16", 17, "int_val"),
    Dtype("float16", "DT_HALF", 19, "half_val"),
    Dtype("uint32", "DT_UINT32", 22, "uint32_val"),
    Dtype("uint64", "DT_UINT64", 23, "uint64_val"),
)
BY_NUMPY = {dtype.numpy: dtype for dtype in DTYPES}
BY_NUMBER = {dtype.number: dtype for dtype in DTYPES}

# Limits of integers in JSON. TensorFlow Serving checks small types as int32 and lets them wrap: 300 is 44 as uint8.
_INT32 = (-(2**31), 2**31 - 1)
LIMITS = {
    **dict.fromkeys(("int8", "int16", "uint8", "int32"), _INT32),
    "int64": (-(2**63), 2**63 - 1),
    "uint32": (0, 2**32 - 1),
    "uint64": (0, 2**64 - 1),
}
