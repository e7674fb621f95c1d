"""Facts about a network that other parts of the package ask for."""

from __future__ import annotations

import dataclasses
from typing import Literal

from keras_gan.typing import Shape


@dataclasses.dataclass(frozen=True)
class Capabilities:
    """Facts about a network. Each module of `keras_gan.networks` with a network has its own as `CAPABILITIES`.

    Args:
        kind: `"generator"` makes images from a latent vector z, `"translator"` makes images from images.
        normalizations: Values that the discriminator's `normalization` accepts, the default first. Empty if it has
            no such argument. Defaults to none.
        sizes: Heights that the network makes, of square images; `None` for any height and width. Defaults to `None`.
        conditional: `True` if the network accepts `num_classes`. Defaults to `False`.
    """

    kind: Literal["generator", "translator"]
    normalizations: tuple[str | None, ...] = ()
    sizes: tuple[int, ...] | None = None
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

    def check_square(self, image_shape: Shape) -> None:
        """Raises an error for a shape of images that the network does not make.

        Args:
            image_shape: (height, width, channels).

        Raises:
            ValueError: If `image_shape` is not (size, size, channels) with one of `sizes`.
        """
        is_square = len(image_shape) == 3 and image_shape[0] == image_shape[1] and image_shape[2] >= 1
        if not is_square or image_shape[0] not in (self.sizes or image_shape[:1]):
            raise ValueError(
                f"`image_shape` must be (size, size, channels) with size one of {self.sizes}. "
                f"Received: image_shape={image_shape}. Resize the images, or use keras_gan.networks.mlp."
            )
