"""Base class of augmentations."""

from __future__ import annotations

import abc
from typing import Any, ClassVar

import keras

from keras_gan.typing import Tensor


class Augmentation(keras.layers.Layer, abc.ABC):
    """Base class of augmentations: random changes of all images that D sees, real and generated.

    They apply in the updates of D and of G.

    With few images D memorises the training images, which augmentation makes harder. Since D never sees an image
    without augmentation, G does not learn to generate augmented images.

    Images are in [-1, 1]. Results are not clipped to this range, because clipped pixels would have no gradient. An
    augmentation is a Keras layer so that its state, if any, is saved with the model.

    To write your own, subclass it and add `keras.saving.register_keras_serializable`, so that saved models can be
    loaded. Use only operations that can be differentiated twice, since gradient penalties need this.

    Args:
        **kwargs: Arguments of `keras.layers.Layer`.

    Attributes:
        strength: Name of the argument that a number after the augmentation's name sets, as in `--augmentation
            ada:100000`. Defaults to `None`, no such argument.

    Example:
    ```python
    @keras.saving.register_keras_serializable("my_package")
    class Noise(keras_gan.augmentations.Augmentation):
        def augment(self, images, seed):
            return images + 0.1 * tf.random.stateless_normal(tf.shape(images), seed)
    ```
    """

    strength: ClassVar[str | None] = None

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.built = True

    @abc.abstractmethod
    def augment(self, images: Tensor, seed: Tensor) -> Tensor:
        """Returns the images, each changed at random.

        Args:
            images: Float tensor (batch, height, width, channels) in [-1, 1]. Only the batch size may be unknown.
            seed: Seed of the random numbers, an int64 tensor (2,).

        Returns:
            A float32 tensor of the same shape, differentiable twice with respect to `images`.
        """

    def update(self, real_logits: Tensor) -> None:
        """Adapts the augmentation to D's logits. The model calls it once in each update of D.

        Does nothing unless a subclass overrides it.

        Args:
            real_logits: Logits of D for the augmented real images, (batch, ...).
        """

    def statistics(self) -> dict[str, Tensor]:
        """Returns scalars for `fit()` to report, by name. Empty unless a subclass overrides it."""
        return {}
