"""Quantisation of TFLite files."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any, Literal

import numpy as np

from keras_gan.artifacts.case import Case
from keras_gan.artifacts.formats import Precision
from keras_gan.export.formats import tflite_file
from keras_gan.export.sources.source import SAMPLING_Z, TO_UINT8, Source, Variant

# The statistics of an image, as in instance norm. In 8 bits they cost more quality than everything else.
_STATISTICS = ("MEAN", "SUM", "SQUARED_DIFFERENCE", "SQRT", "RSQRT", "DIV")


def quantize(
    file: bytes, precision: Precision | Literal["weights_int8"], source: Source, variants: tuple[Variant, ...]
) -> bytes:
    """Quantises a TFLite file.

    Args:
        file: Float32 file, with a signature for each of the fixed sizes of `variants`.
        precision: Precision to quantise to. "weights_int8" computes in float32 with weights in 8 bits.
        source: Model that was converted.
        variants: Variants of the model that are in the file.

    Returns:
        The quantised file.

    Raises:
        RuntimeError: If LiteRT cannot run the quantised file.
    """
    from ai_edge_quantizer.quantizer import Quantizer

    quantizer = Quantizer(bytearray(file))
    _configure(quantizer, precision)
    with Path(os.devnull).open("w") as null, contextlib.redirect_stdout(null):
        ranges = _ranges(file, quantizer, source, variants) if quantizer.need_calibration else None
        quantized = tflite_file.write(tflite_file.read(quantizer.quantize(ranges).quantized_model))
    _check_that_it_runs(quantized)
    return quantized


def _configure(quantizer: Any, precision: Precision | Literal["weights_int8"]) -> None:
    """Says for each operation how it is quantised."""
    from ai_edge_quantizer import algorithm_manager, qtyping

    everything, name = ".*", qtyping.TFLOperationName
    # Scales for each row of a dense layer are stored in each signature: a fifth of the file, for 1 dB.
    tensorwise = qtyping.QuantGranularity.TENSORWISE
    algorithms = algorithm_manager.AlgorithmName
    if precision == "float16":
        half = qtyping.TensorQuantizationConfig(num_bits=16, dtype=qtyping.TensorDataType.FLOAT)
        config = qtyping.OpQuantizationConfig(
            weight_tensor_config=half, compute_precision=qtyping.ComputePrecision.FLOAT, explicit_dequantize=True
        )
        quantizer.update_quantization_recipe(everything, name.ALL_SUPPORTED, config, algorithms.FLOAT_CASTING)
        return
    if precision == "dynamic_int8":
        quantizer.add_dynamic_config(everything, name.ALL_SUPPORTED, 8)
        quantizer.add_dynamic_config(everything, name.FULLY_CONNECTED, 8, granularity=tensorwise)
    elif precision == "weights_int8":
        quantizer.add_weight_only_config(everything, name.ALL_SUPPORTED, 8)
        quantizer.add_weight_only_config(everything, name.FULLY_CONNECTED, 8, granularity=tensorwise)
    else:
        bits = 16 if precision == "int16x8" else 8
        quantizer.add_static_config(everything, name.ALL_SUPPORTED, bits, 8)
        quantizer.add_static_config(everything, name.FULLY_CONNECTED, bits, 8, weight_granularity=tensorwise)
        for kept in ("INPUT", "OUTPUT", *_STATISTICS):
            quantizer.update_quantization_recipe(everything, name[kept], None, algorithms.NO_QUANTIZE)
        for scope in (SAMPLING_Z, TO_UINT8):
            quantizer.update_quantization_recipe(f".*{scope}.*", name.ALL_SUPPORTED, None, algorithms.NO_QUANTIZE)
    # Resampling has a constant matrix on the left. LiteRT fails, or computes wrongly, if that one has 8 bits.
    quantizer.update_quantization_recipe(everything, name.BATCH_MATMUL, None, algorithms.NO_QUANTIZE)


def _ranges(file: bytes, quantizer: Any, source: Source, variants: tuple[Variant, ...]) -> Any:
    """Returns the least and the greatest value of each tensor over all representative inputs.

    `quantizer.calibrate` takes moving averages instead, which depend on the batch size. For single images they are too
    narrow, and one image in a hundred is far off.
    """
    from ai_edge_quantizer.calibrator import Calibrator
    from ai_edge_quantizer.recipe_manager import RecipeManager
    from ai_edge_quantizer.utils.qsv_utils import min_max_update

    manager = RecipeManager()
    manager.load_quantization_recipe(quantizer.get_quantization_recipe())
    calibrator = Calibrator(file, num_threads=os.cpu_count() or 1, qsv_update_func=min_max_update)
    calibrator.calibrate(_representative(source, variants), manager)
    return calibrator.get_model_qsvs()


def _representative(source: Source, variants: tuple[Variant, ...]) -> dict[str, list[dict[str, np.ndarray]]]:
    """Returns the same representative inputs for each signature of the file, in batches of its size."""
    rows = [Case(row, next(iter(row.values()))) for row in source.representative_inputs()]
    by_signature = {}
    for variant in variants:
        inputs = [row.for_signature(variant, source.image_range).inputs for row in rows]
        for signature, specs in variant.fixed.items():
            fitting = [row for row in inputs if all(row[s.name].shape[1:] == s.shape[1:] for s in specs)]
            size = specs[0].shape[0] or 1
            by_signature[signature] = [
                {spec.name: np.concatenate([row[spec.name] for row in fitting[i : i + size]]) for spec in specs}
                for i in range(0, len(fitting) - size + 1, size)
            ]
    return by_signature


def _check_that_it_runs(file: bytes) -> None:
    """Runs each signature once: only then does LiteRT refuse some operations of 16 bits."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter: Any = Interpreter(model_content=file)
    for signature in interpreter.get_signature_list():
        runner = interpreter.get_signature_runner(signature)
        runner(
            **{name: np.zeros(detail["shape"], detail["dtype"]) for name, detail in runner.get_input_details().items()}
        )
