"""A progress bar for work long enough to wonder about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from rich.console import Console
from rich.progress import track

T = TypeVar("T")
LONG = 2000  # images; fewer are decoded within a second or so


def shown(items: Iterable[T], total: int, description: str) -> Iterator[T]:
    """Yield `items`, a bar on the terminal counting them if there are many."""
    console = Console(stderr=True)
    hidden = total < LONG or not console.is_terminal
    yield from track(items, description, total, console=console, transient=True, disable=hidden)
