"""Judgements of a run's metrics: a colour and a sentence for each.

The limits come from generators that were made to collapse, completely or in part. `docs/measurements/diversity.md` has
them, and a good generator.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Literal

Level = Literal["good", "warn", "bad"]


@dataclasses.dataclass(frozen=True)
class Verdict:
    """Judgement of one metric.

    Args:
        level: "good", "warn" or "bad".
        text: Meaning of the value, as a sentence without a full stop.
    """

    level: Level
    text: str


@dataclasses.dataclass(frozen=True)
class Limits:
    """Limits of a metric, and what it means to be beyond them.

    Args:
        bad: Values beyond it are bad.
        warn: Values beyond it deserve a look.
        problem: Meaning of a value beyond a limit.
        praise: Meaning of a value within the limits.
        low: `True` if low values are the problem. Defaults to `True`.
    """

    bad: float
    warn: float
    problem: str
    praise: str
    low: bool = True

    def judge(self, value: float) -> Verdict | None:
        """Returns the verdict on a value; `None` for NaN."""
        if math.isnan(value):
            return None
        sign = 1 if self.low else -1
        if sign * value < sign * self.bad:
            return Verdict("bad", self.problem)
        if sign * value < sign * self.warn:
            return Verdict("warn", f"partly: {self.problem}")
        return Verdict("good", self.praise)


# By the first part of the metric's name, as in "recall-EffLite0".
SCORES = {
    "precision": Limits(
        0.02, 0.1, "the generated images look unlike real ones", "generated images look like real ones"
    ),
    "recall": Limits(0.02, 0.25, "most kinds of real images are never generated", "many kinds of images are generated"),
    "density": Limits(0.02, 0.1, "the generated images look unlike real ones", "generated images look like real ones"),
    "coverage": Limits(0.05, 0.2, "most real images have no similar generated image", "many real images have one"),
    "copying": Limits(0.75, 0.6, "the generator copies training images", "no copies were found", low=False),
}
# Images of this precision should cover as many real images, in this proportion.
LOOKS_REAL, COVERED = 0.4, 0.95
# MS-SSIM of generated images, as the part of the way from that of real images to 1.
SIMILARITY = Limits(
    0.3, 0.1, "the generated images are more alike than real ones", "as varied as real images", low=False
)
# Measurements of TrainingHealth, with their titles.
HEALTH = {
    "spread": (
        "diversity of the generated images, relative to real ones",
        Limits(0.5, 0.7, "the generated images are more alike than real ones", "as varied as real images"),
    ),
    "repeated": (
        "share of generated images that nearly repeat another one, above that of real images",
        Limits(0.4, 0.2, "the generated images repeat each other", "they do not repeat each other", low=False),
    ),
    "d_fake": (
        "mean output of D for generated images",
        Limits(0.02, 0.05, "D recognises nearly every generated image", "D does not recognise all of them"),
    ),
    "r_v": (
        "r_v, overfitting of D",
        Limits(0.5, 0.3, "D has memorised the training images", "D treats held-out images as training images", False),
    ),
}


def judge_score(name: str, value: float, others: Mapping[str, float]) -> Verdict | None:
    """Returns the verdict on a quality metric; `None` if the value alone says nothing, as of KID.

    Args:
        name: Name of the metric, such as "recall-EffLite0".
        value: Value of the metric.
        others: Values of the metrics of the same evaluation by name. "MS-SSIM" is judged by "MS-SSIM of real images".
    """
    if name == "MS-SSIM":
        real = others.get("MS-SSIM of real images", math.nan)
        return SIMILARITY.judge((value - real) / (1 - real)) if real < 1 else None
    kind = name.partition("-")[0]
    limits = SCORES.get(kind)
    found = None if limits is None else limits.judge(value)
    precision = others.get(name.replace("coverage", "precision", 1), 0.0)
    if kind == "coverage" and found is not None and found.level == "good" and LOOKS_REAL <= precision > value / COVERED:
        return Verdict("warn", "the generated images look real, but kinds of real images are missing")
    return found


def judge_health(name: str, value: float) -> Verdict | None:
    """Returns the verdict on a measurement of `TrainingHealth`; `None` for an unknown name."""
    return HEALTH[name][1].judge(value) if name in HEALTH else None
