"""Classes of the images in a folder, from a file with labels or from their sub-folders."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

import numpy as np

from keras_gan.datasets.decoding.skipped_files import warn_skipped
from keras_gan.datasets.sources.folder_files import find_images, relative_path
from keras_gan.datasets.sources.label_file import find_label_file, natural


@dataclasses.dataclass(frozen=True)
class Classes:
    """Classes of the images in a folder.

    Args:
        root: Path of the folder.
        names: Name of each class. Empty without classes.
        labels: Class or attributes of each image by its path. Defaults to none.
        unlabelled: Images that a file with labels does not list. Defaults to none.
        reason: Reason why there are no classes. Defaults to "".
        from_file: True if a file has the labels. Defaults to `False`.
        attribute_names: Name of each attribute, if the labels are attributes. Defaults to none.
    """

    root: Path
    names: tuple[str, ...]
    labels: Mapping[Path, int | tuple[float, ...]] = dataclasses.field(default_factory=dict)
    unlabelled: frozenset[Path] = frozenset()
    reason: str = ""
    from_file: bool = False
    attribute_names: tuple[str, ...] = ()

    def of(self, paths: Iterable[Path]) -> np.ndarray | None:
        """Returns the class or the attributes of each image, or `None` without labels."""
        if self.attribute_names:
            return np.array([self.labels[path] for path in paths], np.float32)
        return np.array([self.labels[path] for path in paths], np.int32) if self.names else None

    def without(self, damaged: Collection[Path]) -> Classes:
        """Returns the classes of the images that can be read: damaged files make no class."""
        if not damaged or self.from_file:
            return self
        return classes_of(self.root, [path for path in find_images(self.root) if path not in damaged])


def classes_of(root: Path, found: list[Path]) -> Classes:
    """Returns the classes of images, from a file with labels or from their sub-folders."""
    relative = {relative_path(root, path): path for path in found}
    file = find_label_file(root, list(relative))
    if file is not None:
        if not file.class_names and not file.attribute_names:
            return Classes(root, (), reason=f"{file.path} states that there are none", from_file=True)
        labels = {relative[name]: label for name, label in file.labels.items()}
        rest = [name for name, path in relative.items() if path not in labels]
        warn_skipped(f"images without a label in {file.path}", rest)
        missing = frozenset(relative[name] for name in rest)
        return Classes(root, file.class_names, labels, missing, from_file=True, attribute_names=file.attribute_names)
    at_top = [path for path in found if path.parent == root]
    folders = {path: path.relative_to(root).parts[0] for path in found if path.parent != root}
    if at_top:
        reason = "its images are in no sub-folders, and it has neither dataset.json nor labels.csv"
        if folders:
            names = sorted(set(folders.values()), key=natural)
            reason = (
                f"{len(at_top)} of its images are at its top, such as {at_top[0].name}, and {len(folders)} in "
                f"sub-folders, such as {names[0]}. Move each image into the sub-folder of its class, or write "
                f"labels.csv"
            )
        return Classes(root, (), reason=reason)
    names = sorted(set(folders.values()), key=natural)
    numbers = {name: number for number, name in enumerate(names)}
    return Classes(root, tuple(names), {path: numbers[name] for path, name in folders.items()})
