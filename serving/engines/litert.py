"""TFLite files, run by LiteRT."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from keras_gan.serving.engines.errors import ArtifactError
from keras_gan.serving.engines.specs import TensorSpec, bind

_IDENTIFIER = b"TFL3"


class LiteRTEngine:
    """Run a .tflite file.

    Its signatures have a batch of fixed size each. A batch of another size is cut into runs of the largest, and what
    is left goes through the smallest that holds it, filled up with copies of its last row. An interpreter holds one
    call's tensors, so calls from several threads take turns.

    Args:
        path: The file.
        threads: Threads for one call. Defaults to None, LiteRT's own choice.

    Raises:
        ArtifactError: If LiteRT cannot load the file, or it has no signature.

    Example:
    ```python
    images = LiteRTEngine("model.tflite").run({"z": z})["image"]
    ```
    """

    def __init__(self, path: str | os.PathLike[str], threads: int | None = None) -> None:
        if Path(path).read_bytes()[4:8] != _IDENTIFIER:
            raise ArtifactError(f"Expected a TFLite model. Received: `{path}`, which does not begin like one")
        try:
            interpreter = Interpreter(os.fspath(path), num_threads=threads)
            runners = [interpreter.get_signature_runner(name) for name in interpreter.get_signature_list()]
            self._runners = {_rows(runner): runner for runner in runners}
        except Exception as error:  # whatever the runtime raises, the file is what is wrong
            raise ArtifactError(f"Expected a TFLite model. Received: `{path}`, which does not load: {error}") from error
        if not runners:
            raise ArtifactError(f"Expected a TFLite model with a signature. Received: `{path}`, which has none")
        inputs, outputs = (
            {_specs(r.get_input_details()) for r in runners},
            {_specs(r.get_output_details()) for r in runners},
        )
        if len(inputs) != 1 or len(outputs) != 1:
            raise ArtifactError(
                "Expected a TFLite model whose signatures differ in their batch alone. "
                f"Received: `{path}`, with {interpreter.get_signature_list()}"
            )
        (self.inputs,), (self.outputs,) = inputs, outputs
        # The interpreter owns the memory that the runners point into.
        self._interpreter = interpreter
        self._turn = threading.Lock()

    def run(self, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Run one batch; see `Engine.run`."""
        bound = bind(self.inputs, inputs)
        left = len(next(iter(bound.values())))
        start, parts = 0, []
        while left > 0:
            size = min((rows for rows in self._runners if rows >= left), default=max(self._runners))
            taken = min(size, left)
            batch = {name: _fill(array[start : start + taken], size) for name, array in bound.items()}
            with self._turn:
                drawn = self._runners[size](**batch)
            parts.append({name: array[:taken] for name, array in drawn.items()})
            start, left = start + taken, left - taken
        return {spec.name: np.concatenate([part[spec.name] for part in parts]) for spec in self.outputs}


def _rows(runner: Any) -> int:
    return int(next(iter(runner.get_input_details().values()))["shape"][0])


def _specs(details: dict[str, dict[str, Any]]) -> tuple[TensorSpec, ...]:
    return tuple(
        TensorSpec(name=name, dtype=np.dtype(detail["dtype"]).name, shape=(None, *map(int, detail["shape"][1:])))
        for name, detail in sorted(details.items())
    )


def _fill(rows: np.ndarray, size: int) -> np.ndarray:
    return rows if len(rows) == size else np.concatenate([rows, np.repeat(rows[-1:], size - len(rows), axis=0)])
