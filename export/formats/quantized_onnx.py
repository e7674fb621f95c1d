"""The ONNX files of reduced precision."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from keras_gan.artifacts.formats import FORMAT_INFOS
from keras_gan.export.formats.format import Format
from keras_gan.export.formats.onnx import SEEDS_OPSET, Onnx, check, convert, onnx_filename
from keras_gan.export.sources.source import Source, Variant

# The operators with weights. The others are quantised with them or stay in float32.
_WITH_WEIGHTS = ("Conv", "ConvTranspose", "Gemm", "MatMul")


class _ReducedOnnx(Format):
    """Base class: files for the signature `serving_default` and, of a generator, `generate`."""

    def variants(self, source: Source) -> tuple[Variant, ...]:
        """Returns the variants in float32; see `Format.variants`."""
        return source.variants_in(("serving_default", "generate"))

    def filename(self, signature: str) -> str:
        """Returns the file of a signature; see `Format.filename`."""
        return onnx_filename(self.info, signature)

    def _write(self, model: Any, source: Source, folder: Path) -> None:
        """Writes a finished model, and its file for `generate` with the sampling of z before it."""
        variant, *others = self.variants(source)
        check(model, variant)
        (folder / self.filename(variant.signature)).write_bytes(model.SerializeToString())
        for other in others:
            (folder / self.filename(other.signature)).write_bytes(_from_seeds(model, other, source).SerializeToString())


class Float16Onnx(_ReducedOnnx):
    """ONNX file that computes in 16 bits, with float32 inputs and outputs.

    It has half the size, and runs twice as fast on GPUs and in browsers.
    """

    info = FORMAT_INFOS["onnx_float16"]

    def write(self, source: Source, folder: Path) -> None:
        """Writes model_float16.onnx, and model_float16_generate.onnx of a generator; see `Format.write`."""
        from onnxruntime.transformers.float16 import convert_float_to_float16
        from onnxruntime.transformers.onnx_model import OnnxModel

        variant = self.variants(source)[0]
        half = convert_float_to_float16(_in_float32(source, variant, folder), keep_io_types=True)
        # The casts of inputs and outputs are added out of order.
        OnnxModel(half).topological_sort()
        self._write(half, source, folder)


class Int8Onnx(_ReducedOnnx):
    """ONNX file with weights and activations in 8 bits (static QDQ).

    The ranges of the activations are measured on representative inputs.

    Args:
        weights_only: True to compute in float32 with weights in 8 bits. Defaults to False.
    """

    info = FORMAT_INFOS["onnx_int8"]

    def __init__(self, *, weights_only: bool = False) -> None:
        self.weights_only = weights_only

    @property
    def fallback(self) -> Format | None:
        """Variation with only the weights in 8 bits; see `Format.fallback`."""
        return None if self.weights_only else Int8Onnx(weights_only=True)

    def write(self, source: Source, folder: Path) -> None:
        """Writes model_int8.onnx, and model_int8_generate.onnx of a generator; see `Format.write`."""
        import onnx
        from onnxruntime import quantization

        variant = self.variants(source)[0]
        with tempfile.TemporaryDirectory(prefix=".onnx.", dir=folder) as temporary:
            whole, quantized = Path(temporary) / "float32.onnx", Path(temporary) / "int8.onnx"
            onnx.save(_in_float32(source, variant, folder), whole)
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
            keep_activations_in_float(model)
        self._write(model, source, folder)


def keep_activations_in_float(model: Any) -> None:
    """Removes the quantisation of everything except weights from a QDQ model.

    Args:
        model: ONNX model. It is changed in place.
    """
    nodes = model.graph.node
    rounded = {node.output[0]: node for node in nodes if node.op_type == "QuantizeLinear"}
    back = [node for node in nodes if node.op_type == "DequantizeLinear" and node.input[0] in rounded]
    pairs = [(rounded[node.input[0]].input[0], node.output[0]) for node in back]
    # Tensors take their name from before the rounding. Outputs of the model keep theirs.
    ends = {tensor.name for tensor in model.graph.output}
    names = dict((after, before) if after not in ends else (before, after) for before, after in pairs)
    for node in (*rounded.values(), *back):
        nodes.remove(node)
    for node in nodes:
        for tensors in (node.input, node.output):
            tensors[:] = [names.get(name, name) for name in tensors]


def _from_seeds(model: Any, variant: Variant, source: Source) -> Any:
    """Puts the sampling of z, in integers and float32, before a finished model from z."""
    import onnx

    sampling = source.z_from_seeds
    assert sampling is not None
    opset = max(source.opset, SEEDS_OPSET)
    if source.opset < opset:
        model = onnx.version_converter.convert_version(model, opset)
    before = onnx.compose.add_prefix(convert(sampling, opset), "sample_z/", rename_inputs=False, rename_outputs=False)
    before.ir_version = model.ir_version
    whole = onnx.compose.merge_models(before, model, io_map=[("z", "z")])
    check(whole, variant)
    return whole


def _in_float32(source: Source, variant: Variant, folder: Path) -> Any:
    """Reads the float32 model if it has been written to the folder, else converts it."""
    import onnx

    written = folder / Onnx().filename(variant.signature)
    return onnx.load(written) if written.is_file() else convert(variant, source.opset)


class _Representative:
    """Representative inputs for ONNX Runtime's quantiser, one at a time."""

    def __init__(self, source: Source, variant: Variant) -> None:
        names = {spec.name for spec in variant.inputs}
        self._rows: Iterator[dict[str, np.ndarray]] = (
            {name: array for name, array in row.items() if name in names} for row in source.representative_inputs()
        )

    def get_next(self) -> dict[str, Any] | None:
        return next(self._rows, None)
