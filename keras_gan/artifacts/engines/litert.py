"""The engine of TFLite files."""

from __future__ import annotations

import copy
import dataclasses
import os
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from keras_gan.artifacts.engines.engine import Engine
from keras_gan.artifacts.errors import ArtifactError
from keras_gan.artifacts.tensor_spec import TensorSpec, bind, fill, rows_of

_IDENTIFIER = b"TFL3"
_DEFAULT = "serving_default"
_OTHERS = ("uint8", "generate")
# The axes in which signatures for several image sizes differ: height and width of NHWC.
_SIZE = {1, 2}


class LiteRTEngine:
    """Runs a .tflite file with LiteRT.

    Each signature of the file has a fixed batch size. The engine joins those with a common prefix: `serving_default_b1`
    and `serving_default_b8` are its `serving_default`. A file without such names is one signature. If it has none at
    all, its inputs and outputs have the names of the graph.

    A batch of another size is cut into runs of the largest size. The rest is padded with copies of its last row.
    Images go to the signature of their size, or else to one that can be resized. The engine never resizes a signature
    of fixed size: LiteRT allows it, but some graphs then fail and others return images of the old size.

    An interpreter holds the tensors of one call, so calls from several threads wait for each other.

    Args:
        path: The file.
        threads: Number of threads for one call. Defaults to None, one for each processor. LiteRT's default is one.

    Raises:
        ArtifactError: If LiteRT cannot load the file, or its inputs are not batches.

    Example:
    ```python
    images = LiteRTEngine("model.tflite").run({"z": z})["image"]
    ```
    """

    definition = b""

    def __init__(self, path: str | os.PathLike[str], threads: int | None = None) -> None:
        if Path(path).read_bytes()[4:8] != _IDENTIFIER:
            raise ArtifactError(f"Expected a TFLite model. Received: `{path}`, which does not begin like one")
        try:
            interpreter = Interpreter(os.fspath(path), num_threads=threads or os.cpu_count())
            names = list(interpreter.get_signature_list())
            runners = {name: interpreter.get_signature_runner(name) for name in names}
            self._all = {
                name: _Signature.of(runner) for name, runner in (runners or {_DEFAULT: _Graph(interpreter)}).items()
            }
        except Exception as error:  # the runtime's exceptions have no common base class
            raise ArtifactError(f"Expected a TFLite model. Received: `{path}`, which does not load: {error}") from error
        # The interpreter owns the memory of the runners.
        self._interpreter = interpreter
        self._path = path
        self._turn = threading.Lock()
        self.signatures = (_DEFAULT, *(name for name in _OTHERS if self._named(name)))
        self._use(self._named(_DEFAULT) or list(self._all.values()))

    def _named(self, name: str) -> list[_Signature]:
        return [signature for full, signature in self._all.items() if full == name or full.startswith(f"{name}_")]

    def _use(self, signatures: list[_Signature]) -> None:
        inputs = _merged([signature.inputs for signature in signatures])
        outputs = _merged([signature.outputs for signature in signatures])
        if inputs is None or outputs is None:
            raise ArtifactError(
                "Expected a TFLite model whose signatures differ in their batch alone, or in the size of their images. "
                f"Received: `{self._path}`, with {self._interpreter.get_signature_list()}"
            )
        self._signatures, self.inputs, self.outputs = signatures, inputs, outputs
        sizes = sorted({size for s in signatures for size in s.image_sizes})
        resizable = not all(signature.fixed for signature in signatures)
        self.image_sizes = None if resizable or not sizes else tuple(sizes)

    def run(self, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Runs one batch; see `Engine.run`."""
        bound = bind(self.inputs, inputs)
        runners = self._runners(bound)
        left = rows_of(bound)
        start, parts = 0, []
        while left > 0:
            size = min((rows for rows in runners if rows >= left), default=max(runners))
            taken = min(size, left)
            batch = {name: fill(array[start : start + taken], size) for name, array in bound.items()}
            with self._turn:
                outputs = runners[size](**batch)
            parts.append({name: array[:taken] for name, array in outputs.items()})
            start, left = start + taken, left - taken
        return {spec.name: np.concatenate([part[spec.name] for part in parts]) for spec in self.outputs}

    def signature(self, name: str) -> Engine | None:
        """Returns the engine of signatures with a prefix, as of `generate_b1`; see `Engine.signature`."""
        signatures = self._named(name)
        if not signatures:
            return None
        other = copy.copy(self)
        other._use(signatures)
        return other

    def _runners(self, bound: dict[str, np.ndarray]) -> dict[int, Any]:
        """Returns the runners for arrays of these shapes, by batch size."""
        fitting = [s for s in self._signatures if all(spec.fits(bound[spec.name].shape) for spec in s.inputs)]
        if not fitting:
            sizes = ", ".join(f"{height}x{width}" for height, width in self.image_sizes or ())
            shapes = [array.shape for array in bound.values()]
            raise ValueError(f"Expected images of a size that this TFLite file has: {sizes}. Received: shape {shapes}")
        return {s.rows: s.runner for s in [s for s in fitting if s.fixed] or fitting}


class _Graph:
    """Runs a file without signatures, with the methods of LiteRT's `SignatureRunner`."""

    def __init__(self, interpreter: Interpreter) -> None:
        self._interpreter = interpreter

    def get_input_details(self) -> dict[str, Any]:
        return {detail["name"]: detail for detail in self._interpreter.get_input_details()}

    def get_output_details(self) -> dict[str, Any]:
        return {detail["name"]: detail for detail in self._interpreter.get_output_details()}

    def __call__(self, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        details = self.get_input_details()
        for name, array in inputs.items():
            self._interpreter.resize_tensor_input(details[name]["index"], array.shape)
        self._interpreter.allocate_tensors()
        for name, array in inputs.items():
            self._interpreter.set_tensor(details[name]["index"], array)
        self._interpreter.invoke()
        return {
            name: self._interpreter.get_tensor(detail["index"]) for name, detail in self.get_output_details().items()
        }


@dataclasses.dataclass(frozen=True)
class _Signature:
    runner: Any
    rows: int
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]

    @classmethod
    def of(cls, runner: Any) -> _Signature:
        inputs = runner.get_input_details()
        if not inputs or any(len(detail["shape"]) == 0 for detail in inputs.values()):
            raise ArtifactError("expected inputs whose first dimension is the batch. Received: a scalar, or none")
        rows = int(next(iter(inputs.values()))["shape"][0])
        return cls(runner, rows, _specs(inputs), _specs(runner.get_output_details()))

    @property
    def fixed(self) -> bool:
        return all(None not in spec.shape[1:] for spec in self.inputs)

    @property
    def image_sizes(self) -> list[tuple[int, int]]:
        return [(s.shape[1] or 0, s.shape[2] or 0) for s in self.inputs if len(s.shape) == 4]


def _specs(details: dict[str, dict[str, Any]]) -> tuple[TensorSpec, ...]:
    return tuple(
        TensorSpec(name=name, dtype=_dtype(detail["dtype"]), shape=_shape(detail["shape_signature"]))
        for name, detail in sorted(details.items())
    )


def _dtype(dtype: type) -> str:
    return "string" if dtype is np.bytes_ else np.dtype(dtype).name


def _shape(signature: Sequence[int]) -> tuple[int | None, ...]:
    """Returns the shape with any batch size. LiteRT marks a size that can change with -1."""
    return (None, *(None if size < 0 else int(size) for size in signature[1:]))


def _merged(signatures: Sequence[tuple[TensorSpec, ...]]) -> tuple[TensorSpec, ...] | None:
    """Returns the common specs of all signatures; None if they differ in more than the image size."""
    if len({tuple((s.name, s.dtype, len(s.shape)) for s in specs) for specs in signatures}) != 1:
        return None
    merged = []
    for specs in zip(*signatures, strict=True):
        by_axis = [set(sizes) for sizes in zip(*(spec.shape for spec in specs), strict=True)]
        differing = {axis for axis, sizes in enumerate(by_axis) if len(sizes) > 1}
        if differing and not (len(by_axis) == 4 and differing <= _SIZE):
            return None
        shape = tuple(None if axis in differing else size for axis, size in enumerate(specs[0].shape))
        merged.append(specs[0].model_copy(update={"shape": shape}))
    return tuple(merged)
