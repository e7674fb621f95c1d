"""The ONNX files in float32."""

from __future__ import annotations

import contextlib
import gc
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from keras_gan.artifacts.formats import FORMAT_INFOS, FormatInfo
from keras_gan.export.formats.format import Format
from keras_gan.export.sources.source import Source, Variant, tensor_specs

OPSETS = range(13, 22)
# The newest opset of tf2onnx. onnx's converter makes newer ones from it.
_NEWEST = 18
_DEFAULT_DOMAINS = ("", "ai.onnx")
# The first opset with XOR of integers, which sampling z from seeds needs.
SEEDS_OPSET = 18
# The names of dimensions of any size.
_DIMENSIONS = ("batch", "height", "width", "channels")


class Onnx(Format):
    """ONNX file for each signature, for batches and images of any size, with operators of the default domain."""

    info = FORMAT_INFOS["onnx"]

    def variants(self, source: Source) -> tuple[Variant, ...]:
        """Returns all variants except PNG files; see `Format.variants`."""
        return source.variants_in(("serving_default", "uint8", "generate"))

    def filename(self, signature: str) -> str:
        """Returns the file of a signature; see `Format.filename`."""
        return onnx_filename(self.info, signature)

    def write(self, source: Source, folder: Path) -> None:
        """Writes model.onnx, and model_generate.onnx of a generator or model_uint8.onnx of a translator."""
        for variant in self.variants(source):
            opset = max(source.opset, SEEDS_OPSET) if variant.signature == "generate" else source.opset
            model = convert(variant, opset)
            (folder / self.filename(variant.signature)).write_bytes(model.SerializeToString())


def onnx_filename(info: FormatInfo, signature: str) -> str:
    """Returns the file of a signature: ONNX has one file for each."""
    stem, suffix = info.filename.split(".")
    return info.filename if signature == "serving_default" else f"{stem}_{signature}.{suffix}"


def convert(variant: Variant, opset: int) -> Any:
    """Converts a variant to an optimised ONNX model in float32.

    The optimiser folds batch norm and transposes and merges constants.

    Args:
        variant: Variant to convert.
        opset: ONNX operator set.

    Raises:
        RuntimeError: If ONNX lacks an operator. The message names it.
    """
    import onnx
    import onnxslim
    import tensorflow as tf
    import tf2onnx

    specs = tensor_specs(variant.inputs)
    function = tf.function(variant.graph, autograph=False, input_signature=specs)
    with _errors_raised(), _garbage_collected_often(), _shapes_kept(variant):
        model, _ = tf2onnx.convert.from_function(
            function, input_signature=specs, opset=min(opset, _NEWEST), custom_op_handlers={"Erfc": (_erfc, [])}
        )
    _keep_default_domain(model)
    if opset > _NEWEST:
        model = onnx.version_converter.convert_version(model, opset)
    model = onnxslim.slim(model)
    check(model, variant)
    return model


def check(model: Any, variant: Variant) -> None:
    """Names the dimensions of a finished model, and runs onnx's checker."""
    import onnx

    _keep_default_domain(model)
    _name_dimensions(model, variant)
    onnx.checker.check_model(model, full_check=True)


def _erfc(graph: Any, node: Any, name: str, _: Any) -> None:
    """Converts Erfc, which Keras's GELU uses and tf2onnx lacks: erfc(x) = 1 - erf(x)."""
    import numpy as np
    from tf2onnx.utils import map_onnx_to_numpy_type

    output, shape, dtype = node.output[0], graph.get_shape(node.output[0]), graph.get_dtype(node.output[0])
    one = graph.make_const(f"{name}_one", np.ones((), map_onnx_to_numpy_type(dtype)))
    graph.remove_node(node.name)
    erf = graph.make_node("Erf", node.input, shapes=[shape], dtypes=[dtype])
    graph.make_node("Sub", [one.output[0], erf.output[0]], name=name, outputs=[output], shapes=[shape], dtypes=[dtype])


@contextlib.contextmanager
def _errors_raised() -> Iterator[None]:
    """Raises the errors that tf2onnx only logs: it goes on after an operation that it cannot convert."""
    errors: list[str] = []

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            errors.append(record.getMessage())

    logger, collector = logging.getLogger("tf2onnx"), Collector(logging.ERROR)
    propagate, logger.propagate = logger.propagate, False
    logger.addHandler(collector)
    try:
        yield
    finally:
        logger.removeHandler(collector)
        logger.propagate = propagate
    if errors:
        named = sorted(set(re.findall(r"Tensorflow op \[.*?: (\w+)\] is not supported", "\n".join(errors))))
        raise RuntimeError(
            f"ONNX has no operator for {', '.join(named)}" if named else "; ".join(dict.fromkeys(errors))
        )


@contextlib.contextmanager
def _shapes_kept(variant: Variant) -> Iterator[None]:
    """Turns off tf2onnx's `reshape_optimizer` for images of any size, as it may break the graph.

    It replaces computed shapes by constants with zeros, which stand for the dimensions of the input. If one Reshape
    follows another, `remove_back_to_back` may then remove the first, and the zeros stand for other dimensions. The
    order of these passes changes from run to run.
    """
    from tf2onnx import optimizer

    any_size = any(None in spec.shape[1:] for spec in variant.inputs)
    every = optimizer._optimizers
    if any_size:
        kept = {name: one for name, one in every.items() if name != "reshape_optimizer"}
        optimizer._optimizers = kept
    try:
        yield
    finally:
        optimizer._optimizers = every


@contextlib.contextmanager
def _garbage_collected_often() -> Iterator[None]:
    """Frees the copies of the graph with its weights that each pass of tf2onnx leaves behind in reference cycles.

    The U-Net of pix2pix (218 MB) then needs 6 GB instead of 16, and half the time. Older objects are frozen, because
    Python delays a full collection until the number of objects has grown by a quarter.
    """
    thresholds = gc.get_threshold()
    gc.freeze()
    gc.collect()
    gc.set_threshold(thresholds[0], thresholds[1], 2)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.collect()  # before unfreezing: a collection of all objects takes longer than a small conversion
        gc.unfreeze()


def _keep_default_domain(model: Any) -> None:
    """Removes the imports of unused domains, and raises if a node uses one."""
    foreign = sorted({f"{n.domain}.{n.op_type}" for n in model.graph.node if n.domain not in _DEFAULT_DOMAINS})
    if foreign:
        raise RuntimeError(f"ONNX's default domain has no operator for {', '.join(foreign)}")
    opsets = [opset for opset in model.opset_import if opset.domain in _DEFAULT_DOMAINS]
    del model.opset_import[:]
    model.opset_import.extend(opsets)


def _name_dimensions(model: Any, variant: Variant) -> None:
    """Names the dimensions of any size in each input and output, and writes the other sizes."""
    # Shapes inside the graph have the converter's names. Runtimes infer them again.
    del model.graph.value_info[:]
    declared = {spec.name: spec.shape for spec in (*variant.inputs, *variant.outputs)}
    for tensor in (*model.graph.input, *model.graph.output):
        shape = tensor.type.tensor_type.shape
        del shape.dim[:]
        for name, size in zip(_DIMENSIONS, declared[tensor.name], strict=False):
            shape.dim.add(**({"dim_param": name} if size is None else {"dim_value": size}))
