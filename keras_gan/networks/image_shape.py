"""What image-to-image networks ask of an image's shape."""

from __future__ import annotations

Shape = tuple[int | None, int | None, int]


def check_image_shape(image_shape: Shape, multiple: int = 1, least: int = 1, hint: str = "") -> None:
    """Refuse a shape that a fully convolutional network cannot take.

    Args:
        image_shape: (height, width, channels); height and width may be `None`, unknown.
        multiple: What height and width must be divisible by. Defaults to 1.
        least: What they must be at least. Defaults to 1.
        hint: What to do about it, the end of the error. Defaults to none.

    Raises:
        ValueError: If `image_shape` is not such a shape.
    """
    sizes = [size for size in image_shape[:2] if size is not None]
    if (
        len(image_shape) != 3
        or any(size < least or size % multiple for size in sizes)
        or image_shape[2] is None
        or image_shape[2] < 1
    ):
        divisible = f"divisible by {multiple}" if multiple > 1 else ""
        enough = f"at least {least}" if least > multiple or multiple == 1 else ""
        raise ValueError(
            "`image_shape` must be (height, width, channels), height and width `None` or "
            f"{' and '.join(filter(None, (divisible, enough)))}. Received: image_shape={image_shape}{hint}"
        )
