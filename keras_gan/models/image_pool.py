"""Pool of earlier generated images, which a CycleGAN's discriminators see again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_gan.models import minibatches
from keras_gan.typing import Shape, Tensor


class ImagePool(keras.layers.Layer):
    """Pool of generated images, half of which the discriminator sees again later. It damps oscillations.

    Until the pool is full, it stores each image and returns it. Then a coin decides for each image: the pool returns
    it, or stores it in place of an earlier image and returns that one. The images of one batch take different places.
    Images that exceed the size of the pool are returned at once. The pool is a variable that the model saves.

    Args:
        size: Number of images that it holds; 0 for no pool. Defaults to 50.

    Reference:
        [Shrivastava et al., 2017](https://arxiv.org/abs/1612.07828), section 2.3, as used in
        [Zhu et al., 2017](https://arxiv.org/abs/1703.10593), section 4.
    """

    def __init__(self, size: int = 50, **kwargs: Any) -> None:
        super().__init__(trainable=False, dtype="float32", **kwargs)
        self.size = size

    def build(self, image_shape: Shape) -> None:
        """Create the variables.

        Args:
            image_shape: (height, width, channels).
        """
        # With a distribution strategy all replicas take from one pool, which the first replica fills.
        options = {"initializer": "zeros", "trainable": False, "aggregation": "only_first_replica"}
        self.images = self.add_weight(name="images", shape=(self.size, *image_shape), **options)
        self.count = self.add_weight(name="count", shape=(), dtype="int32", **options)
        self.built = True

    def build_for(self, image_shape: Shape) -> None:
        """Create the variables, unless they exist.

        Args:
            image_shape: (height, width, channels).

        Raises:
            ValueError: If the pool holds images of another shape.
        """
        if not self.built:
            self.build(image_shape)
        elif tuple(self.images.shape[1:]) != tuple(image_shape):
            raise ValueError(
                f"The model was trained on images of shape {tuple(self.images.shape[1:])}, which `{self.name}` holds. "
                f"Received: images of {image_shape}. To train on another size, make a new CycleGAN of the same "
                "networks. `translate` takes images of any size."
            )

    def load_own_variables(self, store: Mapping[str, np.ndarray]) -> None:
        """Load the variables of a file, and create them first if the size of the images is not known yet.

        The file holds none if the pool was saved before the first training.
        """
        if not self.built and len(store.keys()) == 0:
            return
        if not self.built:
            self.build(tuple(store["0"].shape[1:]))
        super().load_own_variables(store)

    def swap(self, images: Tensor, seed: Tensor) -> Tensor:
        """Returns as many images, new or earlier ones, and stores new ones.

        Args:
            images: Float32 (batch, height, width, channels).
            seed: Two integers that decide about all images. They must differ between calls.
        """
        if self.size == 0:
            return images
        images = tf.cast(images, tf.float32)
        offered, rest = images[: self.size], images[self.size :]
        n = minibatches.batch_size(offered)
        count = self.count.value
        coins, ranks = tf.unstack(tf.random.stateless_uniform((2, self.size), seed=seed))
        full = count >= self.size
        places = count + tf.range(n)
        slots = tf.where(full, tf.argsort(ranks)[:n], places % self.size)
        stored = tf.where(full, coins[:n] < 0.5, places < self.size)[:, None, None, None]
        held = tf.gather(self.images.value, slots)
        returned = tf.where(full & stored, held, offered)
        # Wait for the images before counting them, so that a batch that fails is not counted.
        with tf.control_dependencies([returned]):
            updated = tf.tensor_scatter_nd_update(self.images.value, slots[:, None], tf.where(stored, offered, held))
            self.images.assign(updated)
            self.count.assign(tf.minimum(count + n, self.size))
        return tf.concat([returned, rest], axis=0)
