"""Class of the presets."""

from __future__ import annotations

import dataclasses

from keras_gan.config import TrainingConfig


@dataclasses.dataclass(frozen=True)
class Preset:
    """Named config.

    Args:
        summary: One sentence for the list of presets.
        reference: Address of the paper.
        config: Config of a training. Its `name` is the name of the preset.
    """

    summary: str
    reference: str
    config: TrainingConfig
