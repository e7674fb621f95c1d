"""Facts about a network that other parts of the package ask for, such as the sizes of its images."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Literal, NamedTuple

from keras_gan.typing import Shape

START = (3, 8)  # least and most pixels of the smallest feature map, along each axis
PREFERRED = 4  # pixels of the smallest feature map in most papers


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


@dataclasses.dataclass(frozen=True)
class Capabilities:
    """Facts about a network. Each module of `keras_gan.networks` with a network has its own as `CAPABILITIES`.

    Args:
        kind: `"generator"` makes images from a latent vector z, `"translator"` makes images from images.
        normalizations: Values that the discriminator's `normalization` accepts, the default first. Empty if it has
            no such argument. Defaults to none.
        doublings: Least and largest number of doublings from the smallest feature map to the image. The map has 3 to 8
            pixels along each axis, and both axes are doubled equally often. So 28 = 7 * 2^2, 48x96 = 3x6 * 2^4.
            `None` if the network is not made of such stages. Defaults to `None`.
        conditional: `True` if the network accepts `num_classes`. Defaults to `False`.
    """

    kind: Literal["generator", "translator"]
    normalizations: tuple[str | None, ...] = ()
    doublings: tuple[int, int] | None = None
    conditional: bool = False

    def check_normalization(self, normalization: str | None) -> None:
        """Raises an error for a normalisation of the discriminator that the network does not offer.

        Args:
            normalization: Value that the user asked for.

        Raises:
            ValueError: If `normalization` is not one of `normalizations`.
        """
        if normalization not in self.normalizations:
            raise ValueError(
                f"`normalization` must be one of {list(self.normalizations)}. Received: normalization={normalization!r}"
            )

    def stages(self, image_shape: Shape) -> Stages:
        """Returns the stages from the smallest feature map to an image.

        Of several possibilities it is the one with the smallest map of at least 4 pixels along each axis; if there is
        none, of 3. So 32 = 4 * 2^3, not 8 * 2^2.

        Args:
            image_shape: (height, width, channels).

        Raises:
            ValueError: If the network does not support the shape. The message names the nearest supported sizes.
        """
        if len(image_shape) != 3 or not all(isinstance(size, int) and size >= 1 for size in image_shape):
            raise ValueError(
                f"`image_shape` must be (height, width, channels), three positive integers. Received: {image_shape}"
            )
        height, width, _ = image_shape
        possible = [stages for stages in self._all_stages(height, width) if stages.sizes[-1] == (height, width)]
        if not possible:
            least, most = self._limits()
            raise ValueError(
                f"Height and width in `image_shape` must be numbers from {START[0]} to {START[1]} that are doubled "
                f"equally often, {least} to {most} times. Received: image_shape={image_shape}. "
                f"{name_nearest(self.nearest_sizes(height, width))}"
            )
        preferred = [stages for stages in possible if min(stages[:2]) >= PREFERRED]
        return max(preferred or possible, key=lambda stages: stages.doublings)

    def nearest_sizes(self, height: int, width: int) -> list[tuple[int, int]]:
        """Returns the largest supported size within height x width, and the smallest one that contains it.

        Args:
            height: Height in pixels.
            width: Width in pixels.

        Returns:
            One or two pairs (height, width), the smaller first. It is one pair if the size itself is supported, or is
            smaller or larger than all.
        """
        sizes = {stages.sizes[-1] for stages in self._all_stages(height, width)}
        within = [size for size in sizes if size[0] <= height and size[1] <= width]
        around = [size for size in sizes if size[0] >= height and size[1] >= width]
        nearest = {max(within, key=_area)} if within else set()
        return sorted(nearest | ({min(around, key=_area)} if around else set()), key=_area)

    def _all_stages(self, height: int, width: int) -> Iterator[Stages]:
        """Yields stages whose images are near a size: with each number of doublings, rounded down and rounded up."""
        least, most = self._limits()
        for doublings in range(least, most + 1):
            for roundings in (0, 2**doublings - 1):
                h, w = (min(max((size + roundings) >> doublings, START[0]), START[1]) for size in (height, width))
                yield Stages(h, w, doublings)

    def _limits(self) -> tuple[int, int]:
        assert self.doublings is not None, "the network has no stages"
        return self.doublings


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
