"""The folders and data sets that a config names, resolved so that a run resumes from any folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

from keras_gan.config import GANConfig, TrainingConfig
from keras_gan.config.translation import TranslationConfig

Config = TypeVar("Config", bound=TrainingConfig)
# Fields of the data that name a set or a folder.
PLACES = ("name", "held_out", "x", "y", "test_x", "test_y")


def resolve_places(config: Config) -> Config:
    """Returns a config with absolute paths and with the test splits of packaged sets.

    Args:
        config: Config as the user gave it.

    Raises:
        ValueError: If a domain of a translation is missing.
    """
    if isinstance(config, TranslationConfig):
        config.check_data()
    given = {name: getattr(config.data, name, None) for name in PLACES}
    places = {name: absolute(value) for name, value in given.items() if value is not None}
    for domain in ("x", "y"):
        if domain in places and f"test_{domain}" not in places:
            places |= {f"test_{domain}": split for split in [_test_split(places[domain])] if split is not None}
    changes: dict[str, Any] = {"data": config.data.model_copy(update=places)}
    if isinstance(config, GANConfig) and config.init is not None and Path(config.init).expanduser().exists():
        changes["init"] = str(Path(config.init).expanduser().resolve())
    return config.model_copy(update=changes)


def absolute(data: str) -> str:
    """Returns the absolute path of a folder or a file, and other names unchanged. A run then resumes anywhere."""
    from keras_gan.datasets.catalogue import PACKAGED
    from keras_gan.datasets.sources.lookup import FILES

    folder = Path(data).expanduser()
    is_file = folder.is_file() and folder.suffix.lower() in FILES
    return str(folder.resolve()) if data not in PACKAGED and (folder.is_dir() or is_file) else data


def _test_split(data: str) -> str | None:
    from keras_gan.datasets.catalogue import PACKAGED

    split = PACKAGED[data].info().test_split if data in PACKAGED else None
    return f"{data}:{split}" if split else None
