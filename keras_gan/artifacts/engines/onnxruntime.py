"""The engine of ONNX files."""

from __future__ import annotations

import os
from collections.abc import Mapping

import numpy as np
import onnxruntime

from keras_gan.artifacts.errors import ArtifactError
from keras_gan.artifacts.tensor_spec import TensorSpec, bind, rows_of

_DTYPES = {"tensor(float)": "float32", "tensor(double)": "float64", "tensor(float16)": "float16"}


class OnnxRuntimeEngine:
    """Runs a .onnx file with ONNX Runtime.

    Args:
        path: The file.
        threads: Number of threads for one call. Defaults to None, one for each processor. ONNX Runtime's default is
            one for each core, and a virtual machine may report too few cores.
        providers: Execution providers of ONNX Runtime, the preferred one first. Defaults to the CPU.

    Raises:
        ArtifactError: If ONNX Runtime cannot load the file, or a provider does not start.

    Example:
    ```python
    images = OnnxRuntimeEngine("model.onnx").run({"z": z})["image"]
    ```
    """

    image_sizes: tuple[tuple[int, int], ...] | None = None
    signatures: tuple[str, ...] = ("serving_default",)
    definition = b""

    def __init__(
        self,
        path: str | os.PathLike[str],
        threads: int | None = None,
        providers: tuple[str, ...] = ("CPUExecutionProvider",),
    ) -> None:
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        options.intra_op_num_threads = threads or os.cpu_count() or 1
        try:
            # The fallback prints to the screen and only repeats what failed.
            self._session = onnxruntime.InferenceSession(
                os.fspath(path), options, providers=list(providers), enable_fallback=False
            )
            self.inputs = tuple(_spec(tensor) for tensor in self._session.get_inputs())
            self.outputs = tuple(_spec(tensor) for tensor in self._session.get_outputs())
            self._names = [spec.name for spec in self.outputs]
            found = self._session.get_providers()
        except Exception as error:  # the runtime's exceptions have no common base class
            raise ArtifactError(f"Expected an ONNX model. Received: `{path}`, which does not load: {error}") from error
        # ONNX Runtime uses the CPU if another provider does not start, for example without a GPU.
        if not set(providers) <= set(found):
            raise ArtifactError(f"ONNX Runtime must run `{path}` with {list(providers)}. Received: {found}")

    def run(self, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Runs one batch; see `Engine.run`."""
        bound = bind(self.inputs, inputs)
        rows_of(bound)
        return dict(zip(self._names, self.run_bound(bound), strict=True))

    def run_bound(self, inputs: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        """Runs one batch of contiguous arrays whose names, types and shapes are right, which `run` checks."""
        outputs: list[np.ndarray] = self._session.run(self._names, inputs)
        return outputs

    def signature(self, name: str) -> None:
        """Returns None: an ONNX file is one graph; see `Engine.signature`."""


def _spec(tensor: onnxruntime.NodeArg) -> TensorSpec:
    dtype = _DTYPES.get(tensor.type, tensor.type.removeprefix("tensor(").removesuffix(")"))
    shape = tuple(size if isinstance(size, int) else None for size in tensor.shape)
    return TensorSpec(name=tensor.name, dtype=dtype, shape=shape)
