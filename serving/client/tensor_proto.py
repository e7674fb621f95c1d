"""NumPy's arrays as TensorProtos."""

from __future__ import annotations

import numpy as np

from keras_gan.serving.client.signature import DTYPES
from keras_gan.serving.protos.messages_pb2 import TensorProto, TensorShapeProto

NAMES = dict(DTYPES.values())
_NUMBERS = {name: number for number, name in DTYPES.values()}
# Where numbers stand that are not sent as bytes; small types share a field with a larger one.
_FIELDS = {
    "float32": "float_val",
    "float64": "double_val",
    "int64": "int64_val",
    "bool": "bool_val",
    "uint32": "uint32_val",
    "uint64": "uint64_val",
    "object": "string_val",
}


def to_proto(array: np.ndarray) -> TensorProto:
    """The message of an array: numbers as bytes, strings one by one."""
    shape = TensorShapeProto(dim=[TensorShapeProto.Dim(size=size) for size in array.shape])
    proto = TensorProto(dtype=_NUMBERS[array.dtype.name], tensor_shape=shape)
    if array.dtype.kind == "O":
        proto.string_val.extend(one.encode() if isinstance(one, str) else one for one in array.ravel())
    else:
        proto.tensor_content = array.astype(array.dtype.newbyteorder("<")).tobytes()
    return proto


def to_numpy(proto: TensorProto) -> np.ndarray:
    """The array of a message.

    Raises:
        ValueError: If its type is not one of `DTYPES`, or it holds more or fewer values than its shape says.
    """
    if proto.dtype not in NAMES:
        raise ValueError(f"Expected a type among {sorted(_NUMBERS)}. Received: type {proto.dtype}")
    dtype = np.dtype(NAMES[proto.dtype])
    shape = tuple(dim.size for dim in proto.tensor_shape.dim)
    if proto.tensor_content and dtype.kind != "O":
        return np.frombuffer(proto.tensor_content, dtype.newbyteorder("<")).reshape(shape).astype(dtype)
    if dtype.name == "float16":
        values = np.array(proto.half_val, np.uint16).view(np.float16)
    else:
        values = np.array(getattr(proto, _FIELDS.get(dtype.name, "int_val")), dtype)
    size = int(np.prod(shape))
    # The last value stands for all that follow.
    if 0 < len(values) < size:
        values = np.concatenate([values, np.repeat(values[-1:], size - len(values))])
    return values.reshape(shape)
