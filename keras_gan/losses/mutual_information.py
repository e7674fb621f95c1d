"""Loss of InfoGAN's codes."""

from __future__ import annotations

import math
from typing import ClassVar, TypeAlias

import keras
from keras import ops

from keras_gan.losses.auxiliary_classifier import check_weight
from keras_gan.losses.auxiliary_loss import AuxiliaryLoss
from keras_gan.typing import Tensor

CodeTensors: TypeAlias = "tuple[list[Tensor], Tensor]"


@keras.saving.register_keras_serializable("keras_gan")
class MutualInformation(AuxiliaryLoss):
    """Loss of InfoGAN: the codes of a generated image must be recognisable in it.

        L = -a mean log Q(c|G(z, c)) of categorical codes - b mean log Q(c|G(z, c)) of continuous codes

    Q is a distribution that D's second output describes. -L plus the constant entropy of the codes is a lower bound of
    the mutual information of codes and images. Both networks add L to their adversarial loss. Log Q of a categorical
    code is a cross-entropy, log Q of a continuous code is the density of a normal distribution.

    `fit()` reports L without weights as `code_loss`. `code_accuracy` is the fraction of categorical codes that Q
    recognises. `code_error` is the mean distance of Q's means from the continuous codes. Each is 0 if there are no such
    codes.

    Args:
        categorical_weight: Weight a, at least 0. Defaults to 1.
        continuous_weight: Weight b, at least 0. The paper advises a lower one than for categorical codes. Defaults to
            0.1.
        deviation: Standard deviation of Q for continuous codes. Defaults to 1.0, as in the official code for MNIST.
            `None` for that of D's output, as in the paper, at least 0.05.

    Raises:
        ValueError: If an argument is out of its range.

    Example:
    ```python
    gan.compile(auxiliary_loss=keras_gan.losses.MutualInformation(continuous_weight=0.5))
    ```

    Reference:
        [Chen et al., 2016, InfoGAN: Interpretable Representation Learning by Information Maximizing Generative
        Adversarial Nets](https://arxiv.org/abs/1606.03657), equations 5 and 6.
    """

    name: ClassVar[str] = "code"
    metric_names: ClassVar[tuple[str, ...]] = ("loss", "accuracy", "error")

    def __init__(
        self, categorical_weight: float = 1.0, continuous_weight: float = 0.1, deviation: float | None = 1.0
    ) -> None:
        self.categorical_weight = check_weight("categorical_weight", categorical_weight)
        self.continuous_weight = check_weight("continuous_weight", continuous_weight)
        if deviation is not None and not 0 < deviation < math.inf:
            raise ValueError(f"`deviation` must be positive, or None. Received: deviation={deviation}")
        self.deviation = deviation

    def discriminator_loss(self, real_output: Tensor, fake_output: Tensor, target: CodeTensors) -> Tensor:
        """Returns the loss of the codes of generated images, which real images do not have."""
        return self.generator_loss(fake_output, target)

    def generator_loss(self, fake_output: Tensor, target: CodeTensors) -> Tensor:
        """Returns the weighted negative log-likelihood of the codes of generated images."""
        categorical, continuous = self._negative_log_likelihoods(fake_output, target)
        return self.categorical_weight * categorical + self.continuous_weight * continuous

    def metrics(self, real_output: Tensor, fake_output: Tensor, target: CodeTensors) -> dict[str, Tensor]:
        """Returns the loss without weights, the accuracy of categorical codes and the error of continuous codes."""
        categorical, continuous = self._negative_log_likelihoods(fake_output, target)
        blocks, values = target
        logits, means, _ = _split(fake_output, target)
        right = [
            ops.mean(ops.cast(ops.equal(ops.argmax(guess, axis=-1), ops.argmax(block, axis=-1)), "float32"))
            for guess, block in zip(logits, blocks, strict=True)
        ]
        return {
            "loss": categorical + continuous,
            "accuracy": sum(right) / len(right) if right else ops.zeros(()),
            "error": ops.mean(ops.abs(means - values)) if values.shape[-1] else ops.zeros(()),
        }

    def _negative_log_likelihoods(self, output: Tensor, target: CodeTensors) -> tuple[Tensor, Tensor]:
        blocks, values = target
        logits, means, log_deviations = _split(output, target)
        categorical = ops.zeros(())
        for guess, block in zip(logits, blocks, strict=True):
            categorical += ops.mean(ops.categorical_crossentropy(ops.cast(block, "float32"), guess, from_logits=True))
        if not values.shape[-1]:
            return categorical, ops.zeros(())
        if self.deviation is None:
            log_deviation = ops.maximum(log_deviations, math.log(0.05))
        else:
            log_deviation = ops.full_like(means, math.log(self.deviation))
        distance = (ops.cast(values, "float32") - means) / ops.exp(log_deviation)
        density = 0.5 * ops.square(distance) + log_deviation + 0.5 * math.log(2 * math.pi)
        return categorical, ops.mean(ops.sum(density, axis=-1))


def _split(output: Tensor, target: CodeTensors) -> tuple[list[Tensor], Tensor, Tensor]:
    """Returns the logits of each categorical code, and the means and log deviations of the continuous codes."""
    output = ops.cast(output, "float32")
    logits, start = [], 0
    for block in target[0]:
        logits.append(output[:, start : start + block.shape[-1]])
        start += block.shape[-1]
    end = start + target[1].shape[-1]
    return logits, output[:, start:end], output[:, end:]
