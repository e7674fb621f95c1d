"""A function of tensors written to each format, and run by that format's own runtime."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import tensorflow as tf
import tf2onnx
from ai_edge_litert.interpreter import Interpreter

RUNTIMES = ("keras", "graph", "saved_model", "tflite", "onnx")
Run = Callable[..., np.ndarray]


def written(runtime: str, function: Callable[..., Any], specs: dict[str, tf.TensorSpec], folder: Path) -> Run:
    """`function`, whose arguments are those of `specs`, as `runtime` computes it."""
    if runtime == "keras":
        return lambda **inputs: np.asarray(function(*map(tf.constant, inputs.values())))
    named = [tf.TensorSpec(spec.shape, spec.dtype, name) for name, spec in specs.items()]
    traced = tf.function(lambda *tensors: {"y": function(*tensors)}, input_signature=named, autograph=False)
    if runtime == "graph":
        return lambda **inputs: traced(*map(tf.constant, inputs.values()))["y"].numpy()
    if runtime == "onnx":
        model, _ = tf2onnx.convert.from_function(traced, input_signature=named, opset=18)
        session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        return lambda **inputs: session.run(["y"], inputs)[0]
    module = tf.Module()
    module.function = traced
    tf.saved_model.save(module, str(folder), signatures={"s": traced.get_concrete_function()})
    if runtime == "saved_model":
        loaded = tf.saved_model.load(str(folder))
        return lambda **inputs: loaded.signatures["s"](**{k: tf.constant(v) for k, v in inputs.items()})["y"].numpy()
    converter = tf.lite.TFLiteConverter.from_saved_model(str(folder), signature_keys=["s"])
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
    interpreter = Interpreter(model_content=converter.convert())
    runner = interpreter.get_signature_runner("s")
    return lambda **inputs: runner(**inputs)["y"]
