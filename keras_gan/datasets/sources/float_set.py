"""Vectors and sequences: floats that are no images, from a NumPy file, a CSV file or a folder of WAV files."""

from __future__ import annotations

import csv
import dataclasses
import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from keras_gan.datasets.batching.feed import IndexedFeed
from keras_gan.datasets.dataset_info import DatasetInfo, count_classes
from keras_gan.datasets.decoding.images import Size, spread
from keras_gan.datasets.sources.label_file import LABEL_COLUMNS, natural
from keras_gan.typing import Range

CSV = ".csv"


@dataclasses.dataclass(frozen=True)
class FloatSet:
    """Vectors (n, length) or sequences (n, length, channels), used as they are.

    Args:
        path: Path of the file or folder.
        description: One line of text.
        values: Array, float32.
        labels: Class of each, int32 (n,), or attributes, float32 (n, attributes), or `None`.
        class_names: Name of each class. Defaults to none.
        attribute_names: Name of each attribute. Defaults to none.
        limit: Largest number to use, spread evenly. Defaults to `None`, all.
        rate: Sample rate of audio in Hz. Defaults to `None`.
    """

    path: Path
    description: str
    values: np.ndarray
    labels: np.ndarray | None
    class_names: tuple[str, ...] = ()
    attribute_names: tuple[str, ...] = ()
    limit: int | None = None
    rate: int | None = None

    @property
    def name(self) -> str:
        """Path of the file or folder."""
        return str(self.path)

    @property
    def no_labels(self) -> str:
        """Reason why there are no labels."""
        return "it has no column or array of labels" if self.labels is None else ""

    @property
    def image_shape(self) -> Any:  # `Source` knows images only
        """(n,) of vectors, or (length, channels) of sequences."""
        return self.values.shape[1:]

    @property
    def class_counts(self) -> tuple[int, ...]:
        """Number of vectors or sequences of each class."""
        return count_classes(self.labels, self.class_names)

    def info(self) -> DatasetInfo:
        """Describes the set."""
        return DatasetInfo(
            name=self.name,
            description=self.description,
            image_shape=self.image_shape,
            num_images=len(self.values),
            class_names=self.class_names,
            class_counts=self.class_counts,
            attribute_names=self.attribute_names,
            source=self.name,
        )

    def fingerprint(self) -> str:
        """Returns the SHA-256 of the values and the labels."""
        digest = hashlib.sha256(np.ascontiguousarray(self.values).data)
        digest.update(b"" if self.labels is None else self.labels.tobytes())
        return digest.hexdigest()

    def value_range(self, stated: Range | None = None) -> None:
        """Returns `None`: the values are not scaled.

        Raises:
            ValueError: If a range is stated.
        """
        if stated is not None:
            raise ValueError(f"`value_range` is for images. Received: value_range={stated} and {self.name}")

    def images(
        self, image_size: int | Size | None, channels: int | None, value_range: Range | None = None
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """Returns the vectors or sequences, and their labels.

        Args:
            image_size: Length to crop sequences to, or to extend them to by zeros; `None` to keep theirs.
            channels: Not used: all channels are kept.
            value_range: Must be `None`.

        Raises:
            ValueError: If a range is stated, or a size of two numbers, or a size of vectors.
        """
        self.value_range(value_range)
        kept = spread(len(self.values), self.limit)
        values = self.values[kept]
        if image_size is not None:
            if not isinstance(image_size, int) or values.ndim != 3:
                raise ValueError(
                    f"`image_size` of sequences is their length, one integer; vectors have none. "
                    f"Received: image_size={image_size} and {self.name} of shape {self.image_shape}"
                )
            values = of_length(values, image_size)
        return values, None if self.labels is None else self.labels[kept]

    def feed(
        self, image_size: int | Size | None, channels: int | None, value_range: Range | None = None
    ) -> IndexedFeed:
        """Returns the vectors or sequences and their labels as a feed."""
        return IndexedFeed(*self.images(image_size, channels, value_range))


def of_length(sequences: np.ndarray, length: int) -> np.ndarray:
    """Returns sequences (n, length, channels), with their centre cropped, or with zeros on both sides."""
    spare = sequences.shape[1] - length
    if spare >= 0:
        return sequences[:, spare // 2 : spare // 2 + length]
    before = -spare // 2
    return np.pad(sequences, ((0, 0), (before, -spare - before), (0, 0)))


def read_csv(path: Path, limit: int | None = None) -> FloatSet:
    """Reads a table: each row is a vector of the numbers in it. A column called `label` has classes.

    Args:
        path: CSV file with names of the columns in its first row, or without. The delimiter is ",", ";" or a tab.
        limit: Largest number of rows to use, spread evenly. Defaults to `None`, all.

    Raises:
        ValueError: If a value is no finite number, or there is no column of numbers.
    """
    text = path.read_text(encoding="utf-8-sig")
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    rows = [[cell.strip() for cell in row] for row in csv.reader(text.splitlines(), delimiter=delimiter) if any(row)]
    heading = [] if rows and all(map(_is_number, rows[0])) else [cell.lower() for cell in rows[0]] if rows else []
    rows = rows[1:] if heading else rows
    width = len(heading) if heading else len(rows[0]) if rows else 0
    if not rows or any(len(row) != width for row in rows):
        raise ValueError(f"{path} must have rows with a number in each column. Received: {first[:60]!r}")
    label = next((heading.index(name) for name in LABEL_COLUMNS if name in heading), None)
    columns = [column for column in range(width) if column != label]
    try:
        values = np.array([[float(row[column]) for column in columns] for row in rows], np.float32)
    except ValueError as error:
        raise ValueError(f"{path} must hold numbers, and names in a column `label` only. Received: {error}") from None
    if not columns or not np.isfinite(values).all():
        raise ValueError(f"{path} must hold finite numbers. Received: {values.size} numbers, some of them not finite")
    names: tuple[str, ...] = ()
    labels = None
    if label is not None:
        names = tuple(sorted({row[label] for row in rows}, key=natural))
        labels = np.array([names.index(row[label]) for row in rows], np.int32)
    return FloatSet(path, "a table of numbers", values, labels, names, limit=limit)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
