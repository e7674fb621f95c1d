"""Version folders to serve, made by `onnx.helper` alone: quick, and without TensorFlow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

Z = 8
SIZE = 6
CHANNELS = 3
CLASSES = 4


def write_generator(
    folder: Path, seed: int = 0, labels: bool = False, bias: float = 0.0, channels: int = CHANNELS
) -> np.ndarray:
    """A model.onnx: image = tanh(z W + E[labels] + bias), 6x6x3 unless `channels` says otherwise; gives W."""
    rng = np.random.default_rng(seed)
    weights = rng.normal(0, 0.5, (Z, SIZE * SIZE * channels)).astype(np.float32)
    constants = [
        numpy_helper.from_array(weights, "w"),
        numpy_helper.from_array(np.float32(bias), "b"),
        numpy_helper.from_array(np.array([-1, SIZE, SIZE, channels]), "shape"),
    ]
    inputs = [helper.make_tensor_value_info("z", TensorProto.FLOAT, ["batch", Z])]
    nodes = [helper.make_node("MatMul", ["z", "w"], ["zw"]), helper.make_node("Add", ["zw", "b"], ["sum"])]
    drawn = "sum"
    if labels:
        table = rng.normal(0, 0.5, (CLASSES, weights.shape[1])).astype(np.float32)
        constants.append(numpy_helper.from_array(table, "table"))
        inputs.append(helper.make_tensor_value_info("labels", TensorProto.INT32, ["batch"]))
        nodes += [
            helper.make_node("Gather", ["table", "labels"], ["of_label"]),
            helper.make_node("Add", ["sum", "of_label"], ["both"]),
        ]
        drawn = "both"
    nodes += [
        helper.make_node("Tanh", [drawn], ["flat"]),
        helper.make_node("Reshape", ["flat", "shape"], ["image"]),
    ]
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", SIZE, SIZE, channels])
    graph = helper.make_graph(nodes, "generator", inputs, [image], constants)
    write_onnx(folder, graph)
    return weights


def write_identity(folder: Path, dtypes: dict[str, int], rank: int = 1) -> None:
    """A model.onnx that returns what it is given, for ONNX's types by name; `y` for the input `x`, and so on."""
    shape = [f"d{i}" for i in range(rank)]
    inputs = [helper.make_tensor_value_info(name, dtype, shape) for name, dtype in dtypes.items()]
    outputs = [helper.make_tensor_value_info(f"{name}_out", dtype, shape) for name, dtype in dtypes.items()]
    nodes = [helper.make_node("Identity", [name], [f"{name}_out"]) for name in dtypes]
    write_onnx(folder, helper.make_graph(nodes, "identity", inputs, outputs))


def write_onnx(folder: Path, graph: onnx.GraphProto) -> None:
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(model, folder / "model.onnx")
