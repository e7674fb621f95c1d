"""What is told of a training that goes wrong."""

from __future__ import annotations

import dataclasses
from typing import Any

REMEDIES = {
    "divergence": "a lower learning rate of both optimizers, such as Adam(2e-4, beta_1=0.5) (--learning-rate 2e-4); "
    "clipnorm",
    "vanishing_gradient": 'loss="non_saturating" (--loss non_saturating), whose gradient stays where D is sure; or '
    "fewer d_steps (--d-steps 1)",
    "discriminator_collapse": "a discriminator of more capacity (--d-filters), or a higher learning rate of "
    "d_optimizer",
    "mode_collapse": 'penalties=["r1"] (--penalty r1), augmentation="diffaugment" (--augmentation diffaugment), or the '
    "preset wgan_gp (--preset wgan_gp); and see that the generator uses z",
    "discriminator_overfitting": 'augmentation="diffaugment" (--augmentation diffaugment) or "ada" (--augmentation '
    "ada); more images; or to stop here",
}


@dataclasses.dataclass(frozen=True)
class Finding:
    """Something that went wrong.

    Args:
        kind: divergence, vanishing_gradient, discriminator_collapse, mode_collapse or discriminator_overfitting.
        step: The training step at which it was clear, counted from the model's first.
        epoch: The epoch that was going on, counted from 1.
        evidence: The figures that say so.
        remedy: What may help, as code, and in parentheses as options of `keras-gan train`.
        rollback: What was done about it. Defaults to "", nothing.
    """

    kind: str
    step: int
    epoch: int
    evidence: str
    remedy: str
    rollback: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return dataclasses.asdict(self)

    def __str__(self) -> str:
        done = f" {self.rollback}" if self.rollback else ""
        where = f"{self.kind.replace('_', ' ')} at step {self.step}"
        return f"{where}: {self.evidence}. What may help: {self.remedy}.{done}"
