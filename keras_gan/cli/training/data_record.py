"""Record of the training images of a run, which a resumed run compares with the images that it finds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from keras_gan.cli.training.data_facts import DataFacts
from keras_gan.utils.files import atomic_path


def check_same_data(path: Path, facts: DataFacts, accept: bool) -> list[str]:
    """Compares the training images with those that a run was started with.

    Args:
        path: Record of the run. A run without one is not compared.
        facts: Facts about the images now.
        accept: Return the changes instead of raising.

    Returns:
        A sentence for each change.

    Raises:
        ValueError: If the images have changed. The message says what.
    """
    if not path.is_file():
        return []
    try:
        before = json.loads(path.read_text(encoding="utf-8"))
        changes = [
            f"{facts.sets[field].name}: {change}"
            for field, one in facts.record().items()
            if field in before
            for change in changes_between(before[field], one)
        ]
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise ValueError(f"{path} must be JSON that `keras-gan train` wrote. Received: {error!r}") from error
    if changes and not accept:
        raise ValueError(
            "The training images must be those that the run was started with. --accept-changed-data trains on the new "
            f"ones. Received: {'; '.join(changes)}"
        )
    return changes


def changes_between(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """Returns a sentence for each difference between two records of a set."""
    found = []
    old, new = before.get("class_names", []), now["class_names"]
    if old != new:
        gone, added = [name for name in old if name not in new], [name for name in new if name not in old]
        parts = [f"without {', '.join(map(repr, gone))}"] if gone else []
        parts += [f"with {', '.join(map(repr, added))}"] if added else []
        kept = [(name, old.index(name), new.index(name)) for name in old if name in new]
        moved = [f"{name!r} is class {number} (was {was})" for name, was, number in kept if was != number]
        found.append(f"{len(new)} classes (were {len(old)}), {', '.join([*parts, *moved[:5]])}")
    if before.get("images") != now["images"]:
        found.append(f"{now['images']} images (were {before.get('images')})")
    counts = zip(new, before.get("class_counts", []), now.get("class_counts", []), strict=False)
    if old == new and (different := [f"{name!r}: {b} (was {a})" for name, a, b in counts if a != b]):
        found.append(f"images of a class: {', '.join(different[:5])}")
    if not found and before.get("files") != now.get("files"):
        found.append("as many images, but other names, sizes or labels of files")
    return found


def save_record(path: Path, facts: DataFacts) -> None:
    """Writes the record of the training images of a run. Sets that are known by name do not change and have none."""
    if all(one.files is None for one in facts.sets.values()):
        return
    with atomic_path(path) as temporary:
        temporary.write_text(json.dumps(facts.record(), indent=2) + "\n", encoding="utf-8")
