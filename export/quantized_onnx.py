"""The ONNX files of lower precision."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_gan.export.onnx import check, convert
from keras_gan.export.source import Source, Variant

if TYPE_CHECKING:
    from keras_gan.export.manifest import Precision

_NEEDS = ("tensorflow", "tf2onnx", "onnx", "onnxruntime", "onnxslim")
# What has weights; the rest between them is quantised with them, or stays in float32.
_WITH_WEIGHTS = ("Conv", "ConvTranspose", "Gemm", "MatMul")


class Float16Onnx:
    """All in 16 bits but for what goes in and comes out: half the size, and for GPUs and browsers twice the speed."""

    name = "onnx_float16"
    precision: Precision = "float16"
    needs: tuple[str, ...] = _NEEDS
    optional = False

    def variants(self, source: Source) -> tuple[Variant, ...]:
        """Images from z, or from images; see `Format.variants`."""
        return source.variants_in(("serving_default",))

    def filename(self, signature: str) -> str:
        """Its only one; see `Format.filename`."""
        return "model_float16.onnx"

    def write(self, source: Source, folder: Path) -> None:
        """Write model_float16.onnx; see `Format.write`."""
        from onnxruntime.transformers.float16 import convert_float_to_float16
        from onnxruntime.transformers.onnx_model import OnnxModel

        (variant,) = self.variants(source)
        half = convert_float_to_float16(convert(variant, source.opset), keep_io_types=True)
        # The casts at the ends are added out of order.
        OnnxModel(half).topological_sort()
        check(half, variant)
        (folder / self.filename("serving_default")).write_bytes(half.SerializeToString())


class Int8Onnx:
    """Weights and what is computed with them in 8 bits, by ranges learned from representative inputs (static QDQ)."""

    name = "onnx_int8"
    precision: Precision = "int8"
    needs: tuple[str, ...] = _NEEDS
    optional = False

    def variants(self, source: Source) -> tuple[Variant, ...]:
        """Images from z, or from images; see `Format.variants`."""
        return source.variants_in(("serving_default",))

    def filename(self, signature: str) -> str:
        """Its only one; see `Format.filename`."""
        return "model_int8.onnx"

    def write(self, source: Source, folder: Path) -> None:
        """Write model_int8.onnx; see `Format.write`."""
        import onnx
        from onnxruntime import quantization

        (variant,) = self.variants(source)
        with tempfile.TemporaryDirectory(prefix=".onnx.", dir=folder) as temporary:
            whole, quantized = Path(temporary) / "float32.onnx", Path(temporary) / "int8.onnx"
            onnx.save(convert(variant, source.opset), whole)
            quantization.quantize_static(
                whole,
                quantized,
                _Representative(source, variant),
                quant_format=quantization.QuantFormat.QDQ,
                op_types_to_quantize=list(_WITH_WEIGHTS),
                per_channel=True,
                activation_type=quantization.QuantType.QUInt8,
                weight_type=quantization.QuantType.QInt8,
            )
            model = onnx.load(quantized)
        check(model, variant)
        (folder / self.filename("serving_default")).write_bytes(model.SerializeToString())


class _Representative:
    """Representative inputs as ONNX Runtime's quantiser asks for them, one after the other."""

    def __init__(self, source: Source, variant: Variant) -> None:
        names = {spec.name for spec in variant.inputs}
        self._rows: Iterator[dict[str, np.ndarray]] = (
            {name: array for name, array in row.items() if name in names} for row in source.representative()
        )

    def get_next(self) -> dict[str, Any] | None:
        return next(self._rows, None)
