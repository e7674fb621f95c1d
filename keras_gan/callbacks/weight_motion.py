"""Distance that the trained weights of a GAN move."""

from __future__ import annotations

from typing import Any

from keras import ops

from keras_gan.models.gan import GAN


class WeightMotion:
    """Copy of the trained weights, on their device, and the distance of the weights from it."""

    def __init__(self) -> None:
        self._start: list[Any] = []

    def start(self, gan: GAN) -> None:
        """Copy the weights of both networks."""
        self._start = _trained_weights(gan)

    def distance(self, gan: GAN) -> float:
        """Returns the distance that the weights moved since `start`, divided by their norm then."""
        pairs = zip(_trained_weights(gan), self._start, strict=True)
        moved = sum(ops.sum(ops.square(new - old)) for new, old in pairs)
        return float(ops.sqrt(moved / sum(ops.sum(ops.square(old)) for old in self._start)))


def _trained_weights(gan: GAN) -> list[Any]:
    variables = gan.generator.trainable_variables + gan.discriminator.trainable_variables
    return [ops.copy(ops.cast(variable, "float32")) for variable in variables]
