"""The TFLite files of lower precision, for phones."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from keras_gan.artifacts.case import Case
from keras_gan.export.formats import tflite_file
from keras_gan.export.formats.tflite import TFLite, convert, of_fixed_sizes
from keras_gan.export.formats.transposed_convolution import as_convolutions
from keras_gan.export.sources.source import DRAWING_Z, LEVELS, Source, Variant

if TYPE_CHECKING:
    from keras_gan.artifacts.manifest import Precision

# Statistics of an image, as instance norm takes them: in 8 bits they cost the picture more than all the rest.
_STATISTICS = ("MEAN", "SUM", "SQUARED_DIFFERENCE", "SQRT", "RSQRT", "DIV")


class QuantizedTFLite:
    """The signatures of fixed sizes, with weights of half or a quarter of the size.

    - "float16": weights in 16 bits, for any processor.
    - "dynamic_int8": weights in 8 bits; what is computed with them is quantised while it runs.
    - "int8": all in 8 bits, by ranges learned from representative inputs; the images are uint8.
    - "int16x8": weights in 8 bits, the rest in 16.

    What draws z, what makes levels of floats, and the statistics of an image stay in float32.

    Args:
        precision: One of these.
        optional: As in `Format`. Defaults to False.
        weights_only: Whether all is computed in float32, with weights in 8 bits. Defaults to False.
    """

    needs: tuple[str, ...] = ("tensorflow", "ai_edge_litert", "ai_edge_quantizer")

    def __init__(self, precision: Precision, optional: bool = False, *, weights_only: bool = False) -> None:
        self.name = f"tflite_{precision}"
        self.precision = precision
        self.optional = optional
        self.weights_only = weights_only
        falls_back = precision in ("dynamic_int8", "int8") and not weights_only
        self.fallback = QuantizedTFLite(precision, optional, weights_only=True) if falls_back else None

    def variants(self, source: Source) -> tuple[Variant, ...]:
        """Images from z or images, and from seeds; see `Format.variants`."""
        if self.precision == "int8":
            return source.level_variants
        return source.variants_in(("serving_default", "generate"))

    def filename(self, signature: str) -> str:
        """One for all; see `Format.filename`."""
        return f"model_{self.precision}.tflite"

    def write(self, source: Source, folder: Path) -> None:
        """Write the file; see `Format.write`."""
        variants, whole = self.variants(source), folder / TFLite().filename("serving_default")
        # What is converted to float32 beside this may be the very file.
        same = self.precision != "int8" and not any(variant.resizable for variant in variants)
        written = same and whole.is_file()
        file = whole.read_bytes() if written else as_convolutions(convert(of_fixed_sizes(variants), folder))
        precision = "weights_int8" if self.weights_only else self.precision
        (folder / self.filename("")).write_bytes(quantize(file, precision, source, variants))


def quantize(
    file: bytes, precision: Precision | Literal["weights_int8"], source: Source, variants: tuple[Variant, ...]
) -> bytes:
    """Quantise a TFLite file.

    Args:
        file: It, in float32, with a signature for each of the fixed sizes of `variants`.
        precision: To what; "weights_int8" computes in float32 with weights of 8 bits.
        source: What was converted.
        variants: The ways to call it that the file has.

    Returns:
        The file.

    Raises:
        RuntimeError: If LiteRT cannot run the outcome.
    """
    from ai_edge_quantizer import algorithm_manager, qtyping
    from ai_edge_quantizer.quantizer import Quantizer

    quantizer = Quantizer(bytearray(file))
    everything, name = ".*", qtyping.TFLOperationName
    # A scale for each row of a dense layer is stored once more in each signature: a fifth of the file, for 1 dB.
    whole = qtyping.QuantGranularity.TENSORWISE
    algorithms = algorithm_manager.AlgorithmName
    if precision == "float16":
        half = qtyping.TensorQuantizationConfig(num_bits=16, dtype=qtyping.TensorDataType.FLOAT)
        config = qtyping.OpQuantizationConfig(
            weight_tensor_config=half, compute_precision=qtyping.ComputePrecision.FLOAT, explicit_dequantize=True
        )
        quantizer.update_quantization_recipe(everything, name.ALL_SUPPORTED, config, algorithms.FLOAT_CASTING)
    elif precision == "dynamic_int8":
        quantizer.add_dynamic_config(everything, name.ALL_SUPPORTED, 8)
        quantizer.add_dynamic_config(everything, name.FULLY_CONNECTED, 8, granularity=whole)
    elif precision == "weights_int8":
        quantizer.add_weight_only_config(everything, name.ALL_SUPPORTED, 8)
        quantizer.add_weight_only_config(everything, name.FULLY_CONNECTED, 8, granularity=whole)
    else:
        bits = 16 if precision == "int16x8" else 8
        quantizer.add_static_config(everything, name.ALL_SUPPORTED, bits, 8)
        quantizer.add_static_config(everything, name.FULLY_CONNECTED, bits, 8, weight_granularity=whole)
        for kept in ("INPUT", "OUTPUT", *_STATISTICS):
            quantizer.update_quantization_recipe(everything, name[kept], None, algorithms.NO_QUANTIZE)
        for scope in (DRAWING_Z, LEVELS):
            quantizer.update_quantization_recipe(f".*{scope}.*", name.ALL_SUPPORTED, None, algorithms.NO_QUANTIZE)
    if precision != "float16":
        # LiteRT takes no constant of 8 bits on the left, as resampling by a matrix has it, or errs with it.
        quantizer.update_quantization_recipe(everything, name.BATCH_MATMUL, None, algorithms.NO_QUANTIZE)
    with Path(os.devnull).open("w") as null, contextlib.redirect_stdout(null):
        learned = _ranges(file, quantizer, source, variants) if quantizer.need_calibration else None
        quantized = tflite_file.write(tflite_file.read(quantizer.quantize(learned).quantized_model))
    _see_that_it_runs(quantized)
    return quantized


def _ranges(file: bytes, quantizer: Any, source: Source, variants: tuple[Variant, ...]) -> Any:
    """The least and the greatest value of each tensor over all representative inputs.

    Not `quantizer.calibrate`, whose moving average of them depends on the batch: that of single images is too narrow,
    and one in a hundred is far off.
    """
    from ai_edge_quantizer.calibrator import Calibrator
    from ai_edge_quantizer.recipe_manager import RecipeManager
    from ai_edge_quantizer.utils.qsv_utils import min_max_update

    recipe = RecipeManager()
    recipe.load_quantization_recipe(quantizer.get_quantization_recipe())
    calibrator = Calibrator(file, num_threads=os.cpu_count() or 1, qsv_update_func=min_max_update)
    calibrator.calibrate(_representative(source, variants), recipe)
    return calibrator.get_model_qsvs()


def _representative(source: Source, variants: tuple[Variant, ...]) -> dict[str, list[dict[str, np.ndarray]]]:
    """Representative inputs for each signature of the file: the same images, in batches of its size."""
    rows = [Case(row, next(iter(row.values()))) for row in source.representative()]
    by_signature = {}
    for variant in variants:
        inputs = [row.called_by(variant, source.image_range).inputs for row in rows]
        for signature, specs in variant.fixed.items():
            fitting = [row for row in inputs if all(row[s.name].shape[1:] == s.shape[1:] for s in specs)]
            size = specs[0].shape[0] or 1
            by_signature[signature] = [
                {spec.name: np.concatenate([row[spec.name] for row in fitting[i : i + size]]) for spec in specs}
                for i in range(0, len(fitting) - size + 1, size)
            ]
    return by_signature


def _see_that_it_runs(file: bytes) -> None:
    """Have LiteRT prepare each signature: it refuses some operations of 16 bits only then."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter: Any = Interpreter(model_content=file)
    for signature in interpreter.get_signature_list():
        runner = interpreter.get_signature_runner(signature)
        runner(
            **{name: np.zeros(detail["shape"], detail["dtype"]) for name, detail in runner.get_input_details().items()}
        )
