"""Which engine runs which file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from keras_gan.artifacts.engines.engine import Engine
from keras_gan.artifacts.errors import ArtifactError

# In the order of preference: the first whose runtime is installed starts fastest and takes the least memory. Those of
# lower precision come last, and from phone to browser.
FILES = {
    "onnx": "model.onnx",
    "tflite": "model.tflite",
    "saved_model": "saved_model.pb",
    "tflite_float16": "model_float16.tflite",
    "tflite_dynamic_int8": "model_dynamic_int8.tflite",
    "tflite_int8": "model_int8.tflite",
    "tflite_int16x8": "model_int16x8.tflite",
    "tflite_gpu": "model_gpu.tflite",
    "onnx_float16": "model_float16.onnx",
    "onnx_int8": "model_int8.onnx",
}
_RUNTIMES = {".onnx": "onnxruntime", ".tflite": "ai_edge_litert", ".pb": "tensorflow"}


def available(path: str | os.PathLike[str]) -> bool:
    """Whether the runtime that `path` needs is installed.

    Args:
        path: A .onnx or .tflite file, or a saved_model.pb.

    Returns:
        True if `open_engine` would find its runtime.
    """
    runtime = _RUNTIMES.get(Path(path).suffix)
    return runtime is not None and find_spec(runtime) is not None


def open_engine(path: str | os.PathLike[str], threads: int | None = None, tags: Sequence[str] = ("serve",)) -> Engine:
    """Load an artifact in the runtime of its format.

    Args:
        path: A .onnx file, a .tflite file, or a SavedModel (its folder, or the saved_model.pb in it).
        threads: How many threads one call may use. Defaults to None, one for each processor. A SavedModel ignores it:
            TensorFlow has one pool a process (`tf.config.threading`).
        tags: Those of the graph in a SavedModel. Defaults to ("serve",).

    Returns:
        The `Engine`.

    Raises:
        FileNotFoundError: If there is nothing at `path`.
        ArtifactError: If the file cannot be run.
        ImportError: If the runtime is not installed; the message names what to install.

    Example:
    ```python
    engine = keras_gan.artifacts.engines.open_engine("exported/digits/1/model.onnx")
    images = engine.run({"z": keras_gan.latent.sample(16, 128)})["image"]
    ```
    """
    file = Path(path)
    if file.is_dir():
        file = file / FILES["saved_model"]
    if not file.is_file():
        raise FileNotFoundError(f"Expected an exported generator. Received: `{file}`, which does not exist")
    if file.stat().st_size == 0:
        raise ArtifactError(f"Expected an exported generator. Received: `{file}`, which is empty")
    if file.suffix not in _RUNTIMES:
        raise ArtifactError(f"Expected a .onnx file, a .tflite file or a SavedModel. Received: `{file}`")
    if not available(file):
        raise ImportError(f"Running `{file}` needs {_RUNTIMES[file.suffix]}: {_remedy(file.suffix)}")
    if file.suffix == ".onnx":
        from keras_gan.artifacts.engines.onnxruntime import OnnxRuntimeEngine

        return OnnxRuntimeEngine(file, threads)
    if file.suffix == ".tflite":
        from keras_gan.artifacts.engines.litert import LiteRTEngine

        return LiteRTEngine(file, threads)
    from keras_gan.artifacts.engines.saved_model import SavedModelEngine

    return SavedModelEngine(file.parent, tags=tags)


def _remedy(suffix: str) -> str:
    return f"pip install 'keras-gan[{'tensorflow' if suffix == '.pb' else 'serving'}]'"
