"""Presets and what they reached."""

from __future__ import annotations

import dataclasses

from keras_gan.config import TrainingConfig


@dataclasses.dataclass(frozen=True)
class Result:
    """Metric that a preset reached in a measured training.

    Args:
        command: Command of the training.
        time: Time that it took.
        machine: Machine that it ran on.
        metric: Name and value of the metric.
        protocol: Protocol of the metric.
    """

    command: str
    time: str
    machine: str
    metric: str
    protocol: str


@dataclasses.dataclass(frozen=True)
class Preset:
    """Named config.

    Args:
        summary: One sentence for the list of presets.
        reference: Address of the paper.
        config: Config of a training. Its `name` is the name of the preset.
        result: Result of a training with this preset. Defaults to None, not measured.
        of_paper: Metric that the paper states for its own data and hardware. Defaults to "", none that is comparable.
    """

    summary: str
    reference: str
    config: TrainingConfig
    result: Result | None = None
    of_paper: str = ""

    def lines(self) -> list[str]:
        """Returns the sentences about the preset: summary, paper, command, and result."""
        found = [self.summary, self.reference]
        if self.result is None:
            found += ["Train: keras-gan train THIS_FILE --output run", "Time and metric of this preset: not measured"]
        else:
            found += [f"{name}: {value}" for name, value in dataclasses.asdict(self.result).items()]
        return found + ([f"The paper states: {self.of_paper}"] if self.of_paper else [])
