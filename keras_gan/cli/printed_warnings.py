"""Warnings in a terminal, above a progress bar and without the line of code that they come from."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.markup import escape

from keras_gan.errors import KerasGANWarning


@contextlib.contextmanager
def printed_warnings(console: Console) -> Iterator[None]:
    """Print the warnings of keras_gan to `console`; others appear as they would."""
    with warnings.catch_warnings():
        usual = warnings.showwarning

        def show(message: Warning | str, category: type[Warning], *where: Any) -> None:
            if issubclass(category, KerasGANWarning):
                console.print(f"[bold yellow]Warning:[/] {escape(str(message))}")
            else:
                usual(message, category, *where)

        warnings.showwarning = show  # type: ignore[assignment]
        yield
