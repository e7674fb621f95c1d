"""One way to call a model that is served."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from keras_gan.artifacts.tensor_spec import TensorSpec
from keras_gan.serving.errors import invalid

Arrays = Mapping[str, np.ndarray]
# Inputs and outputs of generators and translators.
_FINITE = ("z", "truncation", "source", "image")


def check_finite(arrays: Arrays) -> None:
    """Raises `ServingError` if a row of z, `truncation`, `source` or `image` has NaN or an infinite value."""
    for name in _FINITE:
        array = arrays.get(name)
        if array is not None and array.dtype.kind == "f" and not np.isfinite(array).all():
            row = int(np.argwhere(~np.isfinite(array))[0][0]) if array.ndim else 0
            raise invalid(f"Row {row} of `{name}` must be finite. Received: NaN or an infinite value")


@dataclass(frozen=True)
class Signature:
    """One way to call a model.

    Args:
        inputs: Specs of the inputs. The first dimension is the batch, except in SavedModels that others made.
        outputs: Specs of the outputs, which have the same number of rows.
        run: Function from an array for each input to an array for each output.
        definition: Serialized `tensorflow.SignatureDef` of a SavedModel. Defaults to b"".
    """

    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    run: Callable[[Arrays], dict[str, np.ndarray]]
    definition: bytes = b""

    @property
    def has_batch(self) -> bool:
        """Boolean, whether the first dimension of all inputs and outputs is a batch of any size."""
        return all(spec.shape[:1] == (None,) for spec in (*self.inputs, *self.outputs))
