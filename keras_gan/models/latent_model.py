"""Base class for models that generate images from a latent vector z."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_gan import latent
from keras_gan.errors import KerasGANWarning
from keras_gan.models import minibatches
from keras_gan.models.adversarial_model import AdversarialModel
from keras_gan.models.class_labels import labels_of
from keras_gan.models.data_check import split_batch
from keras_gan.models.image_check import ImageCheck
from keras_gan.models.second_output import codes_of
from keras_gan.typing import ArrayLike, Data, Labels, Range, Shape, Tensor
from keras_gan.utils.attributes import check_attribute_names, describe_attributes
from keras_gan.utils.class_names import describe_classes


class LatentModel(AdversarialModel):
    """Base class for models with one generator, from z to images.

    The generator takes labels too if the model has `num_classes` or `num_attributes`.

    A subclass sets the attributes in `__init__`, and writes `train_step` and `test_step`.

    Attributes:
        generator: Model from z, or from `[z, labels]`, to images.
        latent_dim: Length of z.
        num_classes: Number of classes; `None` for a model without classes.
        class_names: Name of each class; empty if they are not known.
        num_attributes: Number of attributes; `None` for a model without attributes.
        attribute_names: Name of each attribute; empty if they are not known.
        image_shape: (height, width, channels) of the images, (length, channels) of sequences, (n,) of vectors.
        image_range: The least and the greatest value of a pixel.
    """

    generator: keras.Model
    latent_dim: int
    num_classes: int | None
    class_names: tuple[str, ...]
    num_attributes: int | None
    attribute_names: tuple[str, ...]
    image_shape: Shape
    image_range: Range
    averaged_networks = ("generator",)
    _warned_of_labels = False

    @property
    def has_labels(self) -> bool:
        """`True` if the model has classes or attributes."""
        return self.num_classes is not None or self.num_attributes is not None

    @property
    def codes(self) -> latent.Codes | None:
        """The codes at the start of z, of a generator of `keras_gan.networks.with_codes`; else `None`."""
        return codes_of(self.generator)

    @property
    def ema_generator(self) -> keras.Model | None:
        """The averaged generator, which `generate` uses instead of `generator`; `None` without `ema_momentum`."""
        return self.averages.get("generator")

    # ------------------------------------------------------------------ data

    def prepare_data(self, data: Data) -> Data:
        """Adopt the class names of a data set of `keras_gan.datasets.load`, or compare them with those of the model."""
        self._check_class_names(getattr(data, "class_names", ()))
        names = tuple(getattr(data, "attribute_names", ()))
        if self.num_attributes is not None and names:
            if self.attribute_names and self.attribute_names != names:
                raise ValueError(
                    f"The data set must have the attributes of the model: {describe_attributes(self.attribute_names)}. "
                    f"Received: {describe_attributes(names)}"
                )
            self.attribute_names = check_attribute_names(names, self.num_attributes)
        return data

    def data_check(self, data: Data) -> ImageCheck:
        """Returns the check that images and labels have to pass."""
        shape, values = self.image_shape, self.image_range
        return ImageCheck(shape, values, self.num_classes, num_attributes=self.num_attributes)

    def _check_class_names(self, names: Sequence[str]) -> None:
        if self.num_classes is None or not names:
            return
        if not self.class_names and len(names) == self.num_classes:
            self.class_names = tuple(names)
        elif self.class_names and tuple(names) != self.class_names:
            raise ValueError(
                f"The data set must have the classes of the model: {describe_classes(self.class_names)}. "
                f"Received: {describe_classes(names)}"
            )

    def images_and_labels(self, data: Tensor | tuple[Tensor, ...]) -> tuple[Tensor, Tensor | None]:
        """Returns the images of a batch as float32 and their labels, `None` for a model without labels."""
        images, labels = split_batch(data)
        if labels is not None and not self.has_labels and not self._warned_of_labels:
            self._warned_of_labels = True
            warnings.warn(
                "The model was made without `num_classes`, so it does not use the labels of the data. Make it and its "
                "networks with `num_classes`, or pass the images alone. Received: (images, labels)",
                KerasGANWarning,
                stacklevel=2,
            )
        images = tf.cast(images, tf.float32)
        if not self.has_labels:
            return images, None
        return images, tf.cast(labels, tf.int32 if self.num_attributes is None else tf.float32)

    def sample_latent(self, images: Tensor, turn: int = 0) -> Tensor:
        """Returns a z for each image: this replica's part of the noise of the global batch.

        It depends only on the seed, the discriminator's update count and the generator's turn, which are all saved.
        """
        n = minibatches.batch_size(images)
        replicas = tf.distribute.get_strategy().num_replicas_in_sync
        step = tf.cast(self.d_optimizer.iterations, tf.int64)
        z = tf.random.stateless_normal((n * replicas, self.latent_dim), seed=[self.seed - (turn << 32), step])
        if replicas == 1:
            return z
        replica = tf.distribute.get_replica_context().replica_id_in_sync_group
        return z[replica * n : (replica + 1) * n]

    # ------------------------------------------------------------------ generating

    def call(self, inputs: Tensor | list[Tensor], training: bool = False) -> Tensor:
        """Generate images.

        Args:
            inputs: z, float32 (batch, latent_dim); or `[z, labels]`.
            training: Boolean. If `True`, uses the generator itself instead of its average, and batch normalisation uses
                the statistics of the batch. Defaults to `False`.

        Returns:
            Images, float32 (batch, height, width, channels).
        """
        return (self.generator if training else self.inference_network("generator"))(inputs, training=training)

    def generate(
        self,
        n: int,
        labels: Labels = None,
        seed: int | None = 0,
        batch_size: int = 64,
        truncation: float = 1.0,
        codes: Mapping[str, Any] | None = None,
    ) -> np.ndarray:
        """Generate `n` images.

        Image i depends only on `seed`, i and its label. Only rounding errors depend on the batch size. Every exported
        file generates the same images from the same seed.

        Args:
            n: Number of images.
            labels: Class of each image, integers or names (n,), or one for all images. For a model with
                `num_attributes` floats (n, num_attributes), or (num_attributes,) for all images, or a dict from names
                to values, where others are 0. Defaults to `None`: the classes 0, 1, 2, ... in turn, or each attribute
                in turn, which is 1.
            seed: Integer from 0 to 2**31 - 1, or `None` for other images at each call. Defaults to 0.
            batch_size: Number of images that are generated at once. Defaults to 64.
            truncation: Number that z is multiplied by. Below 1, images are more typical and vary less. Defaults to 1.0.
            codes: Values of the codes of an InfoGAN, arguments of `keras_gan.latent.Codes.set`: a dict with
                `categorical`, `continuous` or both. Defaults to `None`: random ones.

        Returns:
            A float32 array (n, height, width, channels) in [-1, 1] (in [0, 1] if the generator ends in a sigmoid).
            Sequences are (n, length, channels), vectors (n, length).

        Raises:
            ValueError: If an argument is out of range, or labels or codes are given to a model without them.

        Example:
        ```python
        images = gan.generate(16, seed=7)
        ```
        """
        z = latent.sample(n, self.latent_dim, seed, truncation)
        if codes is not None:
            if self.codes is None:
                raise ValueError(f"`codes` needs a generator of keras_gan.networks.with_codes. Received: codes={codes}")
            z = self.codes.set(z, **codes)
        return self.generate_from_latent(z, labels, batch_size)

    def generate_from_latent(self, z: ArrayLike, labels: Labels = None, batch_size: int = 64) -> np.ndarray:
        """Generate the images of latent vectors.

        Args:
            z: Latent vectors, float32 (n, latent_dim).
            labels: Class of each image, as in `generate`. Defaults to `None`: the classes in turn.
            batch_size: Number of images that are generated at once. Defaults to 64.

        Returns:
            A float32 array (n, height, width, channels) in [-1, 1] (in [0, 1] if the generator ends in a sigmoid).

        Raises:
            ValueError: If `z` or `labels` has the wrong shape, or `batch_size` is below 1.

        Example:
        ```python
        z = keras_gan.latent.sample(1, gan.latent_dim, seed=7)[0]
        images = gan.generate_from_latent(keras_gan.latent.walk_dimension(z, dimension=3))
        ```
        """
        if batch_size < 1:
            raise ValueError(f"`batch_size` must be at least 1. Received: batch_size={batch_size}")
        z = np.asarray(z, np.float32)
        if z.ndim != 2 or z.shape[1] != self.latent_dim:
            raise ValueError(f"`z` must be of shape (n, {self.latent_dim}). Received: shape {z.shape}")
        labels = labels_of(
            len(z), labels, self.num_classes, self.class_names, self.num_attributes, self.attribute_names
        )
        parts = [slice(i, i + batch_size) for i in range(0, len(z), batch_size)]
        images = [keras.ops.convert_to_numpy(self._generate(z[part], labels[part], training=False)) for part in parts]
        return np.concatenate(images).astype(np.float32) if images else np.zeros((0, *self.image_shape), np.float32)

    def predict(self, x: Any, *args: Any, **kwargs: Any) -> np.ndarray:
        """Generate images, as `keras.Model.predict` does. `generate` is easier.

        Args:
            x: z, float32 (n, latent_dim); or `[z, labels]` for a model with classes.
            *args: Arguments of `keras.Model.predict`.
            **kwargs: Arguments of `keras.Model.predict`.

        Raises:
            ValueError: If a model with classes gets z alone, or a model without classes gets labels.
        """
        is_pair = isinstance(x, list | tuple) and len(x) == 2
        if hasattr(x, "shape") or isinstance(x, list | tuple):
            if self.has_labels and not is_pair:
                kind = f"num_classes={self.num_classes}"
                kind = kind if self.num_attributes is None else f"num_attributes={self.num_attributes}"
                raise ValueError(
                    f"`predict` of a model with {kind} takes [z, labels]. Received: z alone. "
                    "`generate(n)` and `generate_from_latent(z)` choose each class in turn"
                )
            if not self.has_labels and is_pair and all(hasattr(one, "shape") for one in x):
                raise ValueError("`predict` of a model without classes takes z. Received: [z, labels]")
        return super().predict(list(x) if is_pair else x, *args, **kwargs)

    def _generate(self, z: Tensor, labels: Tensor | None, training: bool = True) -> Tensor:
        return self([z, labels] if self.has_labels else z, training=training)
