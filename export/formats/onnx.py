"""The ONNX files."""

from __future__ import annotations

import contextlib
import gc
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_gan.export.sources.source import Source, Variant, tensor_specs

if TYPE_CHECKING:
    from keras_gan.artifacts.manifest import Precision

OPSETS = range(13, 22)
# tf2onnx writes up to this one; a newer is reached from it by onnx's own converter.
_NEWEST = 18
_DEFAULT_DOMAINS = ("", "ai.onnx")
# Integers are XORed from this one on; a generator's seeds need it.
XOR = 18
# What a dimension of any size is called, by its place.
_DIMENSIONS = ("batch", "height", "width", "channels")


class Onnx:
    """Graphs of the default domain's operators, for batches and images of any size; a file for each signature."""

    name = "onnx"
    precision: Precision = "float32"
    needs: tuple[str, ...] = ("tensorflow", "tf2onnx", "onnx", "onnxruntime", "onnxslim")
    optional = False
    fallback = None

    def variants(self, source: Source) -> tuple[Variant, ...]:
        """All but PNG files; see `Format.variants`."""
        return source.variants_in(("serving_default", "uint8", "generate"))

    def filename(self, signature: str) -> str:
        """Its own; see `Format.filename`."""
        return "model.onnx" if signature == "serving_default" else f"model_{signature}.onnx"

    def write(self, source: Source, folder: Path) -> None:
        """Write model.onnx, and model_generate.onnx of a generator or model_uint8.onnx of a translator."""
        for variant in self.variants(source):
            opset = max(source.opset, XOR) if variant.signature == "generate" else source.opset
            model = convert(variant, opset)
            (folder / self.filename(variant.signature)).write_bytes(model.SerializeToString())


def convert(variant: Variant, opset: int) -> Any:
    """An ONNX model in float32, optimised: batch norm and transposes folded, constants merged.

    Args:
        variant: What to convert.
        opset: The operator set.

    Raises:
        RuntimeError: If ONNX has no operator for what it does.
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
    """Name the dimensions of a finished model, and see that it is in order."""
    import onnx

    _keep_default_domain(model)
    _name_dimensions(model, variant)
    onnx.checker.check_model(model, full_check=True)


def _erfc(graph: Any, node: Any, name: str, _: Any) -> None:
    """1 - erf(x), as Keras's GELU needs it; tf2onnx knows Erf alone."""
    import numpy as np
    from tf2onnx.utils import map_onnx_to_numpy_type

    output, shape, dtype = node.output[0], graph.get_shape(node.output[0]), graph.get_dtype(node.output[0])
    one = graph.make_const(f"{name}_one", np.ones((), map_onnx_to_numpy_type(dtype)))
    graph.remove_node(node.name)
    erf = graph.make_node("Erf", node.input, shapes=[shape], dtypes=[dtype])
    graph.make_node("Sub", [one.output[0], erf.output[0]], name=name, outputs=[output], shapes=[shape], dtypes=[dtype])


@contextlib.contextmanager
def _errors_raised() -> Iterator[None]:
    """Raise what tf2onnx logs as an error: it goes on after an operation that it cannot convert."""
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
    """Leave shapes computed where height and width are open, as they may be of a grey image.

    tf2onnx's `reshape_optimizer` writes them as constants with zeros, which stand for the dimensions of what goes in;
    where one Reshape follows another its `remove_back_to_back` then takes the first away, and the zeros stand for
    others. In which order it goes through them changes from run to run, and so whether the graph is right.
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
    """Free what tf2onnx leaves behind in cycles: for each of its passes a copy of the graph, weights and all.

    The U-Net of pix2pix, 218 MB, takes 6 GB so instead of 16, and half the time. What was there before is frozen, as a
    full collection waits until the objects are a quarter more.
    """
    thresholds = gc.get_threshold()
    gc.freeze()
    gc.collect()
    gc.set_threshold(thresholds[0], thresholds[1], 2)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.collect()  # before what was there is looked through again, which takes longer than a small conversion
        gc.unfreeze()


def _keep_default_domain(model: Any) -> None:
    """Drop the imports of domains that no node uses, and raise if one does."""
    foreign = sorted({f"{n.domain}.{n.op_type}" for n in model.graph.node if n.domain not in _DEFAULT_DOMAINS})
    if foreign:
        raise RuntimeError(f"ONNX's default domain has no operator for {', '.join(foreign)}")
    opsets = [opset for opset in model.opset_import if opset.domain in _DEFAULT_DOMAINS]
    del model.opset_import[:]
    model.opset_import.extend(opsets)


def _name_dimensions(model: Any, variant: Variant) -> None:
    """Name the dimensions of any size in each input and output, and state the others as the model has them."""
    # Shapes inside the graph carry the converter's own names; runtimes infer them anew.
    del model.graph.value_info[:]
    declared = {spec.name: spec.shape for spec in (*variant.inputs, *variant.outputs)}
    for tensor in (*model.graph.input, *model.graph.output):
        shape = tensor.type.tensor_type.shape
        del shape.dim[:]
        for name, size in zip(_DIMENSIONS, declared[tensor.name], strict=False):
            shape.dim.add(**({"dim_param": name} if size is None else {"dim_value": size}))
