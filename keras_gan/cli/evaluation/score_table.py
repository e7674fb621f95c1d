"""Quality metrics as a table for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from keras_gan.report.verdicts import judge_score

if TYPE_CHECKING:
    from keras_gan.metrics import Score

# By the name of the metric, or by the part before the name of the extractor.
MEANINGS = {
    "KID": "0 for equal distributions",
    "Frechet": "0 for equal distributions; larger with fewer images",
    "precision": "share of generated images that look real",
    "recall": "share of real images that the generator covers",
    "density": "real images around a generated one; 1 is good",
    "coverage": "share of real images with a generated one nearby",
    "MS-SSIM": "similarity of generated images to each other",
    "MS-SSIM of real images": "similarity of real images to each other",
    "IS": "high if classes are clear and varied",
    "copying": "0.5 is good; near 1 the generator copies",
}


def score_table(scores: Sequence[Score], others: Mapping[str, Score] | None = None) -> Table:
    """Return a table with a row for each metric.

    Args:
        scores: Metrics of this evaluation.
        others: Metrics of another evaluation by name, to compare with. Defaults to `None`.

    Raises:
        ValueError: If two metrics of the same name were measured with different protocols.
    """
    found = Table()
    found.add_column("", no_wrap=True)
    for heading in ("value", "error", *(() if others is None else ("other", "difference"))):
        found.add_column(heading, justify="right", no_wrap=True)
    if others is None:
        found.add_column("meaning")
    for score in scores:
        row = [escape(score.name), f"{score.value:.4g}", "" if score.error is None else f"{score.error:.2g}"]
        if others is None:
            row.append(MEANINGS.get(score.name) or MEANINGS.get(score.name.partition("-")[0], ""))
        elif score.name in others:
            row += [f"{others[score.name].value:.4g}", f"{score - others[score.name]:+.2g}"]
        found.add_row(*row)
    return found


def problems(scores: Sequence[Score]) -> list[str]:
    """Return a coloured line for each metric that shows a problem, or deserves a look."""
    values = {score.name: score.value for score in scores}
    judged = [(score, judge_score(score.name, score.value, values)) for score in scores]
    colours = {"bad": "red", "warn": "yellow"}
    return [
        f"[{colours[found.level]}]{escape(score.name)} {score.value:.3g}: {found.text}[/]"
        for score, found in judged
        if found is not None and found.level in colours
    ]


def verdict(scores: Sequence[Score], others: Mapping[str, Score]) -> str:
    """Return a line for each metric with an error: whether the two evaluations differ by more than it."""
    return "\n".join(
        f"{escape(score.name)}: {_verdict(score - others[score.name], score.error)}"
        for score in scores
        if score.error and score.name in others
    )


def _verdict(difference: float, error: float) -> str:
    if abs(difference) <= error:
        return "equal within its error"
    return f"{'higher' if difference > 0 else 'lower'} by {abs(difference) / error:.1f} times its error"
