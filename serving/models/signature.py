"""One way to call a model that is served."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from keras_gan.artifacts.tensor_spec import TensorSpec
from keras_gan.serving.errors import invalid

Arrays = Mapping[str, np.ndarray]
# Inputs and outputs of generators and translators.
_FINITE = ("z", "truncation", "source", "image")
_OF_ROWS = {"z", "labels", "seed", "index", "truncation", "source", "source_bytes"}
# Seconds that a part of a large request may run. Then it may end, or others run.
_PART_SECONDS = 0.25
_FIRST_ROWS = 64


def check_finite(arrays: Arrays) -> None:
    """Raises `ServingError` if a row of z, `truncation`, `source` or `image` has NaN or an infinite value."""
    for name in _FINITE:
        array = arrays.get(name)
        if array is not None and array.dtype.kind == "f" and not np.isfinite(array).all():
            row = int(np.argwhere(~np.isfinite(array))[0][0]) if array.ndim else 0
            raise invalid(f"Row {row} of `{name}` must be finite. Received: NaN or an infinite value")


@dataclass
class Signature:
    """One way to call a model.

    Args:
        inputs: Specs of the inputs. The first dimension is the batch, except in SavedModels that others made.
        outputs: Specs of the outputs, which have the same number of rows.
        run: Function from an array for each input to an array for each output.
        definition: Serialized `tensorflow.SignatureDef` of a SavedModel. Defaults to b"".
        run_bound: Function from arrays of the right types and shapes to a list of the outputs. Defaults to None.

    Attributes:
        has_own_rows: Boolean, whether each row of the outputs depends on its row of the inputs only. True for
            generators and translators with batches of any size.
        rows_at_once: Number of rows to run at once, a power of two.
        row_shape: Shape of a row, if there is `run_bound`, one input and one output, and both are float32 and have a
            batch of any size. Else None.
    """

    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    run: Callable[[Arrays], dict[str, np.ndarray]]
    definition: bytes = b""
    run_bound: Callable[[Arrays], list[np.ndarray]] | None = None
    rows_at_once: int = field(default=_FIRST_ROWS, init=False)

    def __post_init__(self) -> None:
        has_batch = all(spec.shape[:1] == (None,) for spec in (*self.inputs, *self.outputs))
        self.has_own_rows = has_batch and {spec.name for spec in self.inputs} <= _OF_ROWS
        specs = (*self.inputs[:1], *self.outputs[:1])
        is_plain = has_batch and self.run_bound is not None and (len(self.inputs), len(self.outputs)) == (1, 1)
        is_plain = is_plain and all(spec.dtype == "float32" and len(spec.shape) > 1 for spec in specs)
        self.row_shape = self.inputs[0].shape[1:] if is_plain else None

    def learn(self, rows: int, seconds: float) -> None:
        """Adapts `rows_at_once` to the time of a run."""
        fitting = max(1, int(rows * _PART_SECONDS / max(seconds, 1e-6)))
        if fitting < self.rows_at_once:
            self.rows_at_once = 1 << (fitting.bit_length() - 1)
        elif rows >= self.rows_at_once and fitting > 4 * rows:
            self.rows_at_once *= 2
