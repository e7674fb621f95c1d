"""Removal of local paths from what leaves the machine: manifests, model cards, reports."""

from __future__ import annotations

import re
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

# A path of two or more parts, not the end of an address such as https://host/a/b.
_IN_TEXT = re.compile(r"(?<![\w:/.~\\-])(?:~?(?:/[^\s/:;,'\"`|<>()]+){2,}/?|[A-Za-z]:\\[^\s;,'\"`|<>()]+)")


def without_folders(name: str) -> str:
    """Returns the last part of an absolute path, or of one in the home folder. Other names are returned unchanged.

    Args:
        name: Path, or name of a data set such as "emoji/google:test".
    """
    if PureWindowsPath(name).drive and PureWindowsPath(name).is_absolute():
        return PureWindowsPath(name).name
    if name.startswith(("/", "~")):
        return PurePosixPath(name).name or "folder"
    return PurePosixPath(name).name if name.startswith(("./", "../")) else name


def without_paths(value: Any) -> Any:
    """Returns plain data with the folders of absolute paths removed, in texts too.

    Args:
        value: JSON value: a text, number, list or dict.
    """
    if isinstance(value, str):
        whole = without_folders(value)
        return whole if whole != value else _IN_TEXT.sub(lambda found: without_folders(found.group()), value)
    if isinstance(value, dict):
        return {key: without_paths(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [without_paths(one) for one in value]
    return value
