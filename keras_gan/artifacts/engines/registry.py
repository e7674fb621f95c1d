"""The runtimes that artifacts run in, by the suffix of their files."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from keras_gan.artifacts.errors import ArtifactError
from keras_gan.utils.extras import install_hint

if TYPE_CHECKING:
    from keras_gan.artifacts.engines.engine import Engine


@dataclasses.dataclass(frozen=True)
class Runtime:
    """A runtime of artifacts.

    Args:
        name: Name for people.
        suffix: Suffix of its files.
        module: Module that the engine imports.
        extra: Extra of setup.py that installs the module.
        open: Function that opens a file, from the path, the number of threads and the tags of a SavedModel.
    """

    name: str
    suffix: str
    module: str
    extra: str
    open: Callable[[Path, int | None, Sequence[str]], Engine]

    @property
    def is_installed(self) -> bool:
        """True if the module can be imported."""
        return find_spec(self.module) is not None


def _open_onnx(file: Path, threads: int | None, _: Sequence[str]) -> Engine:
    from keras_gan.artifacts.engines.onnxruntime import OnnxRuntimeEngine

    return OnnxRuntimeEngine(file, threads)


def _open_tflite(file: Path, threads: int | None, _: Sequence[str]) -> Engine:
    from keras_gan.artifacts.engines.litert import LiteRTEngine

    return LiteRTEngine(file, threads)


def _open_saved_model(file: Path, _: int | None, tags: Sequence[str]) -> Engine:
    from keras_gan.artifacts.engines.saved_model import SavedModelEngine

    return SavedModelEngine(file.parent, tags=tags)


_SAVED_MODEL = "saved_model.pb"
# In the order of preference: the first one starts fastest and takes the least memory.
RUNTIMES: dict[str, Runtime] = {
    runtime.suffix: runtime
    for runtime in (
        Runtime("ONNX Runtime", ".onnx", "onnxruntime", "serving", _open_onnx),
        Runtime("LiteRT", ".tflite", "ai_edge_litert", "serving", _open_tflite),
        Runtime("TensorFlow", ".pb", "tensorflow", "tensorflow", _open_saved_model),
    )
}


def is_available(path: str | os.PathLike[str]) -> bool:
    """Returns True if the runtime of a file is installed.

    Args:
        path: A .onnx or .tflite file, or a saved_model.pb.
    """
    runtime = RUNTIMES.get(Path(path).suffix)
    return runtime is not None and runtime.is_installed


def open_engine(path: str | os.PathLike[str], threads: int | None = None, tags: Sequence[str] = ("serve",)) -> Engine:
    """Opens an artifact in the runtime of its format.

    Args:
        path: A .onnx file, a .tflite file, or a SavedModel (its folder, or the saved_model.pb in it).
        threads: Number of threads for one call. Defaults to None, one for each processor. A SavedModel ignores it:
            TensorFlow has one pool for the process (`tf.config.threading`).
        tags: Tags of the graph in a SavedModel. Defaults to ("serve",).

    Returns:
        The `Engine`.

    Raises:
        FileNotFoundError: If there is nothing at `path`.
        ArtifactError: If the file cannot be run.
        ImportError: If the runtime is not installed. The message names the command that installs it.

    Example:
    ```python
    engine = keras_gan.artifacts.engines.open_engine("exported/digits/1/model.onnx")
    images = engine.run({"z": keras_gan.latent.sample(16, 128)})["image"]
    ```
    """
    file = Path(path)
    if file.is_dir():
        file = file / _SAVED_MODEL
    if not file.is_file():
        raise FileNotFoundError(f"Expected an exported generator. Received: `{file}`, which does not exist")
    if file.stat().st_size == 0:
        raise ArtifactError(f"Expected an exported generator. Received: `{file}`, which is empty")
    runtime = RUNTIMES.get(file.suffix)
    if runtime is None:
        raise ArtifactError(f"Expected a .onnx file, a .tflite file or a SavedModel. Received: `{file}`")
    if not runtime.is_installed:
        raise ImportError(f"Running `{file}` needs {runtime.module}: {install_hint(runtime.extra)}")
    return runtime.open(file, threads, tags)
