"""One way to call a model that is served."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from keras_gan.artifacts.tensor_spec import TensorSpec

Arrays = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Signature:
    """One way to call a model.

    Args:
        inputs: Specs of the inputs. The first dimension is the batch.
        outputs: Specs of the outputs, which have the same number of rows.
        run: Function from an array for each input to an array for each output.
    """

    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    run: Callable[[Arrays], dict[str, np.ndarray]]
