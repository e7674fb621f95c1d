"""Error of a config, in words."""

from __future__ import annotations

import typing
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from keras_gan.config.suggestions import not_a_field

if TYPE_CHECKING:
    import pydantic


# Words of pydantic, and ours.
WORDS = (
    ("should be", "must be"),
    ("a valid ", "of type "),
    ("greater than or equal to", "at least"),
    ("less than or equal to", "at most"),
    ("greater than", "above"),
    ("less than", "below"),
)


class ConfigError(ValueError):
    """A config has unknown fields or wrong values. The message names each of them."""

    @classmethod
    def of(cls, error: pydantic.ValidationError, known: Iterable[str]) -> ConfigError:
        """Returns the error for what pydantic found.

        Args:
            error: Error of pydantic.
            known: All dotted names of the config's fields.
        """
        paths = list(known)
        return cls(". ".join(dict.fromkeys(_sentence(one, paths) for one in error.errors(include_url=False))))


def _sentence(problem: typing.Mapping[str, Any], known: list[str]) -> str:
    path = ".".join(map(str, problem["loc"]))
    if problem["type"] == "extra_forbidden":
        return not_a_field(path, known)
    if problem["type"] == "value_error":
        return str(problem["ctx"]["error"])
    if problem["type"] == "missing":
        return f"{path} is missing"
    words = problem["msg"].removeprefix("Input ").partition(", unable")[0]
    for theirs, ours in WORDS:
        words = words.replace(theirs, ours)
    return f"{path} {words}. Received: {problem['input']!r}"
