"""DiffAugment: a fixed policy of three augmentations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from keras_gan.augmentations import sampling
from keras_gan.augmentations.augmentation import Augmentation
from keras_gan.augmentations.names import checked_names
from keras_gan.typing import Tensor

POLICIES = ("color", "translation", "cutout")


@keras.saving.register_keras_serializable("keras_gan")
class DiffAugment(Augmentation):
    """Applies a fixed policy of augmentations to every image, always at full strength. There is nothing to tune.

    - `"color"` adds U[-0.5, 0.5] to the brightness. It multiplies saturation by U[0, 2] about the mean of each pixel.
      It multiplies contrast by U[0.5, 1.5] about the mean of the image.
    - `"translation"` shifts by whole pixels, up to an eighth of height and width in each direction. New pixels are 0,
      grey.
    - `"cutout"` sets a rectangle of half the height and half the width to 0. Its centre may be anywhere in the image.

    Args:
        policy: Names of augmentations in the order to apply: a sequence, or a string such as `"color,cutout"`. Defaults
            to all three.
        **kwargs: Arguments of `keras.layers.Layer`.

    Raises:
        ValueError: If `policy` is empty, repeats a name, or has an unknown name.

    Example:
    ```python
    augmentation = keras_gan.augmentations.DiffAugment("translation,cutout")
    images = augmentation.augment(images, seed=tf.constant([0, 1], tf.int64))
    ```

    Reference:
        [Zhao et al., 2020, Differentiable Augmentation for Data-Efficient GAN
        Training](https://arxiv.org/abs/2006.10738), section 3.2. The ranges are those of its official code.
    """

    def __init__(self, policy: str | Sequence[str] = POLICIES, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.policy = checked_names("policy", policy, POLICIES)

    def augment(self, images: Tensor, seed: Tensor) -> Tensor:
        """Returns the images, each changed at random: a float32 tensor of the same shape, not clipped.

        Args:
            images: Float tensor (batch, height, width, channels) in [-1, 1]. Only the batch size may be unknown.
            seed: Seed of the random numbers, an int64 tensor (2,).
        """
        images = tf.cast(images, tf.float32)
        _, height, width, _ = images.shape
        sampled = sample_parameters(tf.shape(images)[0], height, width, seed)
        for name in self.policy:
            images = apply(name, images, sampled)
        return images

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of `__init__`."""
        return super().get_config() | {"policy": self.policy}


def sample_parameters(n: Tensor | int, height: int, width: int, seed: Tensor) -> dict[str, Tensor]:
    """Samples the parameters of all augmentations for each of `n` images.

    Returns:
        Tensors by name:

        - `brightness`, `saturation`, `contrast`: Float32 (n, 1, 1, 1).
        - `translation`: Int32 (n, 2), down and right.
        - `cutout`: Int32 (n, 2), row and column of the rectangle's upper left corner, which may be outside of the
          image.
    """
    uniform = tf.random.stateless_uniform((n, 7), seed)
    brightness, saturation, contrast, translation, middle = tf.split(uniform, [1, 1, 1, 2, 2], axis=1)
    reach = tf.constant([height // 8, width // 8], tf.float32)
    half = tf.constant([height // 2, width // 2], tf.float32)
    # The centre of a rectangle of even size is between two pixels, or at a border of the image.
    middles = tf.constant([size + 1 - size // 2 % 2 for size in (height, width)], tf.float32)
    return {
        "brightness": brightness[..., None, None] - 0.5,
        "saturation": saturation[..., None, None] * 2,
        "contrast": contrast[..., None, None] + 0.5,
        "translation": tf.cast(tf.floor(translation * (2 * reach + 1)) - reach, tf.int32),
        "cutout": tf.cast(tf.floor(middle * middles) - half // 2, tf.int32),
    }


def apply(name: str, images: Tensor, sampled: dict[str, Tensor]) -> Tensor:
    """Applies one augmentation.

    Args:
        name: One of `POLICIES`.
        images: Images (batch, height, width, channels).
        sampled: Parameters from `sample_parameters`.
    """
    if name == "color":
        images += sampled["brightness"]
        mean = tf.reduce_mean(images, axis=3, keepdims=True)
        images = (images - mean) * sampled["saturation"] + mean
        mean = tf.reduce_mean(images, axis=(1, 2, 3), keepdims=True)
        return (images - mean) * sampled["contrast"] + mean
    if name == "translation":
        return sampling.shift(images, sampled["translation"])
    _, height, width, _ = images.shape
    rows = tf.range(height)[:, None] - sampled["cutout"][:, 0, None, None]
    columns = tf.range(width) - sampled["cutout"][:, 1, None, None]
    cut = (rows >= 0) & (rows < height // 2) & (columns >= 0) & (columns < width // 2)
    return images * tf.cast(~cut[..., None], images.dtype)
