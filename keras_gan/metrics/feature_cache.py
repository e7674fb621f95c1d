"""The features of real images, computed once: kept on disk by what the images and the extractor are."""

from __future__ import annotations

import hashlib
import importlib.metadata
import io
import json
import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs

from keras_gan.errors import KerasGANWarning
from keras_gan.metrics.user_extractor import NOT_SAID, as_extractor
from keras_gan.utils.files import atomic_path

VARIABLE = "KERAS_GAN_CACHE"
LIMIT = 2 << 30  # bytes of features that are kept; those not used for longest go
DIGEST = hashlib.sha256().digest_size
# What an extractor's figures depend on besides its weights, if only in the last digits.
PACKAGES = ("numpy", "pillow", "keras", "tensorflow")


def real_features(
    images: np.ndarray, extractor: Any = None, image_range: tuple[float, float] = (-1.0, 1.0), cache: bool = True
) -> np.ndarray:
    """Describe real images by an extractor, or take up what it found of the same images before.

    What was found is kept in the user's cache folder, or in the one that the environment variable KERAS_GAN_CACHE
    names, up to 2 GB. It is found again by the hash of the images' bytes together with all that the extractor's
    `protocol` says and the packages' versions: other images, other weights or another version never meet it. A file
    that is damaged is not read but replaced. A function that no `UserExtractor` gives a version is not kept, as nothing
    would tell when it changes.

    Args:
        images: (n, height, width, 1 or 3): floats in `image_range`, or uint8.
        extractor: A `FeatureExtractor`, or a function from images to features. Defaults to `None`,
            `EfficientNetLite0()`.
        image_range: The values of black and of white, for floats. Defaults to (-1.0, 1.0).
        cache: Whether to look and to keep. Defaults to `True`.

    Returns:
        The extractor's features, float32 (n, d).

    Raises:
        ValueError: If the extractor refuses the images.

    Warns:
        KerasGANWarning: If the features cannot be kept.

    Example:
    ```python
    features = keras_gan.metrics.real_features(photographs, keras_gan.metrics.EfficientNetLite0())
    ```
    """
    extractor, images = as_extractor(extractor), np.asarray(images)
    if not cache or extractor.version == NOT_SAID:
        return extractor.features(images, image_range)
    key = _key(images, extractor, image_range)
    path = cache_folder() / "features" / f"{key.hex()}.features"
    kept = _read(path, key)
    if kept is not None:
        return kept
    features = extractor.features(images, image_range)
    try:
        _write(path, key, features)
    except OSError as error:
        warnings.warn(
            f"The features of {len(images)} real images are not kept for the next time, as {path.parent} cannot be "
            f"written: {error}. The environment variable {VARIABLE} names another folder.",
            KerasGANWarning,
            stacklevel=2,
        )
    return features


def cache_folder() -> Path:
    """Where computed things are kept: what KERAS_GAN_CACHE says, or the platform's folder for it."""
    named = os.environ.get(VARIABLE)
    return Path(named).expanduser() if named else platformdirs.user_cache_path("keras_gan", appauthor=False)


def images_hash(images: np.ndarray) -> str:
    """The SHA-256 of images: of their type, shape and pixels."""
    images = np.ascontiguousarray(images)
    found = hashlib.sha256(f"{images.dtype.str} {images.shape}".encode())
    found.update(images.data if images.size else b"")
    return found.hexdigest()


def _key(images: np.ndarray, extractor: Any, image_range: tuple[float, float]) -> bytes:
    """What tells these features from all others."""
    found = {
        "images": images_hash(images),
        "image_range": [float(value) for value in image_range],
        "extractor": extractor.protocol(),
        "packages": {name: _version(name) for name in PACKAGES},
    }
    return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).digest()


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _read(path: Path, key: bytes) -> np.ndarray | None:
    """The features in a file; `None` if there is none, or it is not whole. Nothing is parsed before its hash agrees."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    digest, array = content[:DIGEST], content[DIGEST:]
    if hashlib.sha256(key + array).digest() != digest:
        return None
    os.utime(path)
    return np.asarray(np.load(io.BytesIO(array), allow_pickle=False))


def _write(path: Path, key: bytes, features: np.ndarray) -> None:
    array = io.BytesIO()
    np.save(array, features, allow_pickle=False)
    with atomic_path(path) as temporary:
        temporary.write_bytes(hashlib.sha256(key + array.getbuffer()).digest() + array.getbuffer())
    _forget_the_oldest(path.parent)


def _forget_the_oldest(folder: Path) -> None:
    """Remove what was not used for longest, until the rest is below the limit."""
    found = {path: path.stat() for path in folder.glob("*.features")}
    taken = sum(stat.st_size for stat in found.values())
    for path, stat in sorted(found.items(), key=lambda item: item[1].st_mtime)[:-1]:
        if taken <= LIMIT:
            return
        path.unlink(missing_ok=True)
        taken -= stat.st_size
