"""Converts TensorProtos to arrays and back."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from keras_gan.serving.dtypes import BY_NUMBER, BY_NUMPY, Dtype
from keras_gan.serving.errors import invalid

# Fields that hold the bytes of an array.
_FIXED = ("float_val", "double_val")
# Number of values that are converted at once. Other threads run between two steps.
_STEP = 2**16


def to_array(tensor: Any, name: str, most_bytes: int) -> np.ndarray:
    """Returns the array in a `TensorProto`. Strings are bytes objects. `name` is that of the input, for errors.

    The last of a list of values fills the rest of the shape.

    Raises:
        ServingError: If the type is not supported, the array is too large, or the values do not fit the shape.
    """
    dtype = BY_NUMBER.get(tensor.dtype)
    if dtype is None or dtype.numpy == "bfloat16":
        raise invalid(f"The data type of `{name}` is not supported. Received: {tensor.dtype}")
    shape = tuple(dim.size for dim in tensor.tensor_shape.dim)
    # NumPy limits the product of the other sizes to 2**63 bytes even if one size is 0.
    beyond = math.prod(size or 1 for size in shape) >= 2**58
    if tensor.tensor_shape.unknown_rank or any(size < 0 for size in shape) or len(shape) > 32 or beyond:
        raise invalid(f"`{name}` must have a valid shape. Received: {list(shape)[:40]}")
    size = math.prod(shape)
    width = 16 if dtype.numpy == "string" else np.dtype(dtype.numpy).itemsize
    if size * width > most_bytes:
        raise invalid(f"`{name}` must have at most {most_bytes} bytes. Received: the shape {list(shape)}")
    if tensor.tensor_content and dtype.numpy != "string":
        if len(tensor.tensor_content) != size * width:
            raise invalid(f"`{name}` must have {size * width} bytes. Received: {len(tensor.tensor_content)}")
        return np.frombuffer(tensor.tensor_content, np.dtype(dtype.numpy).newbyteorder("<")).reshape(shape)
    listed = getattr(tensor, dtype.values)
    if len(listed) > size or (size and not listed):
        raise invalid(f"`{name}` must have {size} values for the shape {list(shape)}. Received: {len(listed)}")
    parts = [_values(listed[start : start + _STEP], dtype.numpy) for start in range(0, len(listed), _STEP)]
    values = np.concatenate(parts) if parts else _values([], dtype.numpy)
    return np.concatenate([values, np.repeat(values[-1:], size - len(values))]).reshape(shape)


def _values(values: Any, dtype: str) -> np.ndarray:
    if dtype == "string":
        array = np.empty(len(values), object)
        array[:] = list(values)
        return array
    if dtype == "float16":
        return np.array(values, np.int64).astype(np.uint16).view(np.float16)
    if dtype in ("int8", "uint8", "int16", "uint16"):
        return np.array(values, np.int64).astype(dtype)
    return np.array(values, dtype)


def fill_content(tensor: Any, array: np.ndarray) -> None:
    """Writes an array into an empty `TensorProto`, numbers as bytes, which is fastest."""
    dtype = _fill_header(tensor, array)
    if dtype.numpy == "string":
        tensor.string_val.extend(_strings(array))
    else:
        tensor.tensor_content = _little(array)


def fill(tensor: Any, array: np.ndarray) -> None:
    """Writes an array into an empty `PackedTensorProto`, value by value as TensorFlow Serving does by default."""
    dtype = _fill_header(tensor, array)
    flat = array.ravel()
    if dtype.numpy == "string":
        tensor.string_val.extend(_strings(flat))
    elif dtype.values in _FIXED:
        setattr(tensor, dtype.values, _little(flat))
    elif dtype.values == "half_val":
        tensor.half_val.extend(flat.view(np.uint16).tolist())
    else:
        getattr(tensor, dtype.values).extend(flat.tolist())


def _fill_header(tensor: Any, array: np.ndarray) -> Dtype:
    dtype = BY_NUMPY["string" if array.dtype == object else array.dtype.name]
    tensor.dtype = dtype.number
    for size in array.shape:
        tensor.tensor_shape.dim.add(size=size)
    return dtype


def _strings(array: np.ndarray) -> list[bytes]:
    return [value if isinstance(value, bytes) else value.encode() for value in array.ravel()]


def _little(array: np.ndarray) -> bytes:
    return array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()
