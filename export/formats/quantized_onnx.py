"""The ONNX files of lower precision."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_gan.export.formats.onnx import XOR, Onnx, check, convert
from keras_gan.export.sources.source import Source, Variant

if TYPE_CHECKING:
    from keras_gan.artifacts.manifest import Precision

_NEEDS = ("tensorflow", "tf2onnx", "onnx", "onnxruntime", "onnxslim")
# What has weights; the rest between them is quantised with them, or stays in float32.
_WITH_WEIGHTS = ("Conv", "ConvTranspose", "Gemm", "MatMul")


class Float16Onnx:
    """All in 16 bits but for what goes in and comes out: half the size, and for GPUs and browsers twice the speed."""

    name = "onnx_float16"
    precision: Precision = "float16"
    needs: tuple[str, ...] = _NEEDS
    optional = False
    fallback = None

    def variants(self, source: Source) -> tuple[Variant, ...]:
        """Images from z and from seeds, or from images; see `Format.variants`."""
        return source.variants_in(("serving_default", "generate"))

    def filename(self, signature: str) -> str:
        """Its own; see `Format.filename`."""
        return _filename(self.precision, signature)

    def write(self, source: Source, folder: Path) -> None:
        """Write model_float16.onnx, and model_float16_generate.onnx of a generator; see `Format.write`."""
        from onnxruntime.transformers.float16 import convert_float_to_float16
        from onnxruntime.transformers.onnx_model import OnnxModel

        variant, *others = self.variants(source)
        half = convert_float_to_float16(_whole(source, variant, folder), keep_io_types=True)
        # The casts at the ends are added out of order.
        OnnxModel(half).topological_sort()
        check(half, variant)
        (folder / self.filename(variant.signature)).write_bytes(half.SerializeToString())
        for other in others:
            (folder / self.filename(other.signature)).write_bytes(_from_seeds(half, other, source).SerializeToString())


class Int8Onnx:
    """Weights and what is computed with them in 8 bits, by ranges learned from representative inputs (static QDQ).

    Args:
        weights_only: Whether all is computed in float32, with weights in 8 bits. Defaults to False.
    """

    name = "onnx_int8"
    precision: Precision = "int8"
    needs: tuple[str, ...] = _NEEDS
    optional = False

    def __init__(self, *, weights_only: bool = False) -> None:
        self.weights_only = weights_only
        self.fallback = None if weights_only else Int8Onnx(weights_only=True)

    def variants(self, source: Source) -> tuple[Variant, ...]:
        """Images from z and from seeds, or from images; see `Format.variants`."""
        return source.variants_in(("serving_default", "generate"))

    def filename(self, signature: str) -> str:
        """Its own; see `Format.filename`."""
        return _filename(self.precision, signature)

    def write(self, source: Source, folder: Path) -> None:
        """Write model_int8.onnx, and model_int8_generate.onnx of a generator; see `Format.write`."""
        import onnx
        from onnxruntime import quantization

        variant, *others = self.variants(source)
        with tempfile.TemporaryDirectory(prefix=".onnx.", dir=folder) as temporary:
            whole, quantized = Path(temporary) / "float32.onnx", Path(temporary) / "int8.onnx"
            onnx.save(_whole(source, variant, folder), whole)
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
        if self.weights_only:
            leave_to_the_weights(model)
        check(model, variant)
        (folder / self.filename(variant.signature)).write_bytes(model.SerializeToString())
        for other in others:
            (folder / self.filename(other.signature)).write_bytes(_from_seeds(model, other, source).SerializeToString())


def leave_to_the_weights(model: Any) -> None:
    """Take the rounding of all that is no weight out of a model quantised by QDQ.

    Args:
        model: It; it is changed.
    """
    nodes = model.graph.node
    rounded = {node.output[0]: node for node in nodes if node.op_type == "QuantizeLinear"}
    back = [node for node in nodes if node.op_type == "DequantizeLinear" and node.input[0] in rounded]
    pairs = [(rounded[node.input[0]].input[0], node.output[0]) for node in back]
    # All takes its name from before the rounding, but what is an output of the model.
    ends = {tensor.name for tensor in model.graph.output}
    names = dict((after, before) if after not in ends else (before, after) for before, after in pairs)
    for node in (*rounded.values(), *back):
        nodes.remove(node)
    for node in nodes:
        for tensors in (node.input, node.output):
            tensors[:] = [names.get(name, name) for name in tensors]


def _filename(precision: Precision, signature: str) -> str:
    return f"model_{precision}.onnx" if signature == "serving_default" else f"model_{precision}_{signature}.onnx"


def _from_seeds(model: Any, variant: Variant, source: Source) -> Any:
    """A finished model from z with what draws z before it, in integers and float32."""
    import onnx

    drawing = source.drawing_z
    assert drawing is not None
    opset = max(source.opset, XOR)
    if source.opset < opset:
        model = onnx.version_converter.convert_version(model, opset)
    before = onnx.compose.add_prefix(convert(drawing, opset), "draw_z/", rename_inputs=False, rename_outputs=False)
    before.ir_version = model.ir_version
    whole = onnx.compose.merge_models(before, model, io_map=[("z", "z")])
    check(whole, variant)
    return whole


def _whole(source: Source, variant: Variant, folder: Path) -> Any:
    """The model in float32; if it has been written beside this one, that."""
    import onnx

    written = folder / Onnx().filename(variant.signature)
    return onnx.load(written) if written.is_file() else convert(variant, source.opset)


class _Representative:
    """Representative inputs as ONNX Runtime's quantiser asks for them, one after the other."""

    def __init__(self, source: Source, variant: Variant) -> None:
        names = {spec.name for spec in variant.inputs}
        self._rows: Iterator[dict[str, np.ndarray]] = (
            {name: array for name, array in row.items() if name in names} for row in source.representative()
        )

    def get_next(self) -> dict[str, Any] | None:
        return next(self._rows, None)
