"""Facts about the training images that a run prints, uses and records."""

from __future__ import annotations

import dataclasses
from typing import Any, TypeVar

from keras_gan.config import CycleGANConfig, GANConfig, Pix2PixConfig, TrainingConfig
from keras_gan.config.image_size import check_size, height_and_width, ranks_of
from keras_gan.config.networks import available
from keras_gan.datasets.decoding.images import spread
from keras_gan.datasets.decoding.value_range import choose_range
from keras_gan.datasets.sources.array_file import ArrayFile
from keras_gan.datasets.sources.float_set import FloatSet
from keras_gan.datasets.sources.folder import CHANNELS, Folder, describe_channels
from keras_gan.utils.attributes import describe_attributes
from keras_gan.utils.class_names import describe_classes

Config = TypeVar("Config", bound=TrainingConfig)
Shape = tuple[int | None, ...]
RANKS = {1: "vectors", 2: "sequences", 3: "images"}
SAMPLED = 64  # images whose values are compared with a stated range


@dataclasses.dataclass(frozen=True)
class SetFacts:
    """Facts about one set of images.

    Args:
        name: Name of the set, or path of the folder or file.
        image_shape: (height, width, channels) as stored, (length, channels) of sequences, (n,) of vectors.
        class_names: Name of each class.
        class_counts: Number of images of each class, if they are known.
        number: Number of images, if it is known.
        files: Folder or file; `None` for another set.
        attribute_names: Name of each attribute. Defaults to none.
    """

    name: str
    image_shape: Shape
    class_names: tuple[str, ...]
    class_counts: tuple[int, ...]
    number: int | None
    files: Folder | ArrayFile | FloatSet | None
    attribute_names: tuple[str, ...] = ()

    def record(self) -> dict[str, Any]:
        """Returns what a later training must find again, as plain data."""
        found: dict[str, Any] = {"images": self.number, "class_names": list(self.class_names)}
        if self.attribute_names:
            found["attribute_names"] = list(self.attribute_names)
        if self.files is not None:
            found |= {"class_counts": list(self.class_counts), "files": f"sha256:{self.files.fingerprint()}"}
        return found


def facts_of(name: str) -> SetFacts:
    """Returns the facts about a set, a folder or a file. Reads the headers of images only."""
    from keras_gan import datasets
    from keras_gan.datasets.sources import lookup

    kind, found, _ = lookup.find(name)
    if kind in ("folder", "file"):
        files = lookup.find_and_open(found, "train", None)
        assert isinstance(files, Folder | ArrayFile | FloatSet)
        about = files.info()
        return SetFacts(
            name,
            about.image_shape,
            about.class_names,
            about.class_counts,
            about.num_images,
            files,
            about.attribute_names,
        )
    about = datasets.info(found if kind == "packaged" else name.partition(":")[0] if kind == "tfds" else name)
    return SetFacts(name, about.image_shape, about.class_names, (), about.num_images, None)


@dataclasses.dataclass(frozen=True)
class DataFacts:
    """Facts about all training images of a run.

    Args:
        sets: Facts about each set, by the field of the config that names it.
        lines: Sentences to print.
    """

    sets: dict[str, SetFacts]
    lines: tuple[str, ...]

    @property
    def class_names(self) -> tuple[str, ...]:
        """Name of each class of the images of a GAN."""
        return self.sets["name"].class_names if "name" in self.sets else ()

    @property
    def attribute_names(self) -> tuple[str, ...]:
        """Name of each attribute of the images of a GAN."""
        return self.sets["name"].attribute_names if "name" in self.sets else ()

    def record(self) -> dict[str, Any]:
        """Returns what a later training must find again, as plain data."""
        return {field: one.record() for field, one in self.sets.items()}


def resolve_data(config: Config) -> tuple[Config, DataFacts]:
    """Returns a config with the channels and the range of values of its images, and the facts about these.

    Raises:
        ValueError: If the network does not support the size of the images, or they differ in size.
    """
    fields = [field for field in ("name", "x", "y") if getattr(config.data, field, None) is not None]
    sets = {field: facts_of(str(getattr(config.data, field))) for field in fields}
    lines: list[str] = []
    changes: dict[str, Any] = {}
    halves = isinstance(config, Pix2PixConfig) and "y" not in sets
    for field, one in sets.items():
        check_rank(config, one.name, len(one.image_shape))
        if len(one.image_shape) != 3:
            continue
        _check_sizes(config, one, halves)
        prefix = "" if field == "name" else f"{field}_"
        changes |= _channels(config, one, prefix, lines) | _value_range(config, one, prefix, lines)
    if isinstance(config, CycleGANConfig) and not config.data.channels:
        changes |= _same_channels(config, changes, sets, lines)
    if isinstance(config, GANConfig):
        lines += _classes(config, sets["name"])
    data = config.data.model_copy(update=changes)
    return config.model_copy(update={"data": data}), DataFacts(sets, tuple(lines))


def check_rank(config: TrainingConfig, name: str, rank: int) -> None:
    """Raises `ValueError` if the network does not generate images, sequences or vectors as those of a set.

    Args:
        config: Config of the training.
        name: Name of the set.
        rank: Number of axes of an image of the set.
    """
    fitting = [network for network in available(not config.translates) if rank in ranks_of(network)]
    if config.network not in fitting:
        raise ValueError(
            f"{name} holds {RANKS[rank]}: expected --set network={' or '.join(fitting) or 'none, as no network fits'}. "
            f"Received: network {config.network}"
        )


def _check_sizes(config: TrainingConfig, one: SetFacts, halves: bool) -> None:
    if height_and_width(getattr(config.data, "image_size", None)) is not None:
        return
    height, width = one.image_shape[:2]
    if height is None or width is None:
        raise ValueError(
            f"The images of {one.name} differ in size: expected --image-size, such as --image-size 64 or 48x96. "
            "Their centre is cropped to it. Received: no --image-size"
        )
    size = (height, width // 2 if halves else width)
    try:
        check_size(config.network, size, config.generator, config.discriminator)
    except ValueError as error:
        pixels = f"{size[0]}x{size[1]} pixels (height x width)"
        raise ValueError(f"The images of {one.name} have {pixels}. {error}") from None


def _channels(config: TrainingConfig, one: SetFacts, prefix: str, lines: list[str]) -> dict[str, int]:
    stated = getattr(config.data, f"{prefix}channels", None) or getattr(config.data, "channels", None)
    most = 4 if isinstance(config, GANConfig) else 3
    stored = one.image_shape[-1] or 0
    used = stated or min(stored, most)
    counts = one.files.channel_counts if isinstance(one.files, Folder) else {stored: one.number or 0}
    if set(counts) != {used}:
        if isinstance(one.files, Folder):
            lines.append(f"{one.name}: {describe_channels(counts, used)}")
        elif one.files is None:
            lines.append(f"{one.name}: {CHANNELS[stored]} images, all read as {CHANNELS[used]}")
    return {f"{prefix}channels": used} if one.files is not None or stated else {}


def _same_channels(
    config: CycleGANConfig, changes: dict[str, Any], sets: dict[str, SetFacts], lines: list[str]
) -> dict[str, Any]:
    """Returns the channels of the domain that has more, as the identity terms of a CycleGAN need the same ones."""
    channels = {
        field: getattr(config.data, f"{field}_channels")
        or changes.get(f"{field}_channels", min(one.image_shape[-1] or 0, 3))
        for field, one in sets.items()
    }
    most = max(channels.values())
    stated = [field for field in channels if getattr(config.data, f"{field}_channels") is not None]
    if len(set(channels.values())) == 1 or stated:
        return {}
    grey = ", ".join(sets[field].name for field, depth in channels.items() if depth < most)
    lines.append(f"{grey}: grey images, read as colour, because the other domain is in colour")
    return dict.fromkeys((f"{field}_channels" for field in channels), most)


def _value_range(config: TrainingConfig, one: SetFacts, prefix: str, lines: list[str]) -> dict[str, list[float]]:
    own = getattr(config.data, f"{prefix}value_range", None) or getattr(config.data, "value_range", None)
    if one.files is None:
        if own is not None:
            raise ValueError(f"--value-range is for folders and files of images. Received: {own} for {one.name}")
        return {}
    used = one.files.value_range(own)
    if used is None:
        return {}
    lines.append(used.describe(one.name))
    if used.stated and isinstance(one.files, Folder) and one.files.deep:
        lines += _clipped(one.files, used.values)
    return {f"{prefix}value_range": list(used.values)}


def _clipped(folder: Folder, stated: tuple[float, float]) -> list[str]:
    """Returns a sentence about values outside a stated range, from up to 64 images."""
    paths = [folder.paths[index] for index in spread(len(folder.paths), SAMPLED)]
    try:
        low, high = choose_range(folder.name, paths).values
    except ValueError:  # all values are the same, or none can be read
        return []
    if stated[0] <= low and high <= stated[1]:
        return []
    return [f"{folder.name}: {len(paths)} images have values from {low:g} to {high:g}, some outside the stated range"]


def _classes(config: GANConfig, one: SetFacts) -> list[str]:
    if one.attribute_names:
        names = describe_attributes(one.attribute_names)
        used = "" if config.data.labels else " are not used. --labels trains a GAN on them"
        return [f"Attributes: {names}{used}"]
    if config.data.labels and one.class_names:
        return [f"Classes: {describe_classes(one.class_names, one.class_counts)}"]
    if one.class_names:
        number = len(one.class_names)
        return [f"The labels of {one.name} ({number} classes) are not used. --labels trains a class-conditional GAN"]
    return []
