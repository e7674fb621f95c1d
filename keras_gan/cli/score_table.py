"""Figures of quality, as a table on the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from keras_gan.metrics import Score

# By the name, or by what of it stands before the extractor's.
SAYS = {
    "KID": "0 for one distribution",
    "Frechet": "0 too; larger with fewer images",
    "precision": "drawn images among the real ones",
    "recall": "real images among the drawn ones",
    "density": "real ones around a drawn one; near 1",
    "coverage": "real images with a drawn one nearby",
    "MS-SSIM": "how alike drawn images are",
    "MS-SSIM of real images": "and real ones",
    "IS": "of a sure class each, of many classes",
    "copying": "0.5; near 1 if it copies",
}


def score_table(scores: Sequence[Score], others: Mapping[str, Score] | None = None) -> Table:
    """Each figure, with its error where it has one, and beside that of another evaluation if there is one.

    Args:
        scores: The figures.
        others: The other's, by name. Defaults to `None`.

    Raises:
        ValueError: If figures of one name are of different protocols.
    """
    found = Table()
    found.add_column("", no_wrap=True)
    for heading in ("figure", "error", *(() if others is None else ("the other", "difference"))):
        found.add_column(heading, justify="right", no_wrap=True)
    if others is None:
        found.add_column("what it says")
    for score in scores:
        row = [escape(score.name), f"{score.value:.4g}", "" if score.error is None else f"{score.error:.2g}"]
        if others is None:
            row.append(SAYS.get(score.name) or SAYS.get(score.name.partition("-")[0], ""))
        elif score.name in others:
            row += [f"{others[score.name].value:.4g}", f"{score - others[score.name]:+.2g}"]
        found.add_row(*row)
    return found


def verdict(scores: Sequence[Score], others: Mapping[str, Score]) -> str:
    """Say of the figures that have an error whether the difference is within it."""
    return "\n".join(
        f"{escape(score.name)}: {_verdict(score - others[score.name], score.error)}"
        for score in scores
        if score.error and score.name in others
    )


def _verdict(difference: float, error: float) -> str:
    if abs(difference) <= error:
        return "the same within its error"
    return f"{'higher' if difference > 0 else 'lower'} by {abs(difference) / error:.1f} times its error"
