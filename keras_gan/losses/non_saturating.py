"""The non-saturating loss."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_gan.losses.minimax import Minimax


@keras.saving.register_keras_serializable("keras_gan")
class NonSaturating(Minimax):
    """The GAN paper's cure for the vanishing generator gradient: G ascends log D(G(z)); D plays as in `Minimax`.

    Where D is sure that an image is generated (D(G(z)) near 0) the gradient of log(1 - D) with respect to D's logit
    is near 0 and that of log D is near 1, so the generator learns just when it has most to learn.

    Example:
    ```python
    gan.compile(d_optimizer, g_optimizer, loss="non_saturating")
    ```

    Reference:
        [Goodfellow et al., 2014, Generative Adversarial Nets](https://arxiv.org/abs/1406.2661), section 3.
    """

    def generator_loss(self, fake_logits: Any, real_logits: Any = None) -> Any:
        """-mean log D(G(z)), at least 0."""
        return ops.mean(ops.softplus(-ops.cast(fake_logits, "float32")))
