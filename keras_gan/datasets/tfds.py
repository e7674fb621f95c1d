"""TensorFlow Datasets: read where they are prepared already, prepared in bounded time where they are not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from keras_gan.datasets.catalogue import DatasetInfo
from keras_gan.datasets.tfds_records import Part, image_key, image_shape, label_key
from keras_gan.utils.extras import install_hint

PREFIX = "tfds:"


def names() -> list[str]:
    """List the names that TensorFlow Datasets knows; none if it is not installed."""
    try:
        import tensorflow_datasets as tfds
    except ImportError:
        return []
    return list(tfds.list_builders(with_community_datasets=False))


def builder(name: str, data_dir: str | os.PathLike[str] | None) -> Any:
    """Return the builder of the set `name`; nothing is downloaded.

    Raises:
        ImportError: If TensorFlow Datasets is not installed.
        ValueError: If the set has no images, or `name` asks for a configuration it does not have.
    """
    try:
        import tensorflow_datasets as tfds
    except ImportError as error:
        raise ImportError(f"{name!r} needs TensorFlow Datasets: {install_hint('data')}") from error
    found = tfds.builder(name, data_dir=data_dir)
    image_key(found)
    return found


def prepare(builder: Any, timeout: float) -> Any:
    """Download and prepare a set once, unless its folder holds it already.

    The work is done by a child process, as TensorFlow Datasets retries for many minutes where a host cannot be
    reached, and its threads cannot be stopped. A download that advances, however slowly, is left alone.

    Args:
        builder: What `builder` returned.
        timeout: How many seconds without any progress to bear.

    Returns:
        A builder that knows what was prepared.

    Raises:
        RuntimeError: If the set cannot be prepared; the message says why and what to do.
    """
    if builder.is_prepared():
        return builder
    config = f"/{builder.builder_config.name}" if builder.builder_config else ""
    name, data_dir = f"{builder.name}{config}", builder.data_dir_root
    print(f"Preparing {name} in {data_dir}, once ...", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", "keras_gan.datasets.tfds_prepare"]
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
            f"TensorFlow Datasets could not prepare {name!r}: {child.stdout.strip() or 'it was ended'}\n"
            f"Prepare it where the network reaches its hosts (`tfds build {name}`), copy the folder here and pass it "
            f"as `data_dir` (now {data_dir}); or use a set that needs no download: keras_gan.datasets.available()."
        )
    return type(builder)(config=builder.builder_config, version=str(builder.version), data_dir=data_dir)


def part(builder: Any, split: str, limit: int | None) -> Part:
    """Return one split of a prepared set.

    Args:
        builder: What `prepare` returned.
        split: Which part.
        limit: How many records to take, the first ones, or `None` for all.

    Raises:
        ValueError: If there is no such split.
    """
    try:
        number = builder.info.splits[split].num_examples
    except (KeyError, ValueError) as error:
        raise ValueError(
            f"Expected `split` to be one of {sorted(builder.info.splits)} or a slice such as 'train[:1000]'. "
            f"Received: split={split!r}"
        ) from error
    return Part(builder, split, min(number, limit or number))


def info(builder: Any) -> DatasetInfo:
    """Describe the set."""
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
