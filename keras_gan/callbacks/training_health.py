"""Is the game still played: what goes wrong in training, named while it does, with what helps."""

from __future__ import annotations

import dataclasses
import warnings
from typing import Any

import keras
import numpy as np

from keras_gan.errors import KerasGANWarning
from keras_gan.images import to_float

# The limits lie between what runs of 600 steps on digits had that were broken on purpose, and eight good ones (DCGAN
# and MLP; non-saturating, least squares, hinge, relativistic, Wasserstein; R1, spectral, DiffAugment).
LEAST_GRADIENT = 0.02  # of the largest that the generator has had; good ones 0.10 or more, minimax 0.002 or less
LEAST_GAP = 0.01  # between D's mean answers to real and to generated images; good 0.18 or more, a blind D 0
LEAST_DIVERSITY = 0.1  # of the real images'; good 0.16 or more from step 200 on, collapsed ones 0.04 or less
GREATEST_MOVE = 0.025  # of the weights' norm, in one step; good 0.012 or less, 100 times the learning rate 0.05
WARM_UP = 200  # steps before a generator must draw different images
SURE = 0.05  # D(G(z)) below it: D tells nearly every generated image

REMEDIES = {
    "divergence": "a lower learning rate of both optimizers, such as Adam(2e-4, beta_1=0.5); clipnorm",
    "vanishing_gradient": 'loss="non_saturating", whose gradient stays where D is sure; or fewer d_steps',
    "discriminator_collapse": "a discriminator of more capacity, or a higher learning rate of d_optimizer",
    "mode_collapse": 'penalties=["r1"], augmentation="diffaugment", or the preset wgan_gp; and see that the generator '
    "uses z",
}


@dataclasses.dataclass(frozen=True)
class Finding:
    """Something that went wrong.

    Args:
        kind: divergence, vanishing_gradient, discriminator_collapse or mode_collapse.
        step: The training step at which it was clear, counted from the beginning of `fit`.
        evidence: The figures that say so.
        remedy: What may help.
    """

    kind: str
    step: int
    evidence: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.kind.replace('_', ' ')} at step {self.step}: {self.evidence}. What may help: {self.remedy}"


class TrainingHealth(keras.callbacks.Callback):
    """Watch a `GAN` while it trains, and warn once of each thing that goes wrong.

    - `divergence`: a loss is not finite, or single steps move the weights by more than 2.5 % of their norm.
    - `vanishing_gradient`: the generator's gradient fell below 2 % of what it was, while D is sure (of losses that know
      no probability, whatever D says).
    - `discriminator_collapse`: D answers real and generated images alike.
    - `mode_collapse`: the images of fixed z differ among themselves by less than a tenth of what real ones do.

    Each has to be seen at two checks in a row; a loss that is not finite, once. A generator has 200 steps before its
    images must differ. A check costs a copy of the weights and 64 images.

    Args:
        real: Real images, (n, height, width, channels), n at least 2: floats in [-1, 1], or uint8. 64 are enough.
        every: Steps from one check to the next. Defaults to 25.
        seed: Fixes the z. Defaults to 0.

    Raises:
        ValueError: If an argument is out of range.

    Attributes:
        findings: A `Finding` for each kind that was seen.

    Example:
    ```python
    health = keras_gan.callbacks.TrainingHealth(images[:64])
    gan.fit(images, epochs=20, callbacks=[health])
    for finding in health.findings:
        print(finding)
    ```
    """

    def __init__(self, real: np.ndarray, every: int = 25, seed: int = 0) -> None:
        super().__init__()
        if every < 1:
            raise ValueError(f"`every` must be at least 1. Received: every={every}")
        if len(real) < 2:
            raise ValueError(f"Expected at least 2 `real` images. Received: {len(real)}")
        self.real = real
        self.every = every
        self.seed = seed
        self.findings: list[Finding] = []

    def on_train_begin(self, logs: Any = None) -> None:
        """Begin to count."""
        self.findings = []
        self._diversity = _diversity(to_float(self.real))
        self._step, self._since, self._first = 0, 0, 0
        self._suspected: set[str] = set()
        self._largest_gradient = 0.0
        self._weights: list[np.ndarray] | None = None
        self._gained: dict[str, Any] = {}

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """The model's means begin anew."""
        self._sums: dict[str, np.ndarray] = {}

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Keep the weights from before a step that will be looked at."""
        self._first = batch
        if self._since + self.model.steps_per_execution >= self.every:
            self._weights = self._trained()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Look, if it is time."""
        steps = batch - self._first + 1
        self._step += steps
        self._since += steps
        self._collect()
        if self._since < self.every or self._weights is None:
            return
        seen = self._seen(self._means(), steps)
        for kind, evidence in seen.items():
            known = any(finding.kind == kind for finding in self.findings)
            if not known and (kind in self._suspected or "not finite" in evidence):
                self.findings.append(Finding(kind, self._step, evidence, REMEDIES[kind]))
                warnings.warn(str(self.findings[-1]), KerasGANWarning, stacklevel=2)
        self._suspected = set(seen)
        self._since, self._weights = 0, None

    def _seen(self, means: dict[str, float], steps: int) -> dict[str, str]:
        """The evidence of each kind that this check has."""
        losses = {name: means[name] for name in ("d_loss", "g_loss") if name in means}
        if not all(np.isfinite(value) for value in losses.values()):
            return {"divergence": f"a loss is not finite: {losses}"}
        pairs = list(zip(self._trained(), self._weights or [], strict=True))
        moved = np.sqrt(sum(np.sum((new - old) ** 2) for new, old in pairs) / sum(np.sum(old**2) for _, old in pairs))
        if not moved / steps <= GREATEST_MOVE:
            return {"divergence": f"a step moved the weights by {moved / steps:.1%} of their norm"}
        seen = {}
        gradient, real, fake = (means.get(name, np.nan) for name in ("g_grad_norm", "d_real", "d_fake"))
        self._largest_gradient = max(self._largest_gradient, gradient)
        sure = not self.model.loss.probability or fake < SURE
        if gradient < LEAST_GRADIENT * self._largest_gradient and sure:
            seen["vanishing_gradient"] = (
                f"the norm of the generator's gradient is {gradient:.2g}, was {self._largest_gradient:.2g}; "
                f"d_real {real:.3g}, d_fake {fake:.3g}"
            )
        if abs(real - fake) < LEAST_GAP:
            seen["discriminator_collapse"] = f"d_real {real:.3g} and d_fake {fake:.3g} do not differ"
        drawn = _diversity(self.model.generate(64, seed=self.seed)) * 2 / np.ptp(self.model.image_range)
        if self._step >= WARM_UP and drawn < LEAST_DIVERSITY * self._diversity:
            share = drawn / self._diversity
            seen["mode_collapse"] = f"the images of 64 fixed z differ by {share:.2%} of what real images do"
        return seen

    def _collect(self) -> None:
        """Add what the model's metrics have gained to the figures since the last check, which may be epochs ago."""
        for metric in self.model.metrics:
            now = np.array([float(metric.total), float(metric.count)])
            self._gained[metric.name] = self._gained.get(metric.name, 0) + now - self._sums.get(metric.name, 0)
            self._sums[metric.name] = now

    def _means(self) -> dict[str, float]:
        """The model's metrics since the last check."""
        gained, self._gained = self._gained, {}
        return {name: float(total / count) for name, (total, count) in gained.items() if count > 0}

    def _trained(self) -> list[np.ndarray]:
        variables = self.model.generator.trainable_variables + self.model.discriminator.trainable_variables
        return [variable.numpy().astype(np.float32) for variable in variables]


def _diversity(images: np.ndarray) -> float:
    """The root of the mean squared distance of the images from their mean."""
    return float(np.sqrt(images.reshape(len(images), -1).var(axis=0, dtype=np.float64).sum()))
