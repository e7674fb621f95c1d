"""Base class of losses of the discriminator's second output."""

from __future__ import annotations

import abc
from typing import Any, ClassVar

from keras_gan.typing import Tensor
from keras_gan.utils.configurable import Configurable


class AuxiliaryLoss(Configurable, abc.ABC):
    """Base class of losses of the discriminator's second output, which both networks minimise.

    Attributes:
        name: Start of the names under which `fit()` reports the loss and the metrics.
        metric_names: Names of the metrics, without `name`.
    """

    name: ClassVar[str]
    metric_names: ClassVar[tuple[str, ...]]

    @abc.abstractmethod
    def discriminator_loss(self, real_output: Tensor, fake_output: Tensor, target: Any) -> Tensor:
        """Returns the discriminator's weighted loss, a float32 scalar: the mean over the batch.

        Args:
            real_output: Second output of D for real images, (batch, n).
            fake_output: Second output of D for generated images, (batch, n).
            target: Labels of both batches, int32 (batch,); or the codes of the generated images. Codes are a pair: a
                list of one-hot vectors, and the continuous codes (batch, codes).
        """

    @abc.abstractmethod
    def generator_loss(self, fake_output: Tensor, target: Any) -> Tensor:
        """Returns the generator's weighted loss, a float32 scalar: the mean over the batch.

        Args:
            fake_output: Second output of D for generated images, (batch, n).
            target: Labels or codes of the generated images, as for `discriminator_loss`.
        """

    @abc.abstractmethod
    def metrics(self, real_output: Tensor, fake_output: Tensor, target: Any) -> dict[str, Tensor]:
        """Returns the metrics of a batch, by the names in `metric_names`.

        Args:
            real_output: Second output of D for real images, (batch, n).
            fake_output: Second output of D for generated images, (batch, n).
            target: Labels or codes, as for `discriminator_loss`.
        """
