"""Non-saturating loss."""

from __future__ import annotations

import keras
from keras import ops

from keras_gan.losses.minimax import Minimax
from keras_gan.typing import Tensor


@keras.saving.register_keras_serializable("keras_gan")
class NonSaturating(Minimax):
    """Non-saturating loss: like `Minimax`, with a generator loss whose gradient does not vanish.

        L_D = -mean log D(x) - mean log(1 - D(G(z)))
        L_G = -mean log D(G(z))

    Where D is certain that an image is generated, D(G(z)) is near 0. There the gradient of log(1 - D) with respect to
    D's logit is near 0, but the gradient of log D is near 1. So G learns most when its images are worst.

    Args:
        label_smoothing: Number from 0 to below 0.5. The target of real images becomes 1 - `label_smoothing`, see
            `Minimax`. Defaults to 0.
        two_sided: `True` to change the target of generated images to `label_smoothing` as well. Defaults to `False`.

    Raises:
        ValueError: If `label_smoothing` is out of its range.

    Example:
    ```python
    gan.compile(d_optimizer, g_optimizer, loss=keras_gan.losses.NonSaturating(label_smoothing=0.1))
    ```

    Reference:
        [Goodfellow et al., 2014, Generative Adversarial Nets](https://arxiv.org/abs/1406.2661), section 3.
    """

    def generator_loss(self, fake_logits: Tensor, real_logits: Tensor | None = None) -> Tensor:
        """Returns -mean log D(G(z)), at least 0."""
        return ops.mean(ops.softplus(-ops.cast(fake_logits, "float32")))
