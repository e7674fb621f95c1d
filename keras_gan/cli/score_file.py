"""The JSON of figures that `keras-gan evaluate` writes of a generator."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_gan.utils.files import atomic_path

if TYPE_CHECKING:
    from keras_gan.metrics import Score


def write(path: Path, scores: Sequence[Score], **about: Any) -> None:
    """Keep figures: under "scores" a list of what `Score.as_dict` gives, beside what there is to say about all."""
    found = {**about, "scores": [score.as_dict() for score in scores]}
    with atomic_path(path) as temporary:
        temporary.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def read(path: Path) -> dict[str, Score]:
    """The figures that `write` kept, by name.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is another kind of file.
    """
    from keras_gan.metrics import Score

    try:
        found = [Score.from_dict(one) for one in json.loads(path.read_text(encoding="utf-8"))["scores"]]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(
            f"Expected the JSON that `keras-gan evaluate` writes of a generator. Received: {path}: {error!r}"
        ) from error
    return {score.name: score for score in found}
