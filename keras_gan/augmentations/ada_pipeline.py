"""The transforms of ADA: their random parameters, and how they change images."""

from __future__ import annotations

import math
from collections.abc import Collection

import tensorflow as tf

from keras_gan.typing import Tensor

GROUPS = {
    "blit": ("xflip", "rotate90", "xint"),
    "geom": ("scale", "rotate", "aniso", "xfrac"),
    "color": ("brightness", "contrast", "lumaflip", "hue", "saturation"),
}
TRANSFORMS = tuple(name for group in GROUPS.values() for name in group)
GEOMETRIC = {*GROUPS["blit"], *GROUPS["geom"]}
COLOUR = set(GROUPS["color"])


def sample_transforms(
    n: Tensor | int, height: int, width: int, p: Tensor, chosen: Collection[str], seed: Tensor
) -> dict[str, Tensor]:
    """Samples the parameters of all transforms for each of `n` images.

    A transform that is not applied to an image gets the value that changes nothing.

    Args:
        n: Number of images.
        height: Height of the images.
        width: Width of the images.
        p: Probability of each transform, independent for each image.
        chosen: Names from `TRANSFORMS` that may be applied.
        seed: Seed of the random numbers, an int64 tensor (2,).

    Returns:
        Float32 tensors by name, (n, 1) unless another shape is given:

        - `xflip`, `lumaflip`: 1 or -1.
        - `rotate90`: Number of quarter turns.
        - `scale`, `aniso`: Exponents of 2.
        - `contrast`, `saturation`: Factors.
        - `rotate_before`, `rotate_after`, `hue`: Angles. The rotations are before and after `aniso`.
        - `brightness`: Summand.
        - `xint`, `xfrac`: Shifts (n, 2), x and y in pixels.
    """
    seeds = tf.unstack(tf.random.split(seed, 3))
    uniform = tf.random.stateless_uniform((n, 8), seeds[0])
    xflip, rotate90, xint, before, after, lumaflip, hue = tf.split(uniform, [1, 1, 2, 1, 1, 1, 1], axis=1)
    normal = tf.random.stateless_normal((n, 7), seeds[1])
    scale, aniso, xfrac, brightness, contrast, saturation = tf.split(normal, [1, 1, 2, 1, 1, 1], axis=1)
    size = tf.constant([width, height], tf.float32)
    sampled = {
        "xflip": (1 - 2 * tf.floor(xflip * 2), 1.0),
        "rotate90": (tf.floor(rotate90 * 4), 0.0),
        "xint": (tf.round((xint * 2 - 1) * 0.125 * size), 0.0),
        "scale": (0.2 * scale, 0.0),
        "rotate_before": ((before * 2 - 1) * math.pi, 0.0),
        "aniso": (0.2 * aniso, 0.0),
        "rotate_after": ((after * 2 - 1) * math.pi, 0.0),
        "xfrac": (0.125 * xfrac * size, 0.0),
        "brightness": (0.2 * brightness, 0.0),
        "contrast": (2 ** (0.5 * contrast), 1.0),
        "lumaflip": (1 - 2 * tf.floor(lumaflip * 2), 1.0),
        "hue": ((hue * 2 - 1) * math.pi, 0.0),
        "saturation": (2**saturation, 1.0),
    }
    p = tf.cast(p, tf.float32)
    gates = tf.split(tf.random.stateless_uniform((n, len(sampled)), seeds[2]), len(sampled), axis=1)
    result = {}
    for (name, (value, neutral)), gate in zip(sampled.items(), gates, strict=True):
        transform = name.split("_")[0]
        chance = 1 - tf.sqrt(1 - p) if transform == "rotate" else p  # one of two rotations with probability p
        result[name] = tf.where(gate < (chance if transform in chosen else 0.0), value, neutral)
    return result


def geometry(sampled: dict[str, Tensor]) -> Tensor:
    """Returns the geometric transforms as one affine map (n, 2, 3), for `sampling.affine`.

    The map goes from the output back to the input: it is the product of the inverses, the first transform first.

    Args:
        sampled: Parameters from `sample_transforms`.
    """
    xflip, scale, aniso = sampled["xflip"], sampled["scale"], sampled["aniso"]
    # Exact sines and cosines, so that quarter turns do not interpolate pixels.
    quarter = tf.cast(sampled["rotate90"], tf.int32)
    turn = _rotation(*(tf.gather(tf.constant(of, xflip.dtype), quarter) for of in ([1, 0, -1, 0], [0, 1, 0, -1])))
    # Exponents instead of divisions: in a graph 1 / 1 may be 0.99999994, but p = 0 must change nothing.
    stretch = _diagonal(2 ** -(scale + aniso), 2 ** (aniso - scale))
    blit = _product(_diagonal(xflip, tf.ones_like(xflip)), turn)
    before, after = (
        _rotation(tf.cos(sampled[name]), tf.sin(sampled[name])) for name in ("rotate_before", "rotate_after")
    )
    linear = _product(blit, _product(before, _product(stretch, after)))
    offset = -_product(blit, sampled["xint"][..., None]) - _product(linear, sampled["xfrac"][..., None])
    return tf.concat([linear, offset], axis=2)


def colours(images: Tensor, sampled: dict[str, Tensor]) -> Tensor:
    """Applies brightness, contrast, luma flip, hue and saturation, in this order.

    Brightness and luma flip change the luma, which is the mean of the channels. Contrast changes everything. Hue
    rotates colours about the grey axis (1, 1, 1). Saturation moves them away from this axis. By Rodrigues' formula the
    result is

        c (f (l + b) + s (cos h (x - l) + sin h (1, 1, 1) × x / √3))

    with luma l, brightness b, contrast c, flip f, hue h and saturation s.

    Args:
        images: Grey or RGB images (batch, height, width, channels). Hue and saturation do not apply to grey images.
        sampled: Parameters from `sample_transforms`.
    """
    names = ("brightness", "contrast", "lumaflip", "hue", "saturation")
    brightness, contrast, flip, hue, saturation = (sampled[name][..., None, None] for name in names)
    luma_gain = contrast * flip
    if images.shape[-1] == 1:
        return luma_gain * (images + brightness)
    along = contrast * saturation * tf.cos(hue)
    across = contrast * saturation * tf.sin(hue) / math.sqrt(3)
    luma = tf.reduce_mean(images, axis=-1, keepdims=True)
    cross = tf.roll(images, 1, axis=-1) - tf.roll(images, -1, axis=-1)
    return along * images + across * cross + ((luma_gain - along) * luma + luma_gain * brightness)


def _rotation(cos: Tensor, sin: Tensor) -> Tensor:
    """Returns rotations back by an angle, (n, 2, 2), from its cosine and sine, (n, 1) each."""
    return tf.reshape(tf.concat([cos, sin, -sin, cos], axis=1), [-1, 2, 2])


def _diagonal(x: Tensor, y: Tensor) -> Tensor:
    """Returns diagonal matrices (n, 2, 2) from their entries, (n, 1) each."""
    return tf.reshape(tf.concat([x, tf.zeros_like(x), tf.zeros_like(x), y], axis=1), [-1, 2, 2])


def _product(a: Tensor, b: Tensor) -> Tensor:
    """Returns the product of (n, 2, 2) and (n, 2, k). On a GPU matmul would use TF32; this stays in float32."""
    return tf.reduce_sum(a[..., None] * b[:, None], axis=2)
