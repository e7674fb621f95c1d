"""A check of the model that a callback works with."""

from __future__ import annotations

from typing import Any


def check_has_method(model: Any, method: str, purpose: str) -> None:
    """Raise a `ValueError` if a model lacks a method.

    Args:
        model: Model in training.
        method: Name of the method that the callback calls.
        purpose: Start of the message: models that the callback works with, and what to use for others.
    """
    if not hasattr(model, method):
        raise ValueError(f"{purpose}. Received: {type(model).__name__}")
