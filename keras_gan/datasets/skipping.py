"""What is said of files that are left out."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

from keras_gan.errors import KerasGANWarning

NAMED = 5


def some(names: Sequence[str]) -> str:
    """Return the first few names, and how many more there are."""
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def warn_skipped(what: str, names: Sequence[str]) -> None:
    """Warn of files that are left out, if there are any.

    Args:
        what: What they are, to stand after their number.
        names: The name of each, perhaps with the reason.
    """
    if names:
        warnings.warn(f"Skipped {len(names)} {what}: {some(names)}", KerasGANWarning, stacklevel=2)
