"""Check of the image shape of image-to-image networks."""

from __future__ import annotations

from keras_gan.networks.data_format import check_data_format
from keras_gan.utils.image_stages import name_nearest, nearest_multiples

Shape = tuple[int | None, int | None, int]


def check_image_shape(image_shape: Shape, multiple: int = 1, least: int = 1, hint: str = "") -> None:
    """Raises an error for a shape that a fully convolutional network does not support.

    Args:
        image_shape: Shape (height, width, channels). Height and width may be `None`, unknown.
        multiple: Number that must divide height and width. Defaults to 1.
        least: Least height and width. Defaults to 1.
        hint: End of the error message, which says what to do. Defaults to none.

    Raises:
        ValueError: If `image_shape` is not supported.
    """
    check_data_format()
    sizes = [size for size in image_shape[:2] if size is not None]
    if (
        len(image_shape) != 3
        or any(size < least or size % multiple for size in sizes)
        or image_shape[2] is None
        or image_shape[2] < 1
    ):
        divisible = f"divisible by {multiple}" if multiple > 1 else ""
        enough = f"at least {least}" if least > multiple or multiple == 1 else ""
        nearest = ""
        if len(sizes) == 2:
            nearest = ". " + name_nearest(nearest_multiples((sizes[0], sizes[1]), multiple, least)).rstrip(".")
        raise ValueError(
            "`image_shape` must be (height, width, channels), height and width `None` or "
            f"{' and '.join(filter(None, (divisible, enough)))}. Received: image_shape={image_shape}{nearest}{hint}"
        )
