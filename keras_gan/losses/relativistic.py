"""Relativistic pairing loss."""

from __future__ import annotations

from typing import ClassVar

import keras
import tensorflow as tf
from keras import ops

from keras_gan.losses.adversarial_loss import AdversarialLoss
from keras_gan.typing import Tensor


@keras.saving.register_keras_serializable("keras_gan")
class Relativistic(AdversarialLoss):
    """Relativistic pairing loss: D decides which image of a pair is the real one.

        L_D = -mean log sigmoid(D(x) - D(G(z)))
        L_G = -mean log sigmoid(D(G(z)) - D(x))

    D must separate each generated image from real images near it, so G cannot drop modes. With the penalties `R1` and
    `R2`, as in R3GAN, training converges locally.

    Example:
    ```python
    gan.compile(d_optimizer, g_optimizer, loss="relativistic", penalties=["r1", "r2"])
    ```

    Reference:
        - [Huang et al., 2024, The GAN is dead; long live the GAN!](https://arxiv.org/abs/2501.05441), equation 2. Here
          f(t) = -log(1 + exp(-t)), and G in its non-saturating form.
        - [Jolicoeur-Martineau, 2018, The relativistic discriminator](https://arxiv.org/abs/1807.00734), section 4.1,
          where it is called RSGAN.
    """

    compares: ClassVar[bool] = True
    probability: ClassVar[bool] = False
    boundary: ClassVar[bool] = False

    def discriminator_loss(self, real_logits: Tensor, fake_logits: Tensor) -> Tensor:
        """Returns -mean log sigmoid(D(x) - D(G(z))), a float32 scalar. It is log 2 if all logits are equal.

        Args:
            real_logits: Logits of D for real images, shape (batch, ...).
            fake_logits: Logits of D for generated images, of the same shape.

        Raises:
            ValueError: If the shapes differ.
        """
        real, fake = ops.cast(real_logits, "float32"), ops.cast(fake_logits, "float32")
        sizes = zip(real.shape, fake.shape, strict=False)
        if len(real.shape) != len(fake.shape) or any(a != b for a, b in sizes if None not in {a, b}):
            raise ValueError(
                "`real_logits` and `fake_logits` are compared in pairs, so they must have the same shape. "
                f"Received: shapes {tuple(real.shape)} and {tuple(fake.shape)}"
            )
        if None in {*real.shape, *fake.shape}:
            # Sizes that are known only when the step runs. Broadcasting would hide the mistake.
            tf.debugging.assert_equal(tf.shape(real), tf.shape(fake), "`real_logits` and `fake_logits` must pair up")
        return ops.mean(ops.softplus(fake - real))

    def generator_loss(self, fake_logits: Tensor, real_logits: Tensor | None = None) -> Tensor:
        """Returns -mean log sigmoid(D(G(z)) - D(x)), a float32 scalar.

        Args:
            fake_logits: Logits of D for generated images, shape (batch, ...).
            real_logits: Logits of D for real images, of the same shape.

        Raises:
            ValueError: If `real_logits` is `None`, or the shapes differ.
        """
        if real_logits is None:
            raise ValueError(
                f"`generator_loss` of {type(self).__name__} needs `real_logits`, which it compares with "
                "`fake_logits`. Received: real_logits=None"
            )
        return self.discriminator_loss(real_logits=fake_logits, fake_logits=real_logits)
