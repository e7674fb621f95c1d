"""Labels in a file beside the images: `dataset.json`, as StyleGAN writes it, or `labels.csv`."""

from __future__ import annotations

import csv
import json
import logging
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias

from keras_gan.datasets.decoding.skipped_files import abbreviate

logger = logging.getLogger("keras_gan.datasets")

JSON, CSV = "dataset.json", "labels.csv"
FILE_COLUMNS = ("filename", "file_name", "file", "image", "image_id", "path", "name", "id")
LABEL_COLUMNS = ("label", "class", "category", "target", "labels", "class_name")
Label: TypeAlias = str | int | tuple[float, ...]
LAYOUT = '{"labels": [["00000/img00000000.png", 3], ...]} or {"labels": null}'


class LabelFile(NamedTuple):
    """The content of a file with labels.

    Args:
        path: Path of the file.
        class_names: Name of each class, in order. Empty if the labels are attributes, or the file states that there are
            no labels.
        labels: Class or attributes of each file, by its path in the folder.
        attribute_names: Name of each attribute, in order. Defaults to none.
    """

    path: Path
    class_names: tuple[str, ...]
    labels: Mapping[str, int | tuple[float, ...]]
    attribute_names: tuple[str, ...] = ()


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """Returns a key that sorts names as people do: "2" before "10", "img9" before "img10"."""
    parts = [part for part in re.split(r"(\d+)", name) if part]
    return (*((0, int(part), part) if part.isdecimal() else (1, 0, part) for part in parts), (-1, 0, name))


def find_label_file(root: Path, images: Sequence[str]) -> LabelFile | None:
    """Reads the labels beside the images in a folder. Returns `None` if there is no such file.

    Args:
        root: Folder.
        images: Path of each image in the folder, with "/" between its parts.

    Raises:
        ValueError: If the file has another layout, or there are two files.
    """
    found = [path for path in (root / JSON, root / CSV) if path.is_file()]
    if not found:
        return None
    if len(found) > 1:
        raise ValueError(f"Expected one file with labels. Received: {found[0]} and {found[1]}. Move one away")
    path = found[0]
    rows, attribute_names = _read_json(path) if path.name == JSON else _read_csv(path, images)
    if not rows:
        return LabelFile(path, (), {})
    by_name = _by_name(images)
    labels: dict[str, Label] = {}
    missing = []
    for name, label in rows.items():
        image = by_name.get(name) or by_name.get(name.replace("\\", "/").removeprefix("./"))
        if image is None:
            missing.append(name)
        else:
            labels[image] = label
    if not labels:
        raise ValueError(
            f"{path} must list images of its folder, such as {images[0]}. Received: {abbreviate(missing)}, which are "
            "not there"
        )
    vectors = {image: label for image, label in labels.items() if isinstance(label, tuple)}
    if not vectors:
        plain = {image: label for image, label in labels.items() if not isinstance(label, tuple)}
        return LabelFile(path, *_numbered(path, plain))
    lengths = {len(vector) for vector in vectors.values()}
    if len(vectors) < len(labels) or len(lengths) > 1:
        raise ValueError(f"All labels in {path} must have the same number of attributes. Received: {sorted(lengths)}")
    names = attribute_names or tuple(map(str, range(lengths.pop())))
    return LabelFile(path, (), vectors, names)


def _read_json(path: Path) -> tuple[dict[str, Label], tuple[str, ...]]:
    """Returns the label of each image, and no names of attributes."""
    try:
        content = json.loads(_text(path))
    except json.JSONDecodeError as error:
        raise ValueError(f"{path} must be JSON. Received: {error}") from error
    if not isinstance(content, dict) or "labels" not in content:
        raise ValueError(f"{path} must hold {LAYOUT}. Received: {str(content)[:60]}")
    rows = content["labels"] or []
    rows = list(rows.items()) if isinstance(rows, dict) else rows
    if not isinstance(rows, list):
        raise ValueError(f"{path} must hold {LAYOUT}. Received: labels of type {type(rows).__name__}")
    labels: dict[str, Label] = {}
    for row in rows:
        if not (isinstance(row, list | tuple) and len(row) == 2 and isinstance(row[0], str)):
            raise ValueError(f"{path} must list a path and a label. Received: {str(row)[:60]}")
        if row[1] is None:
            continue
        if isinstance(row[1], list) and row[1] and all(isinstance(one, int | float) for one in row[1]):
            labels[row[0]] = tuple(map(float, row[1]))
            continue
        if isinstance(row[1], bool) or not isinstance(row[1], int | str):
            raise ValueError(
                f"A label in {path} must be an integer, a name or a list of numbers. "
                f"Received: {str(row[1])[:60]} of {row[0]}"
            )
        labels[row[0]] = row[1]
    return labels, ()


def _text(path: Path) -> str:
    """Returns the text of a file, without the mark that Windows puts at its start."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} must be saved as UTF-8. Received: {error}") from error


def _read_csv(path: Path, images: Sequence[str]) -> tuple[dict[str, Label], tuple[str, ...]]:
    """Returns the label of each image, and the names of attributes: all columns of numbers, if no column is a label."""
    text = _text(path)
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    rows = [[cell.strip() for cell in row] for row in csv.reader(text.splitlines(), delimiter=delimiter) if any(row)]
    if not rows or len(rows[0]) < 2:
        raise ValueError(f"{path} must have two columns, filename and label. Received: {first[:60]!r}")
    file, label = 0, 1
    heading = [cell.lower() for cell in rows[0]]
    if rows[0][0] not in _by_name(images):
        file = next((heading.index(name) for name in FILE_COLUMNS if name in heading), -1)
        label = next((heading.index(name) for name in LABEL_COLUMNS if name in heading), -1)
        attributes = [column for column in range(len(heading)) if column != file]
        if file >= 0 and label < 0 and len(attributes) > 1 and _are_numbers(rows[1:], attributes):
            names = tuple(rows[0][column] for column in attributes)
            vectors: dict[str, Label] = {
                row[file]: tuple(float(row[column]) for column in attributes) for row in rows[1:]
            }
            return vectors, names
        if file < 0 or label < 0:
            file, label = 0, 1
        if file >= 0 and (heading[file] in FILE_COLUMNS or heading[label] in LABEL_COLUMNS):
            rows = rows[1:]
    short = next((row for row in rows if len(row) <= max(file, label)), None)
    if short is not None:
        raise ValueError(f"{path} must have a file and a label in each row. Received: {short}")
    return {row[file]: row[label] for row in rows if row[label]}, ()


def _are_numbers(rows: list[list[str]], columns: list[int]) -> bool:
    """Returns `True` if there are rows, and all have a finite number in each of the columns."""
    try:
        return bool(rows) and all(math.isfinite(float(row[column])) for row in rows for column in columns)
    except (ValueError, IndexError):
        return False


def _by_name(images: Sequence[str]) -> dict[str, str]:
    """Returns each image by its path, and also by the path without suffix and by its name where these are unique."""
    by_name: dict[str, str] = {}
    for short in (lambda path: path, lambda path: path.rpartition(".")[0], lambda path: path.rpartition("/")[2]):
        names = [short(image) for image in images]
        twice = {name for name, number in _counts(names).items() if number > 1}
        for name, image in zip(names, images, strict=True):
            if name not in twice:
                by_name.setdefault(name, image)
    return by_name


def _counts(names: Sequence[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    return counts


def _numbered(path: Path, labels: Mapping[str, str | int]) -> tuple[tuple[str, ...], dict[str, int]]:
    """Returns the names of the classes, and the number of each image. Integers stay what they are."""
    if all(str(label).removeprefix("-").isdecimal() for label in labels.values()):
        numbers = {image: int(label) for image, label in labels.items()}
        least, most = min(numbers.values()), max(numbers.values())
        if least < 0 or most >= 1 << 20:
            raise ValueError(f"Labels in {path} must be from 0 to {(1 << 20) - 1}. Received: {least} to {most}")
        unused = sorted(set(range(most + 1)) - set(numbers.values()))
        if unused:
            listed = abbreviate([str(number) for number in unused])
            logger.warning(
                "%s has no image of %d of its %d classes: %s. Number the labels from 0 without gaps, so that each "
                "class can be learnt",
                path,
                len(unused),
                most + 1,
                listed,
            )
        return tuple(map(str, range(most + 1))), numbers
    names = sorted({str(label) for label in labels.values()}, key=natural)
    by_name = {name: number for number, name in enumerate(names)}
    return tuple(names), {image: by_name[str(label)] for image, label in labels.items()}
