"""TFLite files as objects, to be read, changed and written."""

from __future__ import annotations

from typing import Any

import flatbuffers
import numpy as np

# Of the places where weights begin, as kernels that read them there want it.
_ALIGNMENT = 16


def read(file: bytes) -> Any:
    """The `ModelT` of a TFLite file, wherever its buffers lie."""
    from ai_edge_litert.tools import flatbuffer_utils

    return flatbuffer_utils.read_model_from_bytearray(bytearray(file))


def write(model: Any) -> bytes:
    """A TFLite file of a `ModelT`.

    Weights are within the FlatBuffer: behind it, where quantizers put them, LiteRT's C interface, and so
    TensorFlowLiteSwift, finds none before LiteRT 2.1. Signatures share the scales of the weights that they share.
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
    builder = _Builder(1024)
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())


class _Builder(flatbuffers.Builder):
    """Writes each array once."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
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
