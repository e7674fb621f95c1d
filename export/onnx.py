"""The ONNX file."""

from __future__ import annotations

import contextlib
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keras_gan.export.source import Source

OPSETS = range(13, 22)
# tf2onnx writes up to this one; a newer is reached from it by onnx's own converter.
_NEWEST = 18
_DEFAULT_DOMAINS = ("", "ai.onnx")


class Onnx:
    """One graph of the default domain's operators, for batches of any size."""

    name = "onnx"
    filename = "model.onnx"
    needs: tuple[str, ...] = ("tensorflow", "tf2onnx", "onnx", "onnxruntime")

    def write(self, source: Source, folder: Path) -> None:
        """Write model.onnx; see `Format.write`."""
        import onnx
        import tensorflow as tf
        import tf2onnx

        specs = source.tensor_specs(None)
        function = tf.function(source.graph, autograph=False, input_signature=specs)
        opset = min(source.opset, _NEWEST)
        with _errors_raised():
            model, _ = tf2onnx.convert.from_function(function, input_signature=specs, opset=opset)
        _keep_default_domain(model)
        if source.opset != opset:
            model = onnx.version_converter.convert_version(model, source.opset)
        _name_batch(model, source)
        onnx.checker.check_model(model, full_check=True)
        (folder / self.filename).write_bytes(model.SerializeToString())


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


def _keep_default_domain(model: Any) -> None:
    """Drop the imports of domains that no node uses, and raise if one does."""
    foreign = sorted({f"{n.domain}.{n.op_type}" for n in model.graph.node if n.domain not in _DEFAULT_DOMAINS})
    if foreign:
        raise RuntimeError(f"ONNX's default domain has no operator for {', '.join(foreign)}")
    opsets = [opset for opset in model.opset_import if opset.domain in _DEFAULT_DOMAINS]
    del model.opset_import[:]
    model.opset_import.extend(opsets)


def _name_batch(model: Any, source: Source) -> None:
    """Call the batch "batch" in each input and output, and state the shapes that are known from the generator."""
    # Shapes inside the graph carry the converter's own name for the batch; runtimes infer them anew.
    del model.graph.value_info[:]
    declared = {spec.name: spec.shape for spec in (*source.inputs, *source.outputs)}
    for tensor in (*model.graph.input, *model.graph.output):
        shape = tensor.type.tensor_type.shape
        del shape.dim[:]
        for size in declared[tensor.name]:
            shape.dim.add(**({"dim_param": "batch"} if size is None else {"dim_value": size}))
