"""Google's and Twitter's emoji at 64x64 pixels, from two npm packages: two sets that correspond image by image."""

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

from keras_gan.datasets.dataset_info import DatasetInfo
from keras_gan.datasets.decoding import images
from keras_gan.datasets.packaged.packaged_set import PackagedArrays
from keras_gan.datasets.packaged.parsed_arrays import parsed_arrays

VERSION = "16.0.0"
INSTALL = "npm install --ignore-scripts --legacy-peer-deps " + " ".join(
    f"emoji-datasource-{domain}@{VERSION}" for domain in ("google", "twitter")
)
FOLDER = "KERAS_GAN_EMOJI"  # the environment variable with the folder of the packages
SIZE = 64
TRAIN = 1538  # of the 1,911 images; the other 373, about a fifth, are the test split
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
class Emoji(PackagedArrays):
    """Emoji of one vendor.

    Args:
        vendor: "google" or "twitter".
    """

    vendor: str

    @property
    def name(self) -> str:
        """Name of the set, such as "emoji/google"."""
        return f"emoji/{self.vendor}"

    def info(self) -> DatasetInfo:
        """Describes the set."""
        try:
            found = bool(folders())
        except ImportError:
            found = False
        return DatasetInfo(
            name=self.name,
            description=f"{self.vendor.capitalize()}'s 1,911 emoji on white, 373 of them in the test split",
            image_shape=(SIZE, SIZE, 3),
            num_images=TRAIN,
            class_names=CATEGORIES,
            licence=LICENCES[self.vendor],
            source=f"emoji-datasource-{self.vendor}",
            homepage=HOMEPAGES[self.vendor],
            install=INSTALL,
            available=found,
            splits=("train", "test"),
            pairs_with=tuple(f"emoji/{vendor}" for vendor in LICENCES if vendor != self.vendor),
        )

    def read(self, split: str = "train") -> tuple[np.ndarray, np.ndarray]:
        """Returns the images of a split, uint8 (number, 64, 64, 3), and their labels."""
        if split not in ("train", "test"):
            raise ValueError(f"`split` must be 'train' or 'test'. Received: split={split!r}")
        pixels, labels, in_test = _read_all(*folders())
        kept = in_test == (split == "test")
        return pixels[self.vendor][kept], labels[kept]


SETS = tuple(Emoji(vendor) for vendor in LICENCES)


def read(domain: str, split: str = "train") -> np.ndarray:
    """Returns the images of one vendor in the order of their code points, which is the same for both vendors.

    Args:
        domain: "google" or "twitter".
        split: "train" or "test". Defaults to "train".

    Returns:
        A uint8 array of shape (number, 64, 64, 3).

    Raises:
        ImportError: If the packages are not on this machine.
        ValueError: If an argument has another value, or the packages are damaged or of another version.

    Example:
    ```python
    google, twitter = (keras_gan.datasets.emoji.read(domain, "test") for domain in ("google", "twitter"))
    ```
    """
    if domain not in LICENCES:
        raise ValueError(f"`domain` must be 'google' or 'twitter'. Received: domain={domain!r}")
    return Emoji(domain).read(split)[0]


def folders() -> tuple[Path, Path]:
    """Returns the folders of Google's and of Twitter's package.

    Raises:
        ImportError: If they are not on this machine.
    """
    places = list(_places())
    for place in places:
        found = place / "emoji-datasource-google", place / "emoji-datasource-twitter"
        if all(os.access(folder / "package.json", os.R_OK) for folder in found):
            return found
    searched = ", ".join(map(str, places))
    raise ImportError(
        f"Expected Google's and Twitter's emoji: {INSTALL}\nor set the environment variable {FOLDER} to the folder "
        f"that holds them. Received: no such packages in {searched}"
    )


def _places() -> Iterator[Path]:
    """Yields the folders to search, in order."""
    given = os.environ.get(FOLDER)
    if given:
        yield from (Path(given).expanduser(), Path(given).expanduser() / "node_modules")
        return
    here = Path.cwd()
    yield from (folder / "node_modules" for folder in dict.fromkeys((here, *here.parents, Path.home())))
    npm = shutil.which("npm")  # the folder of `npm root -g`, which takes a second to run
    prefixes = dict.fromkeys((*((Path(npm).parent.parent,) if npm else ()), Path("/usr/local"), Path("/usr")))
    yield from (prefix / "lib" / "node_modules" for prefix in prefixes)


@functools.cache
def _read_all(google: Path, twitter: Path) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """Returns each vendor's images, their labels, and which of them are the test split."""
    folders = {"google": google, "twitter": twitter}
    entries = _entries(folders)
    files = {
        domain: [folder / "img" / domain / str(SIZE) / entry["image"] for entry in entries]
        for domain, folder in folders.items()
    }
    sources = [google / "emoji.json", *(file for of_domain in files.values() for file in of_domain)]
    arrays = parsed_arrays("emoji-pairs", sources, lambda: _decode(entries, files))
    return {domain: arrays[domain] for domain in folders}, arrays["labels"], arrays["in_test"]


def _decode(entries: list[dict[str, str]], files: dict[str, list[Path]]) -> dict[str, np.ndarray]:
    pixels = {domain: np.empty((len(entries), SIZE, SIZE, 3), np.uint8) for domain in files}
    for domain, of_domain in files.items():
        with ThreadPool(images.WORKERS) as pool:
            for index, image in enumerate(pool.imap(lambda file: images.read(file, None, 3), of_domain, 64)):
                pixels[domain][index] = image
    labels = np.array([CATEGORIES.index(entry["category"]) for entry in entries], np.int32)
    in_test = are_in_test([entry["unified"] for entry in entries], *pixels.values())
    return {**pixels, "labels": labels, "in_test": in_test}


def _entries(folders: dict[str, Path]) -> list[dict[str, str]]:
    """Returns the records of the emoji that both packages hold, in the order of their code points."""
    for folder in folders.values():
        version = json.loads((folder / "package.json").read_text(encoding="utf-8"))["version"]
        if version != VERSION:
            raise ValueError(f"Expected version {VERSION} ({INSTALL}). Received: version {version} in {folder}")
    entries = json.loads((folders["google"] / "emoji.json").read_text(encoding="utf-8"))
    both = (entry for entry in entries if all(entry[f"has_img_{domain}"] for domain in folders))
    return sorted(both, key=lambda entry: entry["unified"])


def are_in_test(code_points: list[str], *domains: np.ndarray) -> np.ndarray:
    """Assigns each emoji to a split by a hash of its code point. Identical images are in the same split.

    Args:
        code_points: Name of each emoji.
        *domains: Images of each vendor, one for each emoji.

    Returns:
        A boolean array, `True` for about a fifth of the emoji: the test split.
    """
    group = np.arange(len(code_points))
    for pixels in domains:
        first: dict[bytes, int] = {}
        for index, image in enumerate(pixels):
            pair = group[[first.setdefault(image.tobytes(), index), index]]
            group[np.isin(group, pair)] = pair.min()
    hashes = [hashlib.sha256(code_points[leader].encode()).digest()[:8] for leader in group]
    return np.array([int.from_bytes(value, "big") < 2**64 / 5 for value in hashes])
