"""Random crops and flips, as CycleGAN and pix2pix train with."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from keras_gan.datasets.decoding.images import Images, Size, StoredShape, decoded_shape

LARGER = 286 / 256  # size that images are resized to before the crop, as a multiple of the final size
SHIFT = 1 / 6  # largest shift, as a part of the size
WHITE = 255


@dataclasses.dataclass(frozen=True)
class Jitter:
    """Random crops, or shifts over a white background, and random flips.

    Images are read at 286/256 of their final size to be cropped.

    Args:
        size: Final height and width.
        crop: Boolean. If true, images are cropped at random.
        flip: Boolean. If true, images are mirrored left to right with probability 1/2.
        shift: Boolean. If true, images are shifted instead of cropped. Defaults to `False`.

    Reference:
        - [Image-to-Image Translation with Conditional Adversarial Networks](https://arxiv.org/abs/1611.07004),
          section 6.2
    """

    size: Size
    crop: bool
    flip: bool
    shift: bool = False

    @property
    def load_size(self) -> Size:
        """Height and width to read the images at."""
        height, width = self.size
        return (round(height * LARGER), round(width * LARGER)) if self.crop and not self.shift else self.size

    @property
    def _margins(self) -> Size:
        """Largest shift in pixels, vertical and horizontal."""
        height, width = self.size
        return (round(height * SHIFT), round(width * SHIFT)) if self.shift else (0, 0)

    def sample(self, number: int, random: np.random.Generator) -> np.ndarray:
        """Returns `number` random moves, int (number, 3): top and left edge of the crop, and 1 for a flip."""
        sizes = zip(self.load_size, self.size, self._margins, strict=True)
        free = [larger + 2 * margin - size for larger, size, margin in sizes]
        edges = [random.integers(0, room + 1, number) for room in free]
        return np.stack([*edges, random.integers(0, 2 if self.flip else 1, number)], axis=1)

    def apply(self, images: Images, indices: np.ndarray, moves: np.ndarray) -> np.ndarray:
        """Returns the images at `indices`, cropped or shifted, and flipped.

        Args:
            images: Images of the size `load_size`.
            indices: Indices of the images.
            moves: Array from `sample`, one row for each index.

        Returns:
            An array of the images' type and shape (len(indices), *size, channels).
        """
        height, width = self.size
        margins = (*((margin, margin) for margin in self._margins), (0, 0))
        moved = np.empty((len(indices), height, width, images.shape[-1]), images.dtype)
        for place, image, (top, left, mirrored) in zip(moved, images[indices], moves, strict=True):
            canvas = np.pad(image, margins, constant_values=WHITE) if self.shift else image
            cropped = canvas[top : top + height, left : left + width]
            place[:] = cropped[:, ::-1] if mirrored else cropped
        return moved


def final_size(image_size: int | Size | None, domains: Sequence[tuple[str, StoredShape]]) -> Size:
    """Returns the height and width of the images of two domains after all transformations.

    Args:
        image_size: Height and width asked for, as one number or two, or `None` for those of the images.
        domains: Name of each domain and the shape of its images as stored.

    Raises:
        ValueError: If `image_size` is `None` and the images differ in size, or the size is not divisible by 4.
    """
    stored = [decoded_shape(name, shape, image_size, None)[:2] for name, shape in domains]
    sizes = " and ".join(f"{w}x{h} pixels in {name}" for (name, _), (h, w) in zip(domains, stored, strict=True))
    if len(set(stored)) > 1:
        raise ValueError(f"The domains differ in size ({sizes}): expected `image_size`. Received: image_size=None")
    height, width = stored[0]
    if height % 4 or width % 4:
        raise ValueError(
            "`image_size` must be divisible by 4, as generators halve images twice. "
            f"Received: image_size={image_size}" + ("" if image_size else f", and {sizes}")
        )
    return height, width
