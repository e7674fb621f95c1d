"""The history of generated images that a CycleGAN's discriminators learn from."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from keras_gan.models import minibatches


class ImagePool(keras.layers.Layer):
    """Give D a generated image of now or, half of the time, one of earlier, which keeps the game from oscillating.

    While it fills, the pool keeps each image and returns it. When it is full, a coin decides for each image: it is
    returned as it is, or changes places with one of the pool, and that one is returned. The pool is a variable, saved
    with the model. The images of one batch change places with different ones of the pool; what does not fit into the
    pool passes by it.

    Args:
        size: How many images it holds; 0 for no pool. Defaults to 50.

    Reference:
        [Shrivastava et al., 2017](https://arxiv.org/abs/1612.07828), section 2.3, as used in
        [Zhu et al., 2017](https://arxiv.org/abs/1703.10593), section 4.
    """

    def __init__(self, size: int = 50, **kwargs: Any) -> None:
        super().__init__(trainable=False, dtype="float32", **kwargs)
        self.size = size

    def build(self, image_shape: tuple[int, int, int]) -> None:
        """Make the variables.

        Args:
            image_shape: (height, width, channels).
        """
        # Under a distribution strategy all replicas take from one pool, which the first fills.
        kept = {"initializer": "zeros", "trainable": False, "aggregation": "only_first_replica"}
        self.images = self.add_weight(name="images", shape=(self.size, *image_shape), **kept)
        self.count = self.add_weight(name="count", shape=(), dtype="int32", **kept)
        self.built = True

    def swap(self, images: Any, seed: Any) -> Any:
        """Put images in, and take as many out.

        Args:
            images: Float32 (batch, height, width, channels).
            seed: Two integers, other ones at each call; they decide everything.

        Returns:
            As many images.
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
        # The count waits for the images: a batch that fails to come is not counted.
        with tf.control_dependencies([returned]):
            updated = tf.tensor_scatter_nd_update(self.images.value, slots[:, None], tf.where(stored, offered, held))
            self.images.assign(updated)
            self.count.assign(tf.minimum(count + n, self.size))
        return tf.concat([returned, rest], axis=0)
