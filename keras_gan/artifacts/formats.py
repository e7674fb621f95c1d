"""The formats of an export: files, precisions, runtimes and needs. Imports no TensorFlow."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from keras_gan.artifacts.engines.registry import RUNTIMES, Runtime

Precision = Literal["float32", "float16", "dynamic_int8", "int8", "int16x8"]
# In dB. The default of the least PSNR that passes. In float32 the largest difference of a pixel decides.
MIN_PSNR: dict[Precision, float] = {"float16": 40.0, "dynamic_int8": 30.0, "int8": 30.0, "int16x8": 30.0}

# Modules that writing and checking a format imports, with the extra that installs each.
_TENSORFLOW = {"tensorflow": "tensorflow"}
_TFLITE = {**_TENSORFLOW, "ai_edge_litert": "export"}
_QUANTIZED_TFLITE = {**_TFLITE, "ai_edge_quantizer": "mobile"}
_ONNX = {**_TENSORFLOW, **dict.fromkeys(("tf2onnx", "onnx", "onnxruntime", "onnxslim"), "export")}


@dataclasses.dataclass(frozen=True)
class FormatInfo:
    """Facts about a format.

    Args:
        name: Name in `export_generator(formats=...)`.
        filename: File of the signature `serving_default`. Its suffix decides which runtime opens it.
        precision: Precision of the weights and activations.
        target: Name in `export_generator(targets=...)` of the place that the format is for.
        needs: Modules that writing and checking imports, with the extra of setup.py that installs each.
        place: Place that it is the first choice for, as in docs/guides/export.md.
        contents: Content of the file, as in docs/guides/export.md.
        optional: True if a target skips the format for a generator that it cannot hold. Defaults to False.
    """

    name: str
    filename: str
    precision: Precision
    target: str
    needs: Mapping[str, str]
    place: str
    contents: str
    optional: bool = False

    @property
    def runtime(self) -> Runtime:
        """The runtime that opens the file."""
        return RUNTIMES[Path(self.filename).suffix]

    @property
    def min_psnr(self) -> float | None:
        """The default of the least PSNR in dB that passes; None if the largest difference decides."""
        return MIN_PSNR.get(self.precision)


# In the order in which they are written: the reduced formats reuse the float32 file of their kind.
_ALL = (
    FormatInfo(
        "saved_model",
        "saved_model.pb",
        "float32",
        "tf_serving",
        _TENSORFLOW,
        place="in TensorFlow Serving",
        contents="all signatures, any batch size, with requests that warm up each signature",
    ),
    FormatInfo(
        "tflite",
        "model.tflite",
        "float32",
        "mobile",
        _TFLITE,
        place="to compare with",
        contents="signatures of fixed batch size",
    ),
    FormatInfo(
        "tflite_float16",
        "model_float16.tflite",
        "float16",
        "mobile",
        _QUANTIZED_TFLITE,
        place="on a phone, half the size without visible change",
        contents="weights in 16 bits",
    ),
    FormatInfo(
        "tflite_dynamic_int8",
        "model_dynamic_int8.tflite",
        "dynamic_int8",
        "mobile",
        _QUANTIZED_TFLITE,
        place="on any phone, try this first",
        contents="weights in 8 bits: a quarter of the size; float32 inputs and outputs; LiteRT 1.4 or later",
    ),
    FormatInfo(
        "tflite_int8",
        "model_int8.tflite",
        "int8",
        "mobile",
        _QUANTIZED_TFLITE,
        place="on the CPU of a phone, for speed",
        contents="weights and activations in 8 bits; images are uint8, ready to show",
    ),
    FormatInfo(
        "tflite_int16x8",
        "model_int16x8.tflite",
        "int16x8",
        "mobile",
        _QUANTIZED_TFLITE,
        place="on a DSP or NPU that supports it",
        contents="weights in 8 bits, activations in 16",
        optional=True,
    ),
    FormatInfo(
        "tflite_gpu",
        "model_gpu.tflite",
        "float16",
        "mobile",
        _QUANTIZED_TFLITE,
        place="on the GPU of a phone",
        contents="one graph for one image, fixed shapes; weights in 16 bits",
        optional=True,
    ),
    FormatInfo(
        "onnx",
        "model.onnx",
        "float32",
        "onnx",
        _ONNX,
        place="on a server without TensorFlow, in a browser",
        contents="any batch size; batch norm folded, constants merged",
    ),
    FormatInfo(
        "onnx_float16",
        "model_float16.onnx",
        "float16",
        "onnx",
        _ONNX,
        place="on an NVIDIA GPU with ONNX Runtime, in a browser with WebGPU",
        contents="weights and activations in 16 bits; float32 inputs and outputs",
    ),
    FormatInfo(
        "onnx_int8",
        "model_int8.onnx",
        "int8",
        "onnx",
        _ONNX,
        place="on x86 with VNNI, small downloads",
        contents="weights and convolutions in 8 bits (static QDQ)",
    ),
)
FORMAT_INFOS: dict[str, FormatInfo] = {info.name: info for info in _ALL}
TARGETS: dict[str, tuple[str, ...]] = {
    target: tuple(info.name for info in _ALL if info.target == target)
    for target in dict.fromkeys(info.target for info in _ALL)
}
DEFAULT_FORMATS = tuple(info.name for info in _ALL if info.precision == "float32")


def _preference(info: FormatInfo) -> tuple[bool, int]:
    """Float32 first, by the runtime that starts fastest and takes the least memory; the others in their order."""
    reduced = info.precision != "float32"
    return reduced, 0 if reduced else list(RUNTIMES).index(info.runtime.suffix)


# The file of each format, in the order in which `load` and the server prefer them.
FILES: dict[str, str] = {info.name: info.filename for info in sorted(_ALL, key=_preference)}
