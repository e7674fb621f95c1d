"""Sizes of images that networks support: a small feature map that is doubled, or multiples of a number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

START = (3, 8)  # least and most pixels of the smallest feature map, along each axis


class Stages(NamedTuple):
    """Sizes that a network's layers lead through: (height, width), doubled `doublings` times.

    Attributes:
        height: Height of the smallest feature map.
        width: Width of the smallest feature map.
        doublings: Number of doublings from the smallest feature map to the image.
    """

    height: int
    width: int
    doublings: int

    @property
    def sizes(self) -> list[tuple[int, int]]:
        """Height and width of each stage, from the smallest feature map to the image."""
        return [(self.height << stage, self.width << stage) for stage in range(self.doublings + 1)]


def stages_near(limits: tuple[int, int], height: int, width: int) -> Iterator[Stages]:
    """Yields stages whose images are near a size: with each number of doublings, rounded down and rounded up.

    Args:
        limits: Least and largest number of doublings.
        height: Height in pixels.
        width: Width in pixels.
    """
    least, most = limits
    for doublings in range(least, most + 1):
        for roundings in (0, 2**doublings - 1):
            h, w = (min(max((size + roundings) >> doublings, START[0]), START[1]) for size in (height, width))
            yield Stages(h, w, doublings)


def nearest_doubled(limits: tuple[int, int], height: int, width: int) -> list[tuple[int, int]]:
    """Returns the largest supported size within height x width, and the smallest one that contains it.

    Args:
        limits: Least and largest number of doublings.
        height: Height in pixels.
        width: Width in pixels.

    Returns:
        One or two pairs (height, width), the smaller first. It is one pair if the size itself is supported, or is
        smaller or larger than all.
    """
    sizes = {stages.sizes[-1] for stages in stages_near(limits, height, width)}
    within = [size for size in sizes if size[0] <= height and size[1] <= width]
    around = [size for size in sizes if size[0] >= height and size[1] >= width]
    nearest = {max(within, key=_area)} if within else set()
    return sorted(nearest | ({min(around, key=_area)} if around else set()), key=_area)


def nearest_multiples(size: tuple[int, int], multiple: int, least: int) -> list[tuple[int, int]]:
    """Returns the nearest sizes whose height and width are divisible by a number: within the size, and around it.

    Args:
        size: (height, width) in pixels.
        multiple: Number that must divide height and width.
        least: Least height and width.
    """
    least += -least % multiple
    within, around = (tuple(max(n + up, least) // multiple * multiple for n in size) for up in (0, multiple - 1))
    return sorted({within, around}, key=_area)  # type: ignore[arg-type]


def name_nearest(sizes: list[tuple[int, int]]) -> str:
    """Returns a sentence for error messages: "The nearest supported sizes are 28x28 and 32x32."."""
    names = [f"{height}x{width}" for height, width in sizes]
    return f"The nearest supported size{' is' if len(names) == 1 else 's are'} {' and '.join(names)}."


def _area(size: tuple[int, int]) -> int:
    return size[0] * size[1]
