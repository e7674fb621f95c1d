"""What every augmentation is."""

from __future__ import annotations

import abc
from typing import Any

import keras


class Augmentation(keras.layers.Layer, abc.ABC):
    """A random change of every image that the discriminator sees, real or generated, in its own updates and in G's.

    With little data D learns the training images by heart. Augmented images are harder to learn, and as D never sees
    an image as it is, nor does G's gradient, G is not taught to draw the augmentations.

    Images are in [-1, 1], results are not clipped to it: a clipped pixel would have no gradient and would lose what it
    showed. It is a layer for the sake of its state, if it has any, which a model saves with its own.

    Write your own by subclassing, with `keras.saving.register_keras_serializable` so that a saved model finds it, from
    operations whose gradient can be differentiated again, as gradient penalties do:

    Args:
        **kwargs: As `keras.layers.Layer`.

    Example:
    ```python
    @keras.saving.register_keras_serializable("my_package")
    class Noise(keras_gan.augmentations.Augmentation):
        def augment(self, images, seed):
            return images + 0.1 * tf.random.stateless_normal(tf.shape(images), seed)
    ```
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.built = True

    @abc.abstractmethod
    def augment(self, images: Any, seed: Any) -> Any:
        """The images, each changed in a way of its own.

        Args:
            images: Float (batch, height, width, channels) in [-1, 1]; all but the batch known.
            seed: An int64 tensor (2,), which fixes the random numbers.

        Returns:
            A float32 tensor of the same shape, differentiable twice with respect to `images`.
        """

    def update(self, real_logits: Any) -> None:
        """Take note of how D did; called once in each update of D. Does nothing unless a subclass does.

        Args:
            real_logits: D's logits for the augmented real images, (batch, ...).
        """

    def figures(self) -> dict[str, Any]:
        """What `fit()` shall report, scalars by name: nothing unless a subclass has something to say."""
        return {}
