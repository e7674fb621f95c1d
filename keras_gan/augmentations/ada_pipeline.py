"""What ADA does to an image: which changes, how strong, in which order."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any

import tensorflow as tf

GROUPS = {
    "blit": ("xflip", "rotate90", "xint"),
    "geom": ("scale", "rotate", "aniso", "xfrac"),
    "color": ("brightness", "contrast", "lumaflip", "hue", "saturation"),
}
TRANSFORMS = tuple(name for group in GROUPS.values() for name in group)
GEOMETRIC = {*GROUPS["blit"], *GROUPS["geom"]}
COLOUR = set(GROUPS["color"])


def draw(n: Any, height: int, width: int, p: Any, chosen: Collection[str], seed: Any) -> dict[str, Any]:
    """What to do to each of `n` images.

    Args:
        n: How many.
        height: The images' height.
        width: Their width.
        p: The probability of each transform, of each image by itself.
        chosen: Those of `TRANSFORMS` that may come.
        seed: An int64 tensor (2,).

    Returns:
        By name, float32 (n, 1): `xflip` and `lumaflip`, 1 or -1; `rotate90`, in quarter turns; `scale` and `aniso`,
        exponents of 2; `contrast` and `saturation`, factors; `rotate_before` and `rotate_after`, before and after
        `aniso`, and `hue`, angles; `brightness`, a summand. (n, 2), as x and y in pixels: `xint` and `xfrac`. A
        transform that does not come has the value that changes nothing.
    """
    seeds = tf.unstack(tf.random.split(seed, 3))
    uniform = tf.random.stateless_uniform((n, 8), seeds[0])
    xflip, rotate90, xint, before, after, lumaflip, hue = tf.split(uniform, [1, 1, 2, 1, 1, 1, 1], axis=1)
    normal = tf.random.stateless_normal((n, 7), seeds[1])
    scale, aniso, xfrac, brightness, contrast, saturation = tf.split(normal, [1, 1, 2, 1, 1, 1], axis=1)
    size = tf.constant([width, height], tf.float32)
    drawn = {
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
    gates = tf.split(tf.random.stateless_uniform((n, len(drawn)), seeds[2]), len(drawn), axis=1)
    result = {}
    for (name, (value, neutral)), gate in zip(drawn.items(), gates, strict=True):
        transform = name.split("_")[0]
        chance = 1 - tf.sqrt(1 - p) if transform == "rotate" else p  # that either rotation comes with probability p
        result[name] = tf.where(gate < (chance if transform in chosen else 0.0), value, neutral)
    return result


def geometry(drawn: dict[str, Any]) -> Any:
    """The geometric transforms as one affine map.

    Args:
        drawn: What `draw` returned.

    Returns:
        (n, 2, 3), for `sampling.affine`: from the output back to the input, so the inverses, the first one first.
    """
    xflip, scale, aniso = drawn["xflip"], drawn["scale"], drawn["aniso"]
    # Exact, that no pixel of a quarter turn be interpolated.
    quarter = tf.cast(drawn["rotate90"], tf.int32)
    turn = _rotation(*(tf.gather(tf.constant(of, xflip.dtype), quarter) for of in ([1, 0, -1, 0], [0, 1, 0, -1])))
    # Exponents, not factors to divide by: a graph's 1 / 1 may be 0.99999994, and p = 0 has to change nothing.
    stretch = _diagonal(2 ** -(scale + aniso), 2 ** (aniso - scale))
    blit = _product(_diagonal(xflip, tf.ones_like(xflip)), turn)
    before, after = (_rotation(tf.cos(drawn[name]), tf.sin(drawn[name])) for name in ("rotate_before", "rotate_after"))
    linear = _product(blit, _product(before, _product(stretch, after)))
    offset = -_product(blit, drawn["xint"][..., None]) - _product(linear, drawn["xfrac"][..., None])
    return tf.concat([linear, offset], axis=2)


def colours(images: Any, drawn: dict[str, Any]) -> Any:
    """Images with their colours changed: brightness, contrast, luma flip, hue and saturation, in this order.

    Brightness and luma flip act on the luma, the mean of the channels, contrast on everything; hue turns the colours
    about the grey axis (1, 1, 1), saturation stretches them away from it. With luma l, brightness b, contrast c, flip
    f, hue h and saturation s, Rodrigues' formula gives c (f (l + b) + s (cos h (x - l) + sin h (1, 1, 1) × x / √3)).

    Args:
        images: (batch, height, width, channels), grey or RGB.
        drawn: What `draw` returned. Of grey images hue and saturation are left out.
    """
    names = ("brightness", "contrast", "lumaflip", "hue", "saturation")
    brightness, contrast, flip, hue, saturation = (drawn[name][..., None, None] for name in names)
    luma_gain = contrast * flip
    if images.shape[-1] == 1:
        return luma_gain * (images + brightness)
    along = contrast * saturation * tf.cos(hue)
    across = contrast * saturation * tf.sin(hue) / math.sqrt(3)
    luma = tf.reduce_mean(images, axis=-1, keepdims=True)
    cross = tf.roll(images, 1, axis=-1) - tf.roll(images, -1, axis=-1)
    return along * images + across * cross + ((luma_gain - along) * luma + luma_gain * brightness)


def _rotation(cos: Any, sin: Any) -> Any:
    """(n, 1) and (n, 1) to (n, 2, 2): back by the angle."""
    return tf.reshape(tf.concat([cos, sin, -sin, cos], axis=1), [-1, 2, 2])


def _diagonal(x: Any, y: Any) -> Any:
    """(n, 1) and (n, 1) to (n, 2, 2)."""
    return tf.reshape(tf.concat([x, tf.zeros_like(x), tf.zeros_like(x), y], axis=1), [-1, 2, 2])


def _product(a: Any, b: Any) -> Any:
    """Of (n, 2, 2) and (n, 2, k), in float32 on a GPU too, where matmul would use TF32."""
    return tf.reduce_sum(a[..., None] * b[:, None], axis=2)
