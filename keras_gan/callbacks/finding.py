"""A problem that `TrainingHealth` found in a training, with what may help."""

from __future__ import annotations

import dataclasses
from typing import Any

REMEDIES = {
    "divergence": "a lower learning rate for both optimizers, such as Adam(2e-4, beta_1=0.5) (--learning-rate 2e-4); "
    "or clipnorm",
    "vanishing_gradient": 'loss="non_saturating" (--set loss=non_saturating), which keeps a gradient when D is sure; '
    "or fewer d_steps (--set d_steps=1)",
    "discriminator_collapse": "a larger discriminator (--set discriminator.filters=128), or a higher learning rate for "
    "d_optimizer",
    "mode_collapse": 'penalties=["r1"] (--set penalties=r1), augmentation="diffaugment" '
    "(--set augmentation=diffaugment), or the preset wgan_gp (--preset wgan_gp); also check that the generator uses z",
    "low_diversity": 'more epochs; penalties=["r1"] (--set penalties=r1); augmentation="diffaugment" '
    "(--set augmentation=diffaugment); or a lower learning rate for d_optimizer (--set d_optimizer.learning_rate=5e-5)",
    "discriminator_overfitting": 'augmentation="diffaugment" (--set augmentation=diffaugment) or "ada" '
    "(--set augmentation=ada); more images; or stop the training here",
}


@dataclasses.dataclass(frozen=True)
class Finding:
    """A problem in a training.

    Args:
        kind: "divergence", "vanishing_gradient", "discriminator_collapse", "mode_collapse", "low_diversity" or
            "discriminator_overfitting".
        step: Training step at which the problem was confirmed, counted from the model's first step.
        epoch: Epoch of that step, counted from 1.
        evidence: The measured values, as a sentence.
        remedy: Settings that may help, as Python code, and in parentheses as options of `keras-gan train`.
        rollback: Sentence that says what a rollback changed. Defaults to `""`: there was none.
    """

    kind: str
    step: int
    epoch: int
    evidence: str
    remedy: str
    rollback: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the fields as plain data for JSON."""
        return dataclasses.asdict(self)

    def __str__(self) -> str:
        done = f" {self.rollback}" if self.rollback else ""
        where = f"{self.kind.replace('_', ' ')} at step {self.step}"
        return f"{where}: {self.evidence}. What may help: {self.remedy}.{done}"
