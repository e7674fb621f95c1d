"""What CycleGAN and Pix2Pix share: images of two domains, and translating those of one into the other."""

from __future__ import annotations

import itertools
import math
import types
import weakref
from collections.abc import MutableMapping
from typing import Any, ClassVar

import keras
import numpy as np
import tensorflow as tf

from keras_gan import images as pictures
from keras_gan.models.adversarial_model import AdversarialModel
from keras_gan.models.data_checks import OVERSHOOT, ImageChecks, PairChecks, split_pair
from keras_gan.networks.inspection import output_activation
from keras_gan.utils.registration import register_with_keras

Shape = tuple[int, int, int]
# Fewer images than this may well have no pixel below the middle grey.
MANY = 16
_MULTIPLES: MutableMapping[keras.Model, int] = weakref.WeakKeyDictionary()


class TranslationModel(AdversarialModel):
    """Generators from images to images, fully convolutional, and the discriminators that they learn from.

    Attributes:
        generators: The attribute of each generator by its name in `translate` and in exports; "g" is X to Y.
    """

    generators: ClassVar[dict[str, str]]
    image_range = (-1.0, 1.0)
    image_shape: Shape | None = None

    @property
    def translators(self) -> dict[str, keras.Model]:
        """The generators by name, or their averages: "g" from X to Y and, of a CycleGAN, "f" back."""
        return {name: self.drawn(attribute) for name, attribute in self.generators.items()}

    @property
    def size_multiple(self) -> int:
        """What an image's height and width must be divisible by, for all generators; 0 where one has a fixed size."""
        return math.lcm(*self.size_multiples.values())

    @property
    def size_multiples(self) -> dict[str, int]:
        """The same of each generator by itself."""
        return {name: size_multiple(network) for name, network in self.translators.items()}

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: Any = "auto",
        callbacks: Any = None,
        **kwargs: Any,
    ) -> keras.callbacks.History:
        """Train, as `keras.Model.fit`.

        Args:
            x: A `tf.data.Dataset` of batches (x_images, y_images), as `keras_gan.datasets.load_unpaired` and
                `load_paired` give; or images of X, float32 (n, height, width, channels) in [-1, 1].
            y: As many images of Y, if `x` is an array. Defaults to `None`.
            batch_size: Images of each domain in one step, for arrays. Defaults to 32.
            epochs: The epoch to stop after. Defaults to 1.
            verbose: 0, 1, 2 or `"auto"`. Defaults to `"auto"`.
            callbacks: Keras callbacks, such as `keras_gan.callbacks.TranslationGrid`. Defaults to `None`.
            **kwargs: As `keras.Model.fit`: validation_data, initial_epoch, steps_per_epoch, ...

        Returns:
            A `keras.callbacks.History`.

        Raises:
            ValueError: If images have the wrong shape, dtype or range, are not finite, or are of a size that a
                generator does not keep. No weight has changed by the batch that is complained of.
        """
        if isinstance(x, types.GeneratorType):
            first = next(x)
            x, shape = (batch for batch in itertools.chain([first], x)), first_shape(first)
        else:
            shape = first_shape(x if y is None else (x, y))
        self.set_image_shape(shape)
        return super().fit(x, y, batch_size, epochs, verbose, callbacks, **kwargs)

    def train_on_batch(self, x: Any, y: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Take one step, as `keras.Model.train_on_batch`.

        Args:
            x: Images of X, as in `fit`.
            y: As many images of Y.
            *args: As `keras.Model.train_on_batch`.
            **kwargs: As `keras.Model.train_on_batch`.

        Raises:
            ValueError: As `fit`.
        """
        self.set_image_shape(first_shape((x, y)))
        x, y = self.checks_for((x, y)).checked((x, y))
        return super().train_on_batch(x, y, *args, **kwargs)

    def checks_for(self, data: Any) -> PairChecks:
        """What `data` must be: images of the size of its first ones, which the generators keep."""
        # A generator's first batch was seen by `fit`.
        first = self.image_shape if isinstance(data, types.GeneratorType) else first_shape(data)
        few = isinstance(data, types.GeneratorType) or not _holds_many(data)
        shapes = self.shapes_for(first)
        return PairChecks(*(ImageChecks(shape, self.image_range, expect_negative=not few) for shape in shapes))

    def shapes_for(self, image_shape: Any) -> tuple[Shape, Shape]:
        """See that the networks fit images of a size, and each other.

        Args:
            image_shape: (height, width, channels) of the images of X.

        Returns:
            The shapes of the images of X and of Y.

        Raises:
            ValueError: If they do not fit.
        """
        raise NotImplementedError

    def set_image_shape(self, image_shape: Any) -> None:
        """Fix the size of the images to train on.

        Args:
            image_shape: (height, width, channels) of the images of X.

        Raises:
            ValueError: If the networks do not fit it.
        """
        self.image_shape, _ = self.shapes_for(image_shape)

    def check_networks(self) -> None:
        """See that all players are networks of their own, whose inputs are known.

        Raises:
            ValueError: If they are not.
        """
        networks = {name: getattr(self, name) for name in self.players.values()}
        for name, network in networks.items():
            input_shape(name, network)
            twin = next(other for other in networks if networks[other] is network)
            if twin != name:
                raise ValueError(f"`{twin}` and `{name}` must be two networks. Received: the same one twice")

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Translate images of X into Y.

        Args:
            inputs: Float32 (batch, height, width, channels) in [-1, 1].
            training: Whether dropout drops and batch normalisation uses the batch's statistics. Defaults to `False`.

        Returns:
            As many images of the same size, float32 in [-1, 1].
        """
        network = getattr(self, self.generators["g"])
        return (network if training else self.translators["g"])(inputs, training=training)

    def translate(self, images: Any, generator: str = "g", batch_size: int = 8) -> np.ndarray:
        """Translate images.

        Args:
            images: Float32 (n, height, width, channels) in [-1, 1], or uint8; height and width divisible by
                `size_multiple`.
            generator: "g" from X to Y or, of a CycleGAN, "f" from Y to X. Defaults to `"g"`.
            batch_size: Images translated at once. Defaults to 8.

        Returns:
            As many images of the same size, float32 in [-1, 1], or uint8 if they were.

        Raises:
            ValueError: If an argument is of the wrong kind, shape, range or size.

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
            batch = network(pictures.to_float(images[i : i + batch_size]), training=False)
            batch = np.asarray(keras.ops.convert_to_numpy(batch), np.float32)
            parts.append(pictures.to_uint8(batch) if as_bytes else batch)
        return np.concatenate(parts)


def translated_shape(role: str, network: keras.Model, image_shape: tuple[int, ...]) -> Shape:
    """The shape of what a generator makes of one image.

    Args:
        role: What to call the generator in an error.
        network: The generator.
        image_shape: (height, width, channels).

    Raises:
        ValueError: If it does not take such an image, or gives one of another size, or its values are not in [-1, 1].
    """
    multiple = size_multiple(network)
    if multiple and any(size % multiple for size in image_shape[:2]):
        raise ValueError(
            f"Height and width must be divisible by {multiple}, for {network.name!r}. "
            f"Received: {image_shape[0]} x {image_shape[1]}. Crop or resize the images."
        )
    shape = output_shape(role, network, image_shape)
    if len(shape) != 3 or shape[:2] != tuple(image_shape[:2]):
        raise ValueError(
            f"`{role}` must give images of the size that it takes. Received: {role}={network.name!r}, which makes "
            f"{shape} of {tuple(image_shape)}"
        )
    if output_activation(network) == "sigmoid":
        raise ValueError(
            f"`{role}` must draw in [-1, 1], so end it in a tanh. Received: {role}={network.name!r}, ends in a sigmoid"
        )
    return shape


def first_shape(data: Any) -> Shape:
    """(height, width, channels) of the images of X in `data`, which is what `fit` takes.

    Raises:
        ValueError: If it is not known, or the data are of another kind.
    """
    if isinstance(data, keras.utils.PyDataset):
        data = data[0]
    shape = tuple(split_pair(data.element_spec if isinstance(data, tf.data.Dataset) else data)[0].shape)
    if len(shape) != 4 or None in shape[1:]:
        raise ValueError(
            "Images must be of shape (batch, height, width, channels), all but the batch known. "
            f"Received: {shape}. Resize or crop them to one size."
        )
    return shape[1], shape[2], shape[3]


def checked_shape(image_shape: Any) -> Shape:
    """`image_shape` as three integers.

    Raises:
        ValueError: If there are not three.
    """
    if len(image_shape) != 3:
        raise ValueError(f"`image_shape` must be (height, width, channels). Received: {image_shape}")
    return int(image_shape[0]), int(image_shape[1]), int(image_shape[2])


def check_discriminator(role: str, network: keras.Model, *image_shapes: Shape) -> None:
    """See that a discriminator takes images and gives logits.

    Args:
        role: What to call it in an error.
        network: The discriminator.
        *image_shapes: Of the images that it takes.

    Raises:
        ValueError: If it does not take them, or ends in a sigmoid.
    """
    output_shape(role, network, *image_shapes)
    if output_activation(network) == "sigmoid":
        raise ValueError(f"`{role}` must give logits. Received: {role}={network.name!r}, which ends in a sigmoid")


def _holds_many(data: Any) -> bool:
    if isinstance(data, keras.utils.PyDataset):
        data = data[0]
    n = split_pair(data.element_spec if isinstance(data, tf.data.Dataset) else data)[0].shape[0]
    return n is not None and n >= MANY


def input_shape(role: str, network: keras.Model) -> Any:
    """What a network takes, as Keras tells it.

    Raises:
        ValueError: If Keras does not know.
    """
    try:
        return network.input_shape
    except AttributeError:
        raise ValueError(
            f"`{role}` must be a functional model, or a Sequential that begins with a keras.Input, such as "
            f"keras.Input((None, None, 3)). Received: {role} of class {type(network).__name__}"
        ) from None


def output_shape(role: str, network: keras.Model, *image_shapes: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of a network's output for one image (or one of each of several inputs), without the batch.

    Raises:
        ValueError: If the network does not take such images.
    """
    inputs = [keras.KerasTensor((2, *shape), "float32") for shape in image_shapes]
    taken = input_shape(role, network)
    taken = taken if len(inputs) > 1 else [taken]
    # Keras computes shapes without a look at the channels.
    if [shape[-1] for shape in taken] != [shape[-1] for shape in image_shapes]:
        raise ValueError(
            f"`{role}` must take images of shape {' and '.join(str(tuple(s)) for s in image_shapes)}. "
            f"Received: {role}={network.name!r}, for images of {' and '.join(str(s[-1]) for s in taken)} channels"
        )
    try:
        output = network.compute_output_spec(inputs if len(inputs) > 1 else inputs[0]).shape
    except Exception as error:
        raise ValueError(
            f"`{role}` must take images of shape {' and '.join(str(tuple(s)) for s in image_shapes)}. "
            f"Received: {role}={network.name!r}, which fails on them: {str(error).strip().splitlines()[0]}"
        ) from error
    return tuple(output[1:])


def size_multiple(network: keras.Model) -> int:
    """What an image's height and width must be divisible by; 0 for a network of one size alone."""
    if network not in _MULTIPLES:
        _MULTIPLES[network] = _least_multiple(network)
    return _MULTIPLES[network]


def _least_multiple(network: keras.Model) -> int:
    _, height, width, channels = input_shape("generator", network)
    if height is not None or width is not None:
        return 0
    for multiple in sorted({2**power for power in range(10)} | {3, 5, 6, 9, 12}):
        size = (3 * multiple, 5 * multiple)
        spec = tf.TensorSpec((1, *size, channels), tf.float32)
        try:  # traced, as Keras computes the shapes of skip connections without seeing whether they meet
            traced = tf.function(lambda image: network(image, training=False), autograph=False)
            shape = traced.get_concrete_function(spec).structured_outputs.shape
        except (ValueError, TypeError, tf.errors.InvalidArgumentError):  # too small, or connections that do not meet
            continue
        if tuple(shape[1:3]) == size:
            return multiple
    return 0


register_with_keras()
