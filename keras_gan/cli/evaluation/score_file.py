"""The JSON file that `keras-gan evaluate` writes for a generator."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_gan.utils.files import atomic_path

if TYPE_CHECKING:
    from keras_gan.metrics import Score


def write(path: Path, scores: Sequence[Score], **about: Any) -> None:
    """Write metrics as a list under "scores", beside the facts in `about`."""
    found = {**about, "scores": [score.as_dict() for score in scores]}
    with atomic_path(path) as temporary:
        temporary.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def read(path: Path) -> dict[str, Score]:
    """Return the metrics of a file by their names.

    Raises:
        FileNotFoundError: If the file does not exist.
        ValueError: If the file was not written by `write`.
    """
    from keras_gan.metrics import Score

    try:
        found = [Score.from_dict(one) for one in json.loads(path.read_text(encoding="utf-8"))["scores"]]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(
            f"Expected a JSON file that `keras-gan evaluate` wrote for a generator. Received: {path}: {error!r}"
        ) from error
    return {score.name: score for score in found}
