"""Counts of the operations in an artifact."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from keras_gan.export.formats import tflite_file

# Operations that compute nothing.
_NO_WORK = {"Identity", "NoOp", "Placeholder", "PartitionedCall", "StatefulPartitionedCall"}


def operations(path: Path, signature: str) -> dict[str, int]:
    """Counts the operations of one signature, also those inside loops and branches.

    Args:
        path: Main file of the artifact.
        signature: Name of the signature. In a TFLite file, the first signature whose name begins with it is counted.
            An ONNX file is one graph, which is counted for any name.

    Returns:
        The number of operations of each kind, by its name in the format. Empty for an unknown format.
    """
    found: Iterator[str] = iter(())
    if path.suffix == ".onnx":
        found = _onnx(path)
    elif path.suffix == ".tflite":
        found = _tflite(path, signature)
    elif path.suffix == ".pb":
        found = _saved_model(path, signature)
    counted = Counter(found)
    return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))


def _onnx(path: Path) -> Iterator[str]:
    import onnx

    def walk(graph: Any) -> Iterator[str]:
        for node in graph.node:
            yield node.op_type
            for attribute in node.attribute:
                for inner in [*attribute.graphs, *([attribute.g] if attribute.HasField("g") else [])]:
                    yield from walk(inner)

    yield from walk(onnx.load(path, load_external_data=False).graph)


def signature_names(path: Path, signature: str) -> tuple[str, ...]:
    """Returns the names in a TFLite file that belong to a signature, such as "generate_b1"; () for other formats.

    Args:
        path: Main file of the artifact.
        signature: Name of the signature.
    """
    if path.suffix != ".tflite":
        return ()
    return tuple(_graphs(tflite_file.read(path.read_bytes()), signature))


def _graphs(model: Any, signature: str) -> dict[str, int]:
    """Returns the graph of each name in a TFLite file that belongs to a signature."""
    keys = {definition.signatureKey.decode(): definition.subgraphIndex for definition in model.signatureDefs or ()}
    return {key: index for key, index in keys.items() if key == signature or key.startswith(f"{signature}_")}


def _tflite(path: Path, signature: str) -> Iterator[str]:
    model = tflite_file.read(path.read_bytes())
    chosen = [*_graphs(model, signature).values(), 0]
    for operator in model.subgraphs[chosen[0]].operators:
        yield tflite_file.operation(model.operatorCodes[operator.opcodeIndex])


def _saved_model(path: Path, signature: str) -> Iterator[str]:
    from tensorflow.core.protobuf import saved_model_pb2

    graph = saved_model_pb2.SavedModel.FromString(path.read_bytes()).meta_graphs[0]
    functions = {f.signature.name: f.node_def for f in graph.graph_def.library.function}

    def walk(nodes: Iterable[Any]) -> Iterator[str]:
        for node in nodes:
            if node.op not in _NO_WORK:
                yield node.op
            for attribute in node.attr.values():
                for called in (attribute.func, *attribute.list.func):
                    yield from walk(functions.get(called.name, ()))

    outputs = {output.name.partition(":")[0] for output in graph.signature_def[signature].outputs.values()}
    yield from walk(node for node in graph.graph_def.node if node.name in outputs)
