"""Types of the arguments that many functions of the package take.

Importing this module imports neither TensorFlow nor Keras. The aliases that name their classes are strings, so use
them in annotations only, in a file that begins with `from __future__ import annotations`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import keras
    import numpy as np
    import tensorflow as tf

    from keras_gan.augmentations import Augmentation
    from keras_gan.losses import AdversarialLoss
    from keras_gan.penalties import Penalty
    from keras_gan.schedules import HalfLife

Config: TypeAlias = dict[str, Any]
"""Arguments of an object by name, as `get_config` returns them."""

PathLike: TypeAlias = "str | os.PathLike[str]"
"""Path of a file or a folder."""

Shape: TypeAlias = tuple[int, ...]
"""Shape of one image, (height, width, channels), of one sequence, (length, channels), or of one vector, (n,)."""

Range: TypeAlias = tuple[float, float]
"""The least and the greatest value of a pixel, such as (-1.0, 1.0)."""

Tensor: TypeAlias = "tf.Tensor | tf.Variable | keras.KerasTensor"
"""Tensor inside a training step or a network."""

ArrayLike: TypeAlias = "np.ndarray | tf.Tensor | Sequence[Any]"
"""Anything that `numpy.asarray` takes."""

Images: TypeAlias = "np.ndarray | tf.Tensor"
"""Batch of images: float32 (batch, height, width, channels)."""

Labels: TypeAlias = (
    "np.ndarray | tf.Tensor | Sequence[int] | Sequence[str] | Sequence[float] | Mapping[str, float] | int | str | None"
)
"""Class of each image: integers or names (batch,); one for all; or `None`. Attributes are floats (batch, n) or (n,), or
a mapping from names to values."""

Data: TypeAlias = "tf.data.Dataset | keras.utils.PyDataset | Iterator[Any] | Images | tuple[Images, ...]"
"""Training data, as `fit` takes them: batches or arrays of images, or of pairs of images and labels."""

Critic: TypeAlias = Callable[["Tensor"], "Tensor"]
"""The discriminator as a function from images to logits; its other inputs are bound."""

LossLike: TypeAlias = "str | AdversarialLoss | keras.losses.BinaryCrossentropy | Mapping[str, Any]"
"""An adversarial loss: its name, an object, or its serialised form. See `keras_gan.losses.get`."""

PenaltyLike: TypeAlias = "str | Penalty | Mapping[str, Any]"
"""A penalty of the discriminator: its name, an object, or its serialised form. See `keras_gan.penalties.get`."""

PenaltiesLike: TypeAlias = "PenaltyLike | Sequence[PenaltyLike] | None"
"""No, one or several penalties. See `keras_gan.penalties.get_all`."""

AugmentationLike: TypeAlias = "str | Augmentation | Mapping[str, Any] | None"
"""An augmentation: its name, an object, or its serialised form. See `keras_gan.augmentations.get`."""

OptimizerLike: TypeAlias = "str | keras.optimizers.Optimizer | Mapping[str, Any] | None"
"""An optimizer: its name, an object, or its serialised form; `None` for the default."""

ScheduleLike: TypeAlias = "float | keras.optimizers.schedules.LearningRateSchedule"
"""A constant number, or a schedule: a function of the number of updates."""

MomentumLike: TypeAlias = "float | HalfLife | Mapping[str, Any] | None"
"""Momentum of an exponential moving average: a number in [0, 1), a `HalfLife`, or `None` for no average."""
