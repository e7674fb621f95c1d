"""What a callback asks of the model that it looks at."""

from __future__ import annotations

from typing import Any


def check_can(model: Any, method: str, otherwise: str) -> None:
    """Raise a `ValueError` if a model has no such method.

    Args:
        model: The model in training.
        method: What the callback calls.
        otherwise: What the callback is for, and what is for other models.
    """
    if not hasattr(model, method):
        raise ValueError(f"{otherwise}. Received: {type(model).__name__}")
