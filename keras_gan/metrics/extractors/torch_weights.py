"""Reads a PyTorch state dict without PyTorch, and without running code from the file."""

from __future__ import annotations

import collections
import os
import pickle
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np

MAGIC = 0x1950A86A20F9469CFC6C  # torch/serialization.py: the format before version 1.6
PROTOCOL = 1001


class _Storage(NamedTuple):
    key: str
    dtype: np.dtype
    size: int


class _Tensor(NamedTuple):
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]


def _tensor(storage: _Storage, offset: int, shape: tuple[int, ...], stride: tuple[int, ...], *_: Any) -> _Tensor:
    return _Tensor(storage, offset, shape, stride)


# Everything that a state dict needs. The keys are names in the file, and none of them is imported.
ALLOWED: dict[tuple[str, str], Any] = {
    ("collections", "OrderedDict"): collections.OrderedDict,
    ("torch._utils", "_rebuild_tensor_v2"): _tensor,
    ("torch", "FloatStorage"): np.dtype("<f4"),
    ("torch", "LongStorage"): np.dtype("<i8"),
}


class _RefusedError(pickle.UnpicklingError):
    """Raised if the file calls a function that is not allowed."""


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in ALLOWED:
            raise _RefusedError(f"Expected a file of plain tensors. Received: a file that calls {module}.{name}")
        return ALLOWED[module, name]

    def persistent_load(self, pid: Any) -> _Storage:
        _, dtype, key, _, size, _ = pid
        return _Storage(key, dtype, size)


def read_state_dict(path: str | os.PathLike[str]) -> dict[str, np.ndarray]:
    """Reads the tensors of a `.pth` file in the format of PyTorch before 1.6.

    Args:
        path: Path of the file.

    Returns:
        The arrays by name, float32 or int64. The axes of a convolution are (out, in, height, width).

    Raises:
        ValueError: If the file has another format.
        pickle.UnpicklingError: If the file contains anything but tensors.

    Example:
    ```python
    weights = read_state_dict("efficientnet-lite0-57934424.pth")
    ```
    """
    with Path(path).open("rb") as file:
        if _load(file, path) != MAGIC or _load(file, path) != PROTOCOL:
            raise ValueError(f"Expected a PyTorch file of the format before version 1.6. Received: {path}")
        _load(file, path)  # the sizes of C types on the machine that wrote the file
        tensors = _load(file, path)
        keys = _load(file, path)
        storages = {tensor.storage.key: tensor.storage for tensor in tensors.values()}
        numbers = {key: _numbers(file, storages[key], path) for key in keys}
    return {name: _array(tensor, numbers[tensor.storage.key]) for name, tensor in tensors.items()}


def _load(file: BinaryIO, path: str | os.PathLike[str]) -> Any:
    try:
        return _Unpickler(file).load()
    except _RefusedError:
        raise
    except Exception as error:  # unpickling arbitrary bytes may raise anything
        raise ValueError(f"Expected a PyTorch file of the format before version 1.6. Received: {path}") from error


def _numbers(file: BinaryIO, storage: _Storage, path: str | os.PathLike[str]) -> np.ndarray:
    size = int.from_bytes(file.read(8), "little")
    content = file.read(size * storage.dtype.itemsize)
    if size != storage.size or len(content) != size * storage.dtype.itemsize:
        raise ValueError(f"Expected {storage.size} numbers in one of the tensors. Received: fewer or more, in {path}")
    return np.frombuffer(content, storage.dtype)


def _array(tensor: _Tensor, numbers: np.ndarray) -> np.ndarray:
    """Returns a tensor as a view of its storage. NumPy raises a `ValueError` if the view exceeds it."""
    item = numbers.dtype.itemsize
    strides = tuple(item * stride for stride in tensor.stride)
    return np.ndarray(tensor.shape, numbers.dtype, numbers.data, item * tensor.offset, strides)
