"""Version folders to serve: made by `onnx.helper` alone, which is quick, or by TensorFlow as others make them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
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


def write_negative(folder: Path, channels: int = 3, size: int | None = None) -> None:
    """A model.onnx from images to images: image = -source."""
    shape = ["batch", size or "height", size or "width", channels]
    source, image = (helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in ("source", "image"))
    nodes = [helper.make_node("Neg", ["source"], ["image"])]
    write_onnx(folder, helper.make_graph(nodes, "negative", [source], [image]))


def write_onnx(folder: Path, graph: onnx.GraphProto) -> None:
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(model, folder / "model.onnx")


def save(folder: Path, **functions: Callable[..., dict[str, object]]) -> None:
    """A SavedModel with a signature for each function, whose defaults are the shape and type of its inputs."""
    import tensorflow as tf

    signatures = {}
    for name, function in functions.items():
        specs = {key: parameter.default for key, parameter in inspect.signature(function).parameters.items()}
        specs = {key: tf.TensorSpec(*spec, name=key) for key, spec in specs.items()}
        signatures[name] = tf.function(function).get_concrete_function(**specs)
    tf.saved_model.save(tf.Module(), str(folder), signatures=signatures)


def save_identity(folder: Path, **dtypes: str) -> None:
    """A SavedModel that returns its inputs of any rank, `x` as `y`, or each as `NAME_out` if there are several."""
    import tensorflow as tf

    def identity(**inputs: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"y" if len(inputs) == 1 else f"{name}_out": tf.identity(one) for name, one in inputs.items()}

    specs = {name: tf.TensorSpec(None, dtype, name=name) for name, dtype in dtypes.items()}
    concrete = tf.function(identity).get_concrete_function(**specs)
    tf.saved_model.save(tf.Module(), str(folder), signatures={"serving_default": concrete})


def save_half_plus(folder: Path, addend: float) -> None:
    """TensorFlow Serving's own test model in TensorFlow 1's format: y = x / 2 + addend, and a second pair of it.

    After saved_model_half_plus_two.py of TensorFlow Serving: a signature of Predict, the others of tf.Examples.
    """
    import tensorflow as tf

    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        examples = v1.placeholder(tf.string, name="tf_example")
        features = {
            "x": v1.io.FixedLenFeature([1], tf.float32),
            "x2": v1.io.FixedLenFeature([1], tf.float32, default_value=[0.0]),
        }
        parsed = v1.io.parse_example(examples, features)
        half, two = v1.Variable(0.5, name="a"), v1.Variable(addend, name="b")
        x, x2 = tf.identity(parsed["x"], name="x"), tf.identity(parsed["x2"], name="x2")
        y, y3 = tf.add(half * x, two, name="y"), tf.add(half * x2, 3.0, name="y3")
        session.run(v1.global_variables_initializer())
        builder = v1.saved_model.Builder(str(folder))

        def signature(inputs: dict[str, object], outputs: dict[str, object], method: str) -> object:
            info = v1.saved_model.build_tensor_info
            sides = [{name: info(one) for name, one in side.items()} for side in (inputs, outputs)]
            return v1.saved_model.build_signature_def(*sides, f"tensorflow/serving/{method}")

        signatures = {
            "serving_default": signature({"x": x}, {"y": y}, "predict"),
            "regress_x_to_y": signature({"inputs": examples}, {"outputs": y}, "regress"),
            "regress_x2_to_y3": signature({"inputs": x2}, {"outputs": y3}, "regress"),
            "classify_x_to_y": signature({"inputs": examples}, {"scores": y}, "classify"),
        }
        builder.add_meta_graph_and_variables(session, ["serve"], signature_def_map=signatures)
        builder.save()
