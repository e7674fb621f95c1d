"""Folders of models and versions on disk."""

from __future__ import annotations

import logging
from contextlib import suppress
from pathlib import Path

from keras_gan.artifacts.formats import FILES
from keras_gan.artifacts.versions import models as model_folders
from keras_gan.artifacts.versions import numbers
from keras_gan.serving.tf_serving.served_model import NAME

logger = logging.getLogger("keras_gan.serving")

# Path, size and modification time of each file.
Contents = frozenset[tuple[str, int, int]]


def contents(folder: Path) -> Contents:
    """Returns what changes when a file in `folder` changes."""
    found = set()
    with suppress(FileNotFoundError):  # the folder is being moved
        for path in folder.rglob("*"):
            about = path.stat()
            found.add((f"{path}", about.st_size, about.st_mtime_ns))
    return frozenset(found)


def is_version(path: Path) -> bool:
    """Returns True if `path` holds a model file."""
    return any((path / file).is_file() for file in FILES.values())


def reason_for_no_version(path: Path) -> str:
    """Returns why a model's folder has no version, with a hint if there is one."""
    if not path.is_dir():
        return f"no folder {path}"
    if is_version(path):
        return f"no version in {path}, which is a version itself: give the folder that holds it"
    models = ", ".join(folder.name for folder in model_folders(path))
    hint = f", which holds models: give one of them, {models}" if models else ""
    return f"no version in {path}{hint}"


def check_models_folder(folder: Path, has_models: bool) -> None:
    """Warns about folders that are not served. Raises RuntimeError if the folder is that of one model."""
    for child in model_folders(folder):
        if not (child.name.startswith(".") or NAME.fullmatch(child.name)):
            logger.warning(
                'Not served: %s. The name of a model\'s folder may have letters, digits, ".", "_" and "-"', child
            )
    if has_models:
        return
    if numbers(folder) or is_version(folder):
        what = "one model" if numbers(folder) else "a version of one model"
        raise RuntimeError(
            f"Expected a folder of models. Received: `{folder}`, which is {what}. Give the folder that holds the "
            "model, or give the model's folder as --model_base_path with a --model_name"
        )
    logger.warning("No model yet in %s. Expected NAME/VERSION/ with an exported file", folder)
