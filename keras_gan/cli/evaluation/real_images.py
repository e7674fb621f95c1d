"""The real images that `keras-gan evaluate` compares generated images with."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from keras_gan.images import over_white, to_uint8
from keras_gan.typing import Shape

MINIMUM = 6  # real images that density and coverage need


@dataclasses.dataclass(frozen=True)
class RealImages:
    """Real images with their labels.

    Args:
        pixels: Images, uint8 (n, height, width, channels).
        labels: Labels, integers (n,), or `None`.
        title: Name and hash of the images, for the protocol.
        class_names: Name of each class. Defaults to none.
    """

    pixels: np.ndarray
    labels: np.ndarray | None
    title: str
    class_names: tuple[str, ...] = ()

    @classmethod
    def load(
        cls,
        name: str,
        image_shape: Shape,
        maximum: int,
        limit: int | None = None,
        value_range: Sequence[float] | None = None,
    ) -> RealImages:
        """Load images that are evenly spread over a data set.

        Args:
            name: Name of the data set or path of the folder, as for `keras_gan.datasets.load_arrays`.
            image_shape: (height, width, channels) that images are resized to.
            maximum: Maximum number of images.
            limit: Number of images that the training used, if it used only the first ones. Defaults to `None`.
            value_range: The values of black and of white that the training used for images of more than 8 bits.
                Defaults to `None`.

        Raises:
            ValueError: If there are fewer than 6 images.
        """
        from keras_gan import datasets
        from keras_gan.datasets.decoding.images import spread
        from keras_gan.metrics.extractors.feature_cache import images_hash

        height, width, channels = image_shape
        deep = None if value_range is None else _has_files(name)
        pixels, labels = datasets.load_arrays(
            name,
            image_size=(height, width),
            channels=channels,
            limit=limit or maximum,
            value_range=(value_range[0], value_range[1]) if value_range is not None and deep else None,
        )
        pixels = over_white(to_uint8(pixels))
        kept = spread(len(pixels), maximum)
        if len(kept) < MINIMUM:
            raise ValueError(f"Expected at least {MINIMUM} real images. Received: {len(kept)} in {name}")
        pixels, labels = pixels[kept], None if labels is None else labels[kept]
        title = Path(name).name if Path(name).exists() else name
        names = () if labels is None else datasets.info(name.partition(":")[0] if ":" in title else name).class_names
        return cls(pixels, labels, f"{title} sha256:{images_hash(pixels)[:12]}", names)


def _has_files(name: str) -> bool:
    """Returns `True` for a folder or a NumPy file, `False` for a data set that is known by name."""
    from keras_gan.datasets.sources import lookup

    return lookup.find(name).kind in ("folder", "file")
