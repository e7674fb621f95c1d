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

    Args:
        label_smoothing: D learns to say 1 - `label_smoothing` of real images; see `Minimax`. Defaults to 0.
        two_sided: Whether D also learns to say `label_smoothing` of generated images. Defaults to `False`.

    Raises:
        ValueError: If `label_smoothing` is out of its range.

    Example:
    ```python
    gan.compile(d_optimizer, g_optimizer, loss=keras_gan.losses.NonSaturating(label_smoothing=0.1))
    ```

    Reference:
        [Goodfellow et al., 2014, Generative Adversarial Nets](https://arxiv.org/abs/1406.2661), section 3.
    """

    def generator_loss(self, fake_logits: Any, real_logits: Any = None) -> Any:
        """-mean log D(G(z)), at least 0."""
        return ops.mean(ops.softplus(-ops.cast(fake_logits, "float32")))
