"""Cache of the features of real images, on disk, with a hash of the images and the extractor as the key."""

from __future__ import annotations

import hashlib
import importlib.metadata
import io
import json
import warnings
from pathlib import Path

import numpy as np

from keras_gan.errors import KerasGANWarning
from keras_gan.metrics.extractors.feature_extractor import ExtractorLike, FeatureExtractor
from keras_gan.metrics.extractors.user_extractor import UNKNOWN_VERSION, as_extractor
from keras_gan.utils.cache import VARIABLE, cache_folder, read_cached, write_cached

LIMIT = 2 << 30  # bytes on disk; the least recently used features are deleted first
# Packages whose version may change the last digits of the features.
PACKAGES = ("numpy", "pillow", "keras", "tensorflow")


def real_features(
    images: np.ndarray,
    extractor: ExtractorLike = None,
    image_range: tuple[float, float] = (-1.0, 1.0),
    cache: bool = True,
) -> np.ndarray:
    """Computes the features of real images, or reads them from a cache.

    The cache is in the user's cache folder, or in the folder that the environment variable KERAS_GAN_CACHE names. It
    takes up to 2 GB. Its key is a hash of the pixels, of the extractor's `protocol` and of the versions of packages. So
    other images, other weights or another version are computed again. A damaged file is replaced. The features of a
    plain function are not cached, because it has no version. Use `UserExtractor` to give it one.

    Args:
        images: Images, (n, height, width, 1 or 3), uint8 or floats in `image_range`.
        extractor: A `FeatureExtractor`, or a function from images to features. Defaults to `None`,
            `EfficientNetLite0()`.
        image_range: Values of black and of white in float images. Defaults to (-1.0, 1.0).
        cache: Boolean. If false, the cache is neither read nor written. Defaults to `True`.

    Returns:
        The features, float32 (n, d).

    Raises:
        ValueError: If the extractor does not accept the images.

    Warns:
        KerasGANWarning: If the cache cannot be written.

    Example:
    ```python
    features = keras_gan.metrics.real_features(photographs, keras_gan.metrics.EfficientNetLite0())
    ```
    """
    extractor, images = as_extractor(extractor), np.asarray(images)
    if not cache or extractor.version == UNKNOWN_VERSION:
        return extractor.features(images, image_range)
    key = _key(images, extractor, image_range)
    path = cache_folder() / "features" / f"{key.hex()}.features"
    cached = _read(path, key)
    if cached is not None:
        return cached
    features = extractor.features(images, image_range)
    try:
        _write(path, key, features)
    except OSError as error:
        warnings.warn(
            f"The features of {len(images)} real images were not cached, because {path.parent} cannot be written: "
            f"{error}. Set the environment variable {VARIABLE} to another folder.",
            KerasGANWarning,
            stacklevel=2,
        )
    return features


def images_hash(images: np.ndarray) -> str:
    """Returns the SHA-256 of the type, the shape and the pixels of images, in hexadecimal digits."""
    images = np.ascontiguousarray(images)
    found = hashlib.sha256(f"{images.dtype.str} {images.shape}".encode())
    found.update(images.data if images.size else b"")
    return found.hexdigest()


def _key(images: np.ndarray, extractor: FeatureExtractor, image_range: tuple[float, float]) -> bytes:
    """Returns the key of the features in the cache."""
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
    """Returns the features in a file, or `None` if it is missing or damaged."""
    try:
        content = read_cached(path, key)
    except (OSError, ValueError):
        return None
    return np.asarray(np.load(io.BytesIO(content), allow_pickle=False))


def _write(path: Path, key: bytes, features: np.ndarray) -> None:
    array = io.BytesIO()
    np.save(array, features, allow_pickle=False)
    write_cached(path, key, array.getvalue())
    _delete_least_recently_used(path.parent)


def _delete_least_recently_used(folder: Path) -> None:
    """Deletes the least recently used files until the rest is below the limit."""
    found = {path: path.stat() for path in folder.glob("*.features")}
    taken = sum(stat.st_size for stat in found.values())
    for path, stat in sorted(found.items(), key=lambda item: item[1].st_mtime)[:-1]:
        if taken <= LIMIT:
            return
        path.unlink(missing_ok=True)
        taken -= stat.st_size
