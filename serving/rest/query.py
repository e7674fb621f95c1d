"""Checks the parameters of a query, which are otherwise easy to misspell."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from starlette.datastructures import QueryParams

from keras_gan.serving.errors import invalid


def check_query(query: QueryParams, known: Sequence[str]) -> None:
    """Raises `ServingError` if the query has a parameter that is not in `known`, or one twice."""
    for name in query:
        shown = name[:40]
        if not known:
            raise invalid(f"This URL has no parameters. Received: {shown!r}")
        if name not in known:
            (nearest,) = difflib.get_close_matches(shown.lower(), known, 1, cutoff=0)
            raise invalid(f"Expected the parameters {', '.join(known)}. Received: {shown!r}. Did you mean {nearest!r}?")
        if len(query.getlist(name)) > 1:
            raise invalid(f"`{name}` must be given once. Received: {query.getlist(name)[:4]}")
