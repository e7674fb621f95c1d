"""Reads TensorFlow Serving's configuration files, which are in protobuf's text format."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TypeVar

from google.protobuf import text_format
from google.protobuf.message import Message

M = TypeVar("M", bound=Message)


def read(path: str | os.PathLike[str], message: M) -> M:
    """Reads a file into an empty message, and returns it. Raises ValueError if the file holds something else."""
    try:
        return text_format.Parse(Path(path).read_bytes(), message)
    except (text_format.ParseError, UnicodeDecodeError) as error:
        kind = message.DESCRIPTOR.name
        raise ValueError(f"`{path}` must hold a {kind} in protobuf's text format. Received: {error}") from error
