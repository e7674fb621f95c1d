"""TensorProtos, to arrays and back."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from keras_gan.serving.dtypes import BY_NUMBER, BY_NUMPY
from keras_gan.serving.errors import invalid

# Numbers of fixed width, which a packed field holds as an array does.
_FIXED = ("float_val", "double_val")


def to_array(tensor: Any, name: str, most_bytes: int) -> np.ndarray:
    """The array that a message holds, in `tensor_content` or value by value; one value alone fills any shape.

    Args:
        tensor: A `TensorProto`.
        name: The input's, for errors.
        most_bytes: Larger arrays are refused.

    Returns:
        The array; of strings, one of bytes objects.

    Raises:
        ServingError: If the type is unknown, or the values do not fit the shape.
    """
    dtype = BY_NUMBER.get(tensor.dtype)
    if dtype is None or dtype.numpy == "bfloat16":
        raise invalid(f"Tensor {name} has a type that is not served: {tensor.dtype}")
    shape = tuple(dim.size for dim in tensor.tensor_shape.dim)
    # NumPy multiplies the other sizes of an array without values, too, and the product must be below 2^63 bytes.
    beyond = math.prod(size or 1 for size in shape) >= 2**58
    if tensor.tensor_shape.unknown_rank or any(size < 0 for size in shape) or len(shape) > 32 or beyond:
        raise invalid(f"Tensor {name} has no valid shape: {list(shape)[:40]}")
    size = math.prod(shape)
    width = 16 if dtype.numpy == "string" else np.dtype(dtype.numpy).itemsize
    if size * width > most_bytes:
        raise invalid(f"Tensor {name} has the shape {list(shape)}, which is more than {most_bytes} bytes")
    if tensor.tensor_content and dtype.numpy != "string":
        if len(tensor.tensor_content) != size * width:
            raise invalid(f"Tensor {name} has {len(tensor.tensor_content)} bytes. Expected {size * width}")
        return np.frombuffer(tensor.tensor_content, np.dtype(dtype.numpy).newbyteorder("<")).reshape(shape)
    values = _values(getattr(tensor, dtype.values), dtype.numpy)
    if len(values) == size:
        return values.reshape(shape)
    if 0 < len(values) < size:
        # What is missing is as the last that is there.
        return np.concatenate([values, np.repeat(values[-1:], size - len(values))]).reshape(shape)
    raise invalid(f"Tensor {name} has {len(values)} values. Expected {size}, for the shape {list(shape)}")


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
    """Write an array into a message: numbers as their bytes, which is quickest; strings one by one.

    Args:
        tensor: An empty `messages.TensorProto`.
        array: Numbers, or bytes objects and strings.
    """
    dtype = BY_NUMPY["string" if array.dtype == object else array.dtype.name]
    tensor.dtype = dtype.number
    for size in array.shape:
        tensor.tensor_shape.dim.add(size=size)
    if dtype.numpy == "string":
        tensor.string_val.extend(value if isinstance(value, bytes) else value.encode() for value in array.ravel())
    else:
        tensor.tensor_content = _little(array)


def fill(tensor: Any, array: np.ndarray) -> None:
    """Write an array into a message.

    Args:
        tensor: An empty `messages.PackedTensorProto`.
        array: Numbers, or bytes objects.
    """
    dtype = BY_NUMPY["string" if array.dtype == object else array.dtype.name]
    tensor.dtype = dtype.number
    for size in array.shape:
        tensor.tensor_shape.dim.add(size=size)
    flat = array.ravel()
    if dtype.numpy == "string":
        tensor.string_val.extend(value if isinstance(value, bytes) else value.encode() for value in flat)
    elif dtype.values in _FIXED:
        setattr(tensor, dtype.values, _little(flat))
    elif dtype.numpy == "float16":
        tensor.half_val.extend(flat.view(np.uint16).tolist())
    else:
        getattr(tensor, dtype.values).extend(flat.tolist())


def _little(array: np.ndarray) -> bytes:
    return array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()
