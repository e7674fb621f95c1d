"""Loss of AC-GAN's classifier."""

from __future__ import annotations

import math
from typing import ClassVar

import keras
from keras import ops

from keras_gan.losses.auxiliary_loss import AuxiliaryLoss
from keras_gan.typing import Tensor


@keras.saving.register_keras_serializable("keras_gan")
class AuxiliaryClassifier(AuxiliaryLoss):
    """Loss of AC-GAN: D also classifies images, and G makes images that D classifies as the requested class.

        L_D = a (-mean log p(c|x) - mean log p(c|G(z, c)))
        L_G = -b mean log p(c|G(z, c))

    Both are added to the adversarial loss. `fit()` reports D's loss without its weight as `class_loss`. The fractions
    of images that D classifies correctly are `class_accuracy_real` and `class_accuracy_fake`.

    Args:
        d_weight: Weight a of the discriminator's loss, at least 0. Defaults to 1.
        g_weight: Weight b of the generator's loss, at least 0. A high weight gives images that are easy to classify
            and vary less. Defaults to 1.

    Raises:
        ValueError: If a weight is out of its range.

    Example:
    ```python
    gan.compile(loss="hinge", auxiliary_loss=keras_gan.losses.AuxiliaryClassifier(g_weight=0.5))
    ```

    Reference:
        [Odena et al., 2017, Conditional Image Synthesis with Auxiliary Classifier GANs](
        https://arxiv.org/abs/1610.09585), section 3, equation 3.
    """

    name: ClassVar[str] = "class"
    metric_names: ClassVar[tuple[str, ...]] = ("loss", "accuracy_real", "accuracy_fake")

    def __init__(self, d_weight: float = 1.0, g_weight: float = 1.0) -> None:
        self.d_weight = check_weight("d_weight", d_weight)
        self.g_weight = check_weight("g_weight", g_weight)

    def discriminator_loss(self, real_output: Tensor, fake_output: Tensor, target: Tensor) -> Tensor:
        """Returns a times the sum of the mean cross-entropies of real and of generated images."""
        return self.d_weight * (_cross_entropy(real_output, target) + _cross_entropy(fake_output, target))

    def generator_loss(self, fake_output: Tensor, target: Tensor) -> Tensor:
        """Returns b times the mean cross-entropy of generated images."""
        return self.g_weight * _cross_entropy(fake_output, target)

    def metrics(self, real_output: Tensor, fake_output: Tensor, target: Tensor) -> dict[str, Tensor]:
        """Returns D's loss without its weight, and its accuracies."""
        loss = _cross_entropy(real_output, target) + _cross_entropy(fake_output, target)
        return {
            "loss": loss,
            "accuracy_real": _accuracy(real_output, target),
            "accuracy_fake": _accuracy(fake_output, target),
        }


def check_weight(name: str, weight: float) -> float:
    """Returns the weight of a loss as a float.

    Args:
        name: Name of the argument.
        weight: Its value.

    Raises:
        ValueError: If it is not finite, or below 0.
    """
    if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 <= weight < math.inf:
        raise ValueError(f"`{name}` must be a finite number, at least 0. Received: {name}={weight!r}")
    return float(weight)


def _cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    logits = ops.cast(logits, "float32")
    return ops.mean(ops.sparse_categorical_crossentropy(labels, logits, from_logits=True))


def _accuracy(logits: Tensor, labels: Tensor) -> Tensor:
    return ops.mean(ops.cast(ops.equal(ops.argmax(logits, axis=-1), ops.cast(labels, "int32")), "float32"))
