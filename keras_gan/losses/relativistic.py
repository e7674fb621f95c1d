"""The relativistic loss of pairs."""

from __future__ import annotations

from typing import Any, ClassVar

import keras
import tensorflow as tf
from keras import ops

from keras_gan.losses.adversarial_loss import AdversarialLoss


@keras.saving.register_keras_serializable("keras_gan")
class Relativistic(AdversarialLoss):
    """RpGAN: D learns that a real image is more real than the generated one it is paired with, G the opposite.

    Image i of one batch meets image i of the other. D can win only by telling a generated image from the real images
    near it, which keeps the generator from dropping modes; with `R1` and `R2` (R3GAN) training converges locally.

    Example:
    ```python
    gan.compile(d_optimizer, g_optimizer, loss="relativistic", penalties=["r1", "r2"])
    ```

    Reference:
        [Huang et al., 2024, The GAN is dead; long live the GAN!](https://arxiv.org/abs/2501.05441), equation 2 with
        f(t) = -log(1 + exp(-t)), G in the non-saturating form; before it, as RSGAN,
        [Jolicoeur-Martineau, 2018, The relativistic discriminator](https://arxiv.org/abs/1807.00734), section 4.1.
    """

    compares: ClassVar[bool] = True
    probability: ClassVar[bool] = False
    boundary: ClassVar[bool] = False

    def discriminator_loss(self, real_logits: Any, fake_logits: Any) -> Any:
        """-mean log sigmoid(D(x) - D(G(z))); log 2 when D cannot tell them apart.

        Args:
            real_logits: D's logits for real images, shape (batch, ...).
            fake_logits: D's logits for generated images, of the same shape.

        Returns:
            A float32 scalar.

        Raises:
            ValueError: If the shapes differ.
        """
        real, fake = ops.cast(real_logits, "float32"), ops.cast(fake_logits, "float32")
        sizes = zip(real.shape, fake.shape, strict=False)
        if len(real.shape) != len(fake.shape) or any(a != b for a, b in sizes if None not in {a, b}):
            raise ValueError(
                "`real_logits` and `fake_logits` are compared in pairs and must be of one shape. "
                f"Received: shapes {tuple(real.shape)} and {tuple(fake.shape)}"
            )
        if None in {*real.shape, *fake.shape}:  # known when the step runs: one image must not be spread over many
            tf.debugging.assert_equal(tf.shape(real), tf.shape(fake), "`real_logits` and `fake_logits` must pair up")
        return ops.mean(ops.softplus(fake - real))

    def generator_loss(self, fake_logits: Any, real_logits: Any = None) -> Any:
        """The discriminator's loss with the parts changed: -mean log sigmoid(D(G(z)) - D(x)).

        Args:
            fake_logits: D's logits for generated images, shape (batch, ...).
            real_logits: D's logits for real images.

        Returns:
            A float32 scalar.

        Raises:
            ValueError: If `real_logits` is `None`, or the shapes do not go together.
        """
        if real_logits is None:
            raise ValueError(
                f"{type(self).__name__} compares generated images with real ones: `generator_loss` needs "
                "`real_logits`. Received: real_logits=None"
            )
        return self.discriminator_loss(real_logits=fake_logits, fake_logits=real_logits)
