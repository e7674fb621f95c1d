"""Facts about a network that other parts of the package ask for, such as the sizes of its images."""

from __future__ import annotations

import dataclasses
from typing import Literal

from keras_gan.networks.data_format import check_data_format
from keras_gan.typing import Shape
from keras_gan.utils.image_stages import START, Stages, name_nearest, nearest_doubled, stages_near

PREFERRED = 4  # pixels of the smallest feature map in most papers


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
        multiple: Number that must divide height and width. Defaults to 1.
        least: Least height and width, with the default discriminator. Defaults to 1.
        ranks: Numbers of axes of its images: 3 for (height, width, channels), 2 for sequences (length, channels), 1 for
            vectors (n,). Defaults to (3,).
        conditional: `True` if the network accepts `num_classes`. Defaults to `False`.
        generator_conditioning: Values that the generator's `conditioning` accepts, the default first. Empty if it has
            no such argument. Defaults to none.
        discriminator_conditioning: Values that the discriminator's `conditioning` accepts, the default first. Defaults
            to none.
    """

    kind: Literal["generator", "translator"]
    normalizations: tuple[str | None, ...] = ()
    doublings: tuple[int, int] | None = None
    multiple: int = 1
    least: int = 1
    ranks: tuple[int, ...] = (3,)
    conditional: bool = False
    generator_conditioning: tuple[str, ...] = ()
    discriminator_conditioning: tuple[str, ...] = ()

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

    def check_conditioning(self, part: Literal["generator", "discriminator"], conditioning: str) -> None:
        """Raises an error for a use of the class labels that a network does not offer.

        Args:
            part: Name of the network.
            conditioning: Value that the user asked for.

        Raises:
            ValueError: If `conditioning` is not one of those of this network.
        """
        offered = self.generator_conditioning if part == "generator" else self.discriminator_conditioning
        if conditioning not in offered:
            raise ValueError(
                f"`conditioning` of the {part} must be one of {list(offered)}. Received: conditioning={conditioning!r}"
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
        check_data_format()
        if len(image_shape) != 3 or not all(isinstance(size, int) and size >= 1 for size in image_shape):
            raise ValueError(
                f"`image_shape` must be (height, width, channels), three positive integers. Received: {image_shape}"
            )
        height, width, _ = image_shape
        near = stages_near(self._limits(), height, width)
        possible = [stages for stages in near if stages.sizes[-1] == (height, width)]
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
        return nearest_doubled(self._limits(), height, width)

    def _limits(self) -> tuple[int, int]:
        assert self.doublings is not None, "the network has no stages"
        return self.doublings
