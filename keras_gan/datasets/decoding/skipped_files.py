"""Warning about files that are skipped."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

from keras_gan.errors import KerasGANWarning

NAMED = 5


def abbreviate(names: Sequence[str]) -> str:
    """Returns the first five names, and the number of the others."""
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def warn_skipped(what: str, names: Sequence[str]) -> None:
    """Warns about skipped files, if there are any.

    Args:
        what: Description of the files, which follows their number in the message.
        names: Name of each file, with the reason if there is one.
    """
    if names:
        warnings.warn(f"Skipped {len(names)} {what}: {abbreviate(names)}", KerasGANWarning, stacklevel=2)
