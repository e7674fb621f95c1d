"""DiffAugment: a fixed policy of three augmentations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from keras_gan.augmentations import sampling
from keras_gan.augmentations.augmentation import Augmentation
from keras_gan.augmentations.names import checked_names

POLICIES = ("color", "translation", "cutout")


@keras.saving.register_keras_serializable("keras_gan")
class DiffAugment(Augmentation):
    """Augment each image by a fixed policy, always and at full strength; nothing to tune.

    - `"color"`: brightness by U[-0.5, 0.5], saturation by a factor U[0, 2] about each pixel's mean (of a grey image no
      change), contrast by a factor U[0.5, 1.5] about the image's mean;
    - `"translation"`: by whole pixels, up to an eighth of height and width each way; what comes in is 0, mid-grey;
    - `"cutout"`: a rectangle of half the height and half the width, its middle anywhere in the image, becomes 0.

    Args:
        policy: Those to apply, in this order; a sequence, or a string such as `"color,cutout"`. Defaults to all three.
        **kwargs: As `keras.layers.Layer`.

    Raises:
        ValueError: If `policy` is empty, or names one twice or one that there is not.

    Example:
    ```python
    augmentation = keras_gan.augmentations.DiffAugment("translation,cutout")
    images = augmentation.augment(images, seed=tf.constant([0, 1], tf.int64))
    ```

    Reference:
        [Zhao et al., 2020, Differentiable Augmentation for Data-Efficient GAN
        Training](https://arxiv.org/abs/2006.10738), section 3.2; the ranges are those of its official code.
    """

    def __init__(self, policy: str | Sequence[str] = POLICIES, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.policy = checked_names("policy", policy, POLICIES)

    def augment(self, images: Any, seed: Any) -> Any:
        """The images, each changed in a way of its own.

        Args:
            images: Float (batch, height, width, channels) in [-1, 1]; all but the batch known.
            seed: An int64 tensor (2,).

        Returns:
            A float32 tensor of the same shape, not clipped.
        """
        images = tf.cast(images, tf.float32)
        _, height, width, _ = images.shape
        drawn = draw(tf.shape(images)[0], height, width, seed)
        for name in self.policy:
            images = apply(name, images, drawn)
        return images

    def get_config(self) -> dict[str, Any]:
        """The arguments of `__init__`."""
        return super().get_config() | {"policy": self.policy}


def draw(n: Any, height: int, width: int, seed: Any) -> dict[str, Any]:
    """What to do to each of `n` images.

    Returns:
        `brightness`, `saturation` and `contrast`, float32 (n, 1, 1, 1); int32 (n, 2), rows before columns:
        `translation`, and `cutout`, the rectangle's upper left corner, which may lie outside of the image.
    """
    uniform = tf.random.stateless_uniform((n, 7), seed)
    brightness, saturation, contrast, translation, middle = tf.split(uniform, [1, 1, 1, 2, 2], axis=1)
    reach = tf.constant([height // 8, width // 8], tf.float32)
    half = tf.constant([height // 2, width // 2], tf.float32)
    # A rectangle of even size has its middle between two pixels, or at a border of the image.
    middles = tf.constant([size + 1 - size // 2 % 2 for size in (height, width)], tf.float32)
    return {
        "brightness": brightness[..., None, None] - 0.5,
        "saturation": saturation[..., None, None] * 2,
        "contrast": contrast[..., None, None] + 0.5,
        "translation": tf.cast(tf.floor(translation * (2 * reach + 1)) - reach, tf.int32),
        "cutout": tf.cast(tf.floor(middle * middles) - half // 2, tf.int32),
    }


def apply(name: str, images: Any, drawn: dict[str, Any]) -> Any:
    """Do to each image what was drawn for it.

    Args:
        name: One of `POLICIES`.
        images: (batch, height, width, channels).
        drawn: What `draw` returned.
    """
    if name == "color":
        images += drawn["brightness"]
        mean = tf.reduce_mean(images, axis=3, keepdims=True)
        images = (images - mean) * drawn["saturation"] + mean
        mean = tf.reduce_mean(images, axis=(1, 2, 3), keepdims=True)
        return (images - mean) * drawn["contrast"] + mean
    if name == "translation":
        return sampling.shift(images, drawn["translation"])
    _, height, width, _ = images.shape
    rows = tf.range(height)[:, None] - drawn["cutout"][:, 0, None, None]
    columns = tf.range(width) - drawn["cutout"][:, 1, None, None]
    cut = (rows >= 0) & (rows < height // 2) & (columns >= 0) & (columns < width // 2)
    return images * tf.cast(~cut[..., None], images.dtype)
