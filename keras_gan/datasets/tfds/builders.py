"""Sets of TensorFlow Datasets, prepared in a bounded time if they are not prepared yet."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from keras_gan.datasets.dataset_info import DatasetInfo
from keras_gan.datasets.tfds.features import image_key, image_shape, label_key
from keras_gan.datasets.tfds.split_source import SplitSource
from keras_gan.utils.extras import install_hint

PREFIX = "tfds:"


def names() -> list[str]:
    """Lists the names that TensorFlow Datasets knows, or none if it is not installed."""
    try:
        import tensorflow_datasets as tfds
    except ImportError:
        return []
    return list(tfds.list_builders(with_community_datasets=False))


def builder(name: str, data_dir: str | os.PathLike[str] | None) -> Any:
    """Returns the builder of the set `name`. Downloads nothing.

    Raises:
        ImportError: If TensorFlow Datasets is not installed.
        ValueError: If the set has no images, or has no configuration of that name.
    """
    try:
        import tensorflow_datasets as tfds
    except ImportError as error:
        raise ImportError(f"{name!r} needs TensorFlow Datasets: {install_hint('data')}") from error
    found = tfds.builder(name, data_dir=data_dir)
    image_key(found)
    return found


def prepare(builder: Any, timeout: float) -> Any:
    """Downloads and prepares a set, unless its folder holds it already.

    A child process does the work. TensorFlow Datasets tries an unreachable host again for many minutes, and its
    threads cannot be stopped. A download that makes any progress is not interrupted.

    Args:
        builder: `tfds.core.DatasetBuilder` of the set.
        timeout: Number of seconds without progress after which the download is given up.

    Returns:
        The builder of the prepared set.

    Raises:
        RuntimeError: If the set cannot be prepared. The message gives the reason and a remedy.
    """
    if builder.is_prepared():
        return builder
    config = f"/{builder.builder_config.name}" if builder.builder_config else ""
    name, data_dir = f"{builder.name}{config}", builder.data_dir_root
    print(f"Preparing {name} in {data_dir}, once ...", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", "keras_gan.datasets.tfds.prepare_process"]
    command += [f"{name}:{builder.version}", str(data_dir), str(timeout), type(builder).__module__]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(path or str(Path.cwd()) for path in sys.path),
        "CUDA_VISIBLE_DEVICES": "-1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    child = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    if child.returncode:
        raise RuntimeError(
            f"TensorFlow Datasets could not prepare {name!r}: {child.stdout.strip() or 'its process was killed'}\n"
            f"Prepare it on a machine that reaches its hosts: `tfds build {name}`. Copy the folder to this machine and "
            f"pass it as `data_dir` (now {data_dir}). keras_gan.datasets.available() lists sets that need no download."
        )
    return type(builder)(config=builder.builder_config, version=str(builder.version), data_dir=data_dir)


def open_split(builder: Any, split: str, limit: int | None) -> SplitSource:
    """Returns one split of a prepared set.

    Args:
        builder: `tfds.core.DatasetBuilder` of the prepared set.
        split: Name of the split, or a slice such as "train[:1000]".
        limit: Number of records to use, counted from the first, or `None` for all.

    Raises:
        ValueError: If there is no such split.
    """
    try:
        number = builder.info.splits[split].num_examples
    except (KeyError, ValueError) as error:
        raise ValueError(
            f"`split` must be one of {sorted(builder.info.splits)} or a slice such as 'train[:1000]'. "
            f"Received: split={split!r}"
        ) from error
    return SplitSource(builder, split, min(number, limit or number))


def info(builder: Any) -> DatasetInfo:
    """Describes the set."""
    label, stated = label_key(builder), builder.info.redistribution_info
    prepared = builder.is_prepared()
    return DatasetInfo(
        name=builder.info.full_name.rsplit("/", 1)[0],
        description=builder.info.description.strip().split("\n")[0],
        image_shape=image_shape(builder),
        num_images=builder.info.splits["train"].num_examples if "train" in builder.info.splits else None,
        class_names=tuple(builder.info.features[label].names) if label else (),
        licence=stated.license if stated else "",
        source="TensorFlow Datasets",
        homepage=builder.info.homepage,
        install="" if prepared else f"tfds build {builder.info.full_name}",
        available=prepared,
        splits=tuple(sorted(builder.info.splits)) or ("train",),
    )
