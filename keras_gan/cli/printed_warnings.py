"""Warnings in a terminal, above a progress bar and without a line of code."""

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
    """Prints each warning of keras_gan to `console` once. Other warnings are shown as usual."""
    printed: set[str] = set()
    with warnings.catch_warnings():
        usual = warnings.showwarning

        def show(message: Warning | str, category: type[Warning], *where: Any) -> None:
            if issubclass(category, KerasGANWarning):
                if str(message) in printed:
                    return
                printed.add(str(message))
                console.print(f"[bold yellow]Warning:[/] {escape(str(message))}")
            else:
                usual(message, category, *where)

        warnings.showwarning = show  # type: ignore[assignment]
        yield
