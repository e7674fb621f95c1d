"""Random crops and flips, as CycleGAN and pix2pix train with."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from keras_gan.datasets.images import Images, Size, StoredShape, decoded_shape

LARGER = 286 / 256  # images are resized to this many times their final size, then cropped
SHIFT = 1 / 6  # of their size, at most
WHITE = 255


@dataclasses.dataclass(frozen=True)
class Jitter:
    """How images are moved: cropped at random or shifted over white ground, and mirrored by chance.

    To be cropped, they are resized to somewhat more than their final size.

    Args:
        size: The final height and width.
        crop: Whether to crop.
        flip: Whether to mirror, left to right, with a chance of one half.
        shift: Whether to shift instead of cropping. Defaults to `False`.

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
        """The height and width to read the images at."""
        height, width = self.size
        return (round(height * LARGER), round(width * LARGER)) if self.crop and not self.shift else self.size

    @property
    def _margins(self) -> Size:
        """How far an image may be shifted, up or down and left or right."""
        height, width = self.size
        return (round(height * SHIFT), round(width * SHIFT)) if self.shift else (0, 0)

    def draw(self, number: int, random: np.random.Generator) -> np.ndarray:
        """Return `number` moves: the top and left edge of each crop, and whether it is mirrored."""
        sizes = zip(self.load_size, self.size, self._margins, strict=True)
        free = [larger + 2 * margin - size for larger, size, margin in sizes]
        edges = [random.integers(0, room + 1, number) for room in free]
        return np.stack([*edges, random.integers(0, 2 if self.flip else 1, number)], axis=1)

    def take(self, images: Images, indices: np.ndarray, moves: np.ndarray) -> np.ndarray:
        """Return the images at `indices`, each moved.

        Args:
            images: Images of the size `load_size`.
            indices: Which ones.
            moves: What `draw` returned, one for each index.

        Returns:
            A uint8 array of shape (len(indices), *size, channels).
        """
        height, width = self.size
        ground = (*((margin, margin) for margin in self._margins), (0, 0))
        moved = np.empty((len(indices), height, width, images.shape[-1]), np.uint8)
        for place, image, (top, left, mirrored) in zip(moved, images[indices], moves, strict=True):
            canvas = np.pad(image, ground, constant_values=WHITE) if self.shift else image
            cropped = canvas[top : top + height, left : left + width]
            place[:] = cropped[:, ::-1] if mirrored else cropped
        return moved


def final_size(image_size: int | None, domains: Sequence[tuple[str, StoredShape]]) -> Size:
    """Return the height and width that the images of two domains are to have.

    Args:
        image_size: The one asked for, or `None` for their own.
        domains: The name of each and the shape of its images as stored.

    Raises:
        ValueError: If `image_size` is `None` and the images differ in size, or generators cannot keep the size.
    """
    stored = [decoded_shape(name, shape, image_size, None)[:2] for name, shape in domains]
    told = " and ".join(f"{w}x{h} pixels in {name}" for (name, _), (h, w) in zip(domains, stored, strict=True))
    if len(set(stored)) > 1:
        raise ValueError(f"The domains differ in size ({told}): expected `image_size`. Received: image_size=None")
    height, width = stored[0]
    if height % 4 or width % 4:
        raise ValueError(
            "Expected an `image_size` divisible by 4, as generators halve images twice. "
            f"Received: image_size={image_size}" + ("" if image_size else f", and {told}")
        )
    return height, width
