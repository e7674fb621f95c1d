"""Shifts and affine maps of images by gathers, since TensorFlow's resampling cannot be differentiated twice."""

from __future__ import annotations

import tensorflow as tf

from keras_gan.typing import Tensor


def gather_pixels(images: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Returns the pixels at given positions, (batch, ..., channels).

    Args:
        images: Images (batch, height, width, channels).
        rows: Int32 tensor (batch, ...), from 0 to height - 1.
        columns: Int32 tensor (batch, ...), from 0 to width - 1.
    """
    _, height, width, channels = images.shape
    return tf.gather(tf.reshape(images, [-1, height * width, channels]), rows * width + columns, batch_dims=1)


def shift(images: Tensor, offsets: Tensor) -> Tensor:
    """Returns images shifted by whole pixels. New pixels are 0.

    Args:
        images: Images (batch, height, width, channels).
        offsets: Int32 tensor (batch, 2), down and right.
    """
    _, height, width, _ = images.shape
    rows = tf.range(height)[:, None] - offsets[:, 0, None, None]
    columns = tf.range(width) - offsets[:, 1, None, None]
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    pixels = gather_pixels(images, tf.clip_by_value(rows, 0, height - 1), tf.clip_by_value(columns, 0, width - 1))
    return pixels * tf.cast(inside[..., None], images.dtype)


def affine(images: Tensor, matrices: Tensor) -> Tensor:
    """Returns images transformed by affine maps, with bilinear sampling.

    Beyond its edge an image is mirrored, without repeating the edge.

    Args:
        images: Images (batch, height, width, channels).
        matrices: Maps (batch, 2, 3) of the dtype of the images. Each maps (x, y, 1) in the output to (x, y) in the
            input, in pixels from the centre.
    """
    _, height, width, _ = images.shape
    centre_x, centre_y = (width - 1) / 2, (height - 1) / 2
    x = tf.range(width, dtype=images.dtype) - centre_x
    y = tf.range(height, dtype=images.dtype)[:, None] - centre_y
    # No matmul, which on a GPU rounds coordinates to the ten bits of TF32.
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


def _mirrored(index: Tensor, size: int) -> Tensor:
    last = max(size - 1, 1)
    return tf.minimum(tf.abs((index + last) % (2 * last) - last), size - 1)
