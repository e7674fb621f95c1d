"""Progress bar for long work on images."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from rich.console import Console
from rich.progress import track

T = TypeVar("T")
LONG = 2000  # images; fewer are decoded within about a second


def with_progress_bar(items: Iterable[T], total: int, description: str) -> Iterator[T]:
    """Yields `items`. A progress bar counts them if standard error is a terminal and there are many."""
    console = Console(stderr=True)
    hidden = total < LONG or not console.is_terminal
    yield from track(items, description, total, console=console, transient=True, disable=hidden)
