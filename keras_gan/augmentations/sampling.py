"""Moving pixels, by gathers alone: the gradient of TensorFlow's own resampling cannot be differentiated again."""

from __future__ import annotations

from typing import Any

import tensorflow as tf


def gather_pixels(images: Any, rows: Any, columns: Any) -> Any:
    """The pixels at given places.

    Args:
        images: (batch, height, width, channels).
        rows: int32 (batch, ...), from 0 to height - 1.
        columns: int32 (batch, ...), from 0 to width - 1.

    Returns:
        (batch, ..., channels).
    """
    _, height, width, channels = images.shape
    return tf.gather(tf.reshape(images, [-1, height * width, channels]), rows * width + columns, batch_dims=1)


def shift(images: Any, offsets: Any) -> Any:
    """Images moved by whole pixels; what comes in is 0.

    Args:
        images: (batch, height, width, channels).
        offsets: int32 (batch, 2): down, right.
    """
    _, height, width, _ = images.shape
    rows = tf.range(height)[:, None] - offsets[:, 0, None, None]
    columns = tf.range(width) - offsets[:, 1, None, None]
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    pixels = gather_pixels(images, tf.clip_by_value(rows, 0, height - 1), tf.clip_by_value(columns, 0, width - 1))
    return pixels * tf.cast(inside[..., None], images.dtype)


def affine(images: Any, matrices: Any) -> Any:
    """Images seen through affine maps: bilinear, and outside of the image its mirror image, the edge not repeated.

    Args:
        images: (batch, height, width, channels).
        matrices: (batch, 2, 3) of the images' dtype: from where in the output, (x, y, 1), to where in the input, (x,
            y), both in pixels from the image's centre.
    """
    _, height, width, _ = images.shape
    centre_x, centre_y = (width - 1) / 2, (height - 1) / 2
    x = tf.range(width, dtype=images.dtype) - centre_x
    y = tf.range(height, dtype=images.dtype)[:, None] - centre_y
    # Products and sums, no matmul: on a GPU that would round coordinates to the ten bits of TF32.
    m = matrices[..., None, None]
    from_x = m[:, 0, 0] * x + m[:, 0, 1] * y + m[:, 0, 2] + centre_x
    from_y = m[:, 1, 0] * x + m[:, 1, 1] * y + m[:, 1, 2] + centre_y
    left, top = tf.floor(from_x), tf.floor(from_y)
    right_share, bottom_share = from_x - left, from_y - top
    column, row = tf.cast(left, tf.int32), tf.cast(top, tf.int32)
    result = tf.zeros_like(images)
    for rows, row_share in ((row, 1 - bottom_share), (row + 1, bottom_share)):
        for columns, column_share in ((column, 1 - right_share), (column + 1, right_share)):
            pixels = gather_pixels(images, _mirrored(rows, height), _mirrored(columns, width))
            result += pixels * (row_share * column_share)[..., None]
    return result


def _mirrored(index: Any, size: int) -> Any:
    last = max(size - 1, 1)
    return tf.minimum(tf.abs((index + last) % (2 * last) - last), size - 1)
