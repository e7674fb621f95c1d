"""Reading and writing of TFLite files as objects."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

# The alignment of weights in bytes, which kernels that read them in place need.
_ALIGNMENT = 16


def read(file: bytes) -> Any:
    """Returns the `ModelT` of a TFLite file, with its buffers inside or behind the FlatBuffer."""
    from ai_edge_litert.tools import flatbuffer_utils

    return flatbuffer_utils.read_model_from_bytearray(bytearray(file))


def write(model: Any) -> bytes:
    """Returns the TFLite file of a `ModelT`.

    The weights are inside the FlatBuffer. Quantizers put them behind it, where LiteRT's C interface, and therefore
    TensorFlowLiteSwift, does not find them before LiteRT 2.1. Signatures share the scales of shared weights.
    """
    for graph in model.subgraphs:
        for tensor in graph.tensors:
            quantization = tensor.quantization
            if quantization is not None and quantization.scale is not None:
                quantization.scale = np.asarray(quantization.scale, np.float32)
                quantization.zeroPoint = np.asarray(quantization.zeroPoint, np.int64)
    for buffer in model.buffers:
        if buffer.data is not None:
            buffer.data = np.frombuffer(buffer.data, np.uint8)
    builder = _builder()
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())


def operation(code: Any) -> str:
    """Returns the name of an entry of a model's `operatorCodes`."""
    # Files for old runtimes have small codes only in the deprecated field.
    return _operations()[max(code.builtinCode, code.deprecatedBuiltinCode)]


@functools.cache
def _operations() -> dict[int, str]:
    from ai_edge_litert import schema_py_generated as schema

    return {value: name for name, value in vars(schema.BuiltinOperator).items() if isinstance(value, int)}


def _builder() -> Any:
    """Returns a FlatBuffers builder that writes each array once."""
    import flatbuffers

    class Builder(flatbuffers.Builder):
        def __init__(self) -> None:
            super().__init__(1024)
            self._written: dict[tuple[str, bytes], int] = {}

        def CreateNumpyVector(self, x: np.ndarray) -> int:
            content = x.tobytes()
            key = x.dtype.str, content
            if key not in self._written:
                self.StartVector(x.itemsize, x.size, _ALIGNMENT if x.dtype == np.uint8 else x.itemsize)
                self.head -= len(content)
                self.Bytes[self.head : self.head + len(content)] = content
                self._written[key] = self.EndVector()
            return self._written[key]

    return Builder()
