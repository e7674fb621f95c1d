"""Google's and Twitter's emoji at 64x64 pixels, as npm packages them: two sets, or two domains that correspond."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from multiprocessing.pool import ThreadPool
from pathlib import Path

import numpy as np

from keras_gan.datasets import images
from keras_gan.datasets.catalogue import DatasetInfo

VERSION = "16.0.0"
INSTALL = "npm install --ignore-scripts --legacy-peer-deps " + " ".join(
    f"emoji-datasource-{domain}@{VERSION}" for domain in ("google", "twitter")
)
FOLDER = "KERAS_GAN_EMOJI"  # the environment variable that tells where the packages are
SIZE = 64
FOLDS = 5
TRAIN = 1538  # images; the other 373 of the 1,911 are for the test
LICENCES = {
    "google": "Apache-2.0 (Noto Emoji, Google)",
    "twitter": "CC BY 4.0 (Twemoji, Copyright Twitter, Inc and other contributors: name them with the images)",
}
HOMEPAGES = {"google": "https://github.com/googlefonts/noto-emoji", "twitter": "https://github.com/twitter/twemoji"}
CATEGORIES = (
    *("Smileys & Emotion", "People & Body", "Component", "Animals & Nature", "Food & Drink"),
    *("Travel & Places", "Activities", "Objects", "Symbols", "Flags"),
)


@dataclasses.dataclass(frozen=True)
class Domain:
    """The emoji of one publisher, as a packaged set.

    Args:
        name: "google" or "twitter".
        fold: Which fifth is the test split. Defaults to 0.
    """

    name: str
    fold: int = 0

    def info(self) -> DatasetInfo:
        """Describe the set."""
        try:
            found = bool(folders())
        except ImportError:
            found = False
        return DatasetInfo(
            name=f"emoji/{self.name}",
            description=f"{self.name.capitalize()}'s 1,911 emoji on white, 373 of them in the test split",
            image_shape=(SIZE, SIZE, 3),
            num_images=TRAIN,
            class_names=CATEGORIES,
            licence=LICENCES[self.name],
            source=f"emoji-datasource-{self.name}",
            homepage=HOMEPAGES[self.name],
            install=INSTALL,
            available=found,
            splits=("train", "test"),
        )

    def read(self, split: str = "train") -> tuple[np.ndarray, np.ndarray]:
        """Return the images of a split, uint8 (number, 64, 64, 3), and their labels."""
        if split not in ("train", "test"):
            raise ValueError(f"Expected `split` to be 'train' or 'test'. Received: split={split!r}")
        pixels, labels, folds = _read_all(*folders())
        kept = (folds == self.fold) == (split == "test")
        return pixels[self.name][kept], labels[kept]


def part(name: str) -> Domain:
    """Return the emoji of "google" or "twitter".

    Raises:
        ValueError: If `name` is another.
    """
    if name not in LICENCES:
        raise ValueError(f"Expected 'google' or 'twitter'. Received: {name!r}")
    return Domain(name)


def read(domain: str, split: str = "train", fold: int = 0) -> np.ndarray:
    """Return the images of one domain, in the order of their code points: the same order in both domains.

    Args:
        domain: "google" or "twitter".
        split: "train" or "test". Defaults to "train".
        fold: Which fifth is the test split, 0 to 4, so that by five trainings each emoji is held out once. Defaults to
            0, that of the data set.

    Returns:
        A uint8 array of shape (number, 64, 64, 3).

    Raises:
        ImportError: If the packages are not on this machine.
        ValueError: If an argument is none of these, or the packages are damaged or of another version.

    Example:
    ```python
    google, twitter = (keras_gan.datasets.emoji.read(domain, "test") for domain in ("google", "twitter"))
    ```
    """
    if fold not in range(FOLDS):
        raise ValueError(f"Expected `fold` to be from 0 to {FOLDS - 1}. Received: fold={fold!r}")
    return dataclasses.replace(part(domain), fold=fold).read(split)[0]


def folders() -> tuple[Path, Path]:
    """Return where the packages are: Google's and Twitter's.

    Raises:
        ImportError: If they are not on this machine.
    """
    places = list(_places())
    for place in places:
        found = place / "emoji-datasource-google", place / "emoji-datasource-twitter"
        if all(os.access(folder / "package.json", os.R_OK) for folder in found):
            return found
    looked = ", ".join(map(str, places))
    raise ImportError(
        f"Expected Google's and Twitter's emoji: {INSTALL}\nor name the folder that holds them in the environment "
        f"variable {FOLDER}. Received: no such packages in {looked}"
    )


def _places() -> Iterator[Path]:
    named = os.environ.get(FOLDER)
    if named:
        yield from (Path(named).expanduser(), Path(named).expanduser() / "node_modules")
        return
    here = Path.cwd()
    yield from (folder / "node_modules" for folder in dict.fromkeys((here, *here.parents, Path.home())))
    npm = shutil.which("npm")  # `npm root -g`, without the second it takes
    prefixes = dict.fromkeys((*((Path(npm).parent.parent,) if npm else ()), Path("/usr/local"), Path("/usr")))
    yield from (prefix / "lib" / "node_modules" for prefix in prefixes)


@functools.cache
def _read_all(google: Path, twitter: Path) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """Return each domain's images, their labels, and their folds."""
    folders = {"google": google, "twitter": twitter}
    entries = _entries(folders)
    pixels = {domain: np.empty((len(entries), SIZE, SIZE, 3), np.uint8) for domain in folders}
    for domain, folder in folders.items():
        files = [folder / "img" / domain / str(SIZE) / entry["image"] for entry in entries]
        with ThreadPool(images.WORKERS) as pool:
            for index, image in enumerate(pool.imap(lambda file: images.read(file, None, 3), files, 64)):
                pixels[domain][index] = image
    labels = np.array([CATEGORIES.index(entry["category"]) for entry in entries], np.int32)
    return pixels, labels, folds_of([entry["unified"] for entry in entries], *pixels.values())


def _entries(folders: dict[str, Path]) -> list[dict[str, str]]:
    """Return what the packages tell of the emoji that both have, in the order of their code points."""
    for folder in folders.values():
        version = json.loads((folder / "package.json").read_text(encoding="utf-8"))["version"]
        if version != VERSION:
            raise ValueError(f"Expected version {VERSION} ({INSTALL}). Received: version {version} in {folder}")
    entries = json.loads((folders["google"] / "emoji.json").read_text(encoding="utf-8"))
    both = (entry for entry in entries if all(entry[f"has_img_{domain}"] for domain in folders))
    return sorted(both, key=lambda entry: entry["unified"])


def folds_of(code_points: list[str], *domains: np.ndarray) -> np.ndarray:
    """Tell which fold each emoji belongs to: by a hash of the code point, those that look the same together.

    Args:
        code_points: The name of each emoji.
        *domains: Its image in each domain.

    Returns:
        An integer array, 0 to 4.
    """
    group = np.arange(len(code_points))
    for pixels in domains:
        first: dict[bytes, int] = {}
        for index, image in enumerate(pixels):
            pair = group[[first.setdefault(image.tobytes(), index), index]]
            group[np.isin(group, pair)] = pair.min()
    drawn = [hashlib.sha256(code_points[leader].encode()).digest()[:8] for leader in group]
    return np.array([int.from_bytes(draw, "big") * FOLDS >> 64 for draw in drawn])
