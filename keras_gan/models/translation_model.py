"""Base class for models that translate images of one domain into another: CycleGAN and Pix2Pix."""

from __future__ import annotations

import itertools
import math
import types
from collections.abc import Sequence
from typing import Any, ClassVar

import keras
import numpy as np
import tensorflow as tf

from keras_gan import images as image_files
from keras_gan.models.adversarial_model import AdversarialModel
from keras_gan.models.image_check import OVERSHOOT, ImageCheck
from keras_gan.models.network_checks import check_networks_differ, translated_shape
from keras_gan.models.pair_check import PairCheck, first_images, split_pair
from keras_gan.models.size_multiple import size_multiple
from keras_gan.typing import ArrayLike, Data, Images, Shape, Tensor

# Smaller batches may have no pixel below 0.
LARGE_BATCH = 16


class TranslationModel(AdversarialModel):
    """Base class for models with fully convolutional generators from images to images.

    A subclass lists its `generators`, fills `trackers` in `__init__`, and writes `domain_shapes`, `train_step` and
    `test_step`.

    Attributes:
        generators: Dict from the name of each generator in `translate` and in exports to its attribute. "g" is the
            generator from X to Y.
        trackers: Dict of the metrics that `fit()` reports, without the penalty's.
        image_shape: (height, width, channels) of the images of X; `None` before the first `fit`.
    """

    generators: ClassVar[dict[str, str]]
    trackers: dict[str, keras.metrics.Metric]
    image_range = (-1.0, 1.0)
    image_shape: Shape | None = None

    @property
    def translators(self) -> dict[str, keras.Model]:
        """Dict of the generators, or of their averages: "g" from X to Y and, of a CycleGAN, "f" from Y to X."""
        return {name: self.inference_network(attribute) for name, attribute in self.generators.items()}

    @property
    def size_multiple(self) -> int:
        """The number that must divide an image's height and width, for all generators; 0 if one has a fixed size."""
        return math.lcm(*self.size_multiples.values())

    @property
    def size_multiples(self) -> dict[str, int]:
        """Dict of the number that must divide an image's height and width, for each generator."""
        return {name: size_multiple(network) for name, network in self.translators.items()}

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        """The metrics that `fit()` reports and resets at the start of each epoch."""
        return [*self.trackers.values(), *self.penalty_trackers.values()]

    def report(self, values: dict[str, Tensor], training: bool) -> dict[str, Tensor]:
        """Update the metrics and return those of a training step, or of a test step, which has no penalty."""
        for name, value in values.items():
            self.trackers[name].update_state(value)
        results = self.get_metrics_result()
        return results if training else {key: value for key, value in results.items() if key != "d_penalty"}

    # ------------------------------------------------------------------ training

    def prepare_data(self, data: Data) -> Data:
        """Set the size of the training images to that of the first batch."""
        first = data
        if isinstance(data, types.GeneratorType):
            first = next(data)
            data = (batch for batch in itertools.chain([first], data))
        self.set_image_shape(first_images(first).shape[1:])
        return data

    def train_on_batch(self, x: Images, y: Images | None = None, *args: Any, **kwargs: Any) -> Any:
        """Run one training step, as `keras.Model.train_on_batch` does.

        Args:
            x: Images of X, as `fit` takes them.
            y: Images of Y, as many as of X.
            *args: Arguments of `keras.Model.train_on_batch`.
            **kwargs: Arguments of `keras.Model.train_on_batch`.

        Raises:
            ValueError: If `fit` would not accept the images.
        """
        self.set_image_shape(first_images((x, y)).shape[1:])
        x, y = self.data_check((x, y)).wrap((x, y))
        return super().train_on_batch(x, y, *args, **kwargs)

    def data_check(self, data: Data) -> PairCheck:
        """Returns the check that data have to pass: images of the size of the first ones, which the generators keep."""
        if isinstance(data, types.GeneratorType):  # `fit` has taken its first batch
            if self.image_shape is None:
                raise ValueError("The size of the images is not known: call `fit` first. Received: a generator")
            shapes, large = self.domain_shapes(self.image_shape), False
        else:
            n, *image_shape = first_images(data).shape
            shapes, large = self.domain_shapes(image_shape), n is not None and n >= LARGE_BATCH
        return PairCheck(*(ImageCheck(shape, self.image_range, expect_negative=large) for shape in shapes))

    def example_inputs(self, data: Data, batch_size: int) -> dict[str, Any]:
        """Returns a batch of images for each generator; nothing for a generator function, which is used up."""
        if isinstance(data, tf.data.Dataset):
            pair = split_pair(next(iter(data.take(1))))
        elif isinstance(data, tuple | list) and all(hasattr(images, "shape") for images in data):
            pair = tuple(tf.convert_to_tensor(images[:batch_size]) for images in split_pair(data))
        else:
            return {}
        inputs = zip(self.generators.values(), pair, strict=False)
        return {name: tf.cast(images, tf.float32) for name, images in inputs}

    def domain_shapes(self, image_shape: Sequence[int]) -> tuple[Shape, Shape]:
        """Returns the shapes of the images of X and of Y, after a check that the networks fit them.

        Args:
            image_shape: (height, width, channels) of the images of X.

        Raises:
            ValueError: If the networks do not fit the images, or each other.
        """
        raise NotImplementedError

    def set_image_shape(self, image_shape: Sequence[int]) -> None:
        """Set the size of the training images.

        Args:
            image_shape: (height, width, channels) of the images of X.

        Raises:
            ValueError: If the networks do not fit it.
        """
        self.image_shape, _ = self.domain_shapes(image_shape)

    def check_networks(self) -> None:
        """Raises `ValueError` if two roles share one network, or Keras does not know the input of a network."""
        check_networks_differ({name: getattr(self, name) for name in self.trained_networks.values()})

    # ------------------------------------------------------------------ translating

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        """Translate images of X into Y.

        Args:
            inputs: Float32 (batch, height, width, channels) in [-1, 1].
            training: Boolean. Uses the generator itself, not its average, with dropout and the batch's statistics.
                Defaults to `False`.

        Returns:
            Images of the same size, float32 in [-1, 1].
        """
        network = getattr(self, self.generators["g"])
        return (network if training else self.translators["g"])(inputs, training=training)

    def translate(self, images: ArrayLike, generator: str = "g", batch_size: int = 8) -> np.ndarray:
        """Translate images.

        Args:
            images: Float32 (n, height, width, channels) in [-1, 1], or uint8. `size_multiple` must divide the height
                and the width.
            generator: `"g"` from X to Y or, of a CycleGAN, `"f"` from Y to X. Defaults to `"g"`.
            batch_size: Number of images that are translated at once. Defaults to 8.

        Returns:
            Images of the same size: uint8 if `images` are, else float32 in [-1, 1].

        Raises:
            ValueError: If an argument has the wrong type, shape, range or size.

        Example:
        ```python
        monets = cyclegan.translate(photos)
        photos_again = cyclegan.translate(monets, generator="f")
        ```
        """
        if batch_size < 1:
            raise ValueError(f"`batch_size` must be at least 1. Received: batch_size={batch_size}")
        if generator not in self.generators:
            raise ValueError(f"`generator` must be one of {list(self.generators)}. Received: generator={generator!r}")
        network = self.translators[generator]
        images = np.asarray(images)
        as_bytes = images.dtype == np.uint8
        if images.ndim != 4 or not (as_bytes or np.issubdtype(images.dtype, np.floating)):
            raise ValueError(
                "`images` must be of shape (n, height, width, channels), float32 in [-1, 1] or uint8. "
                f"Received: {images.dtype.name} of shape {images.shape}"
            )
        if not as_bytes and np.abs(images).max(initial=0) > 1 + OVERSHOOT:
            raise ValueError(
                "`images` must be in [-1, 1], or uint8. "
                f"Received: {images.dtype.name} from {images.min():.6g} to {images.max():.6g}"
            )
        shape = translated_shape(generator, network, images.shape[1:])
        parts = [np.zeros((0, *shape), np.uint8 if as_bytes else np.float32)]
        for i in range(0, len(images), batch_size):
            batch = network(image_files.to_float(images[i : i + batch_size]), training=False)
            batch = np.asarray(keras.ops.convert_to_numpy(batch), np.float32)
            parts.append(image_files.to_uint8(batch) if as_bytes else batch)
        return np.concatenate(parts)
