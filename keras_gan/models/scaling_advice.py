"""Advice on how to scale images whose values are outside the range of a model."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from keras_gan.typing import Range


def advice_for_values(images: np.ndarray, image_range: Range) -> str:
    """Returns a sentence that says what the values look like, and how to scale them.

    Args:
        images: Finite images, some of whose values are outside `image_range`.
        image_range: Least and greatest value that the model supports.
    """
    low, high = float(images.min()), float(images.max())
    mean, deviation = float(images.mean(dtype=np.float64)), float(images.std(dtype=np.float64))
    signed = image_range[0] < 0
    if low >= -1.1 and high <= 1.1:  # the model's range is [0, 1]
        return "They seem to be in [-1, 1]: scale them with `(images + 1) / 2`."
    if low < 0 and max(-low, high) < 30 and abs(mean) < 0.8 and 0.4 < deviation < 2.0:
        return (
            f"They seem to be standardised (mean {mean:.2g}, deviation {deviation:.2g}): undo it with `images * "
            f"deviation + mean`, by the numbers that it was done with. {_by_range(signed)}"
        )
    return _advice_for_integers(images, low, high, signed) or _by_range(signed)


def _advice_for_integers(images: np.ndarray, low: float, high: float, signed: bool) -> str:
    """Returns the advice for values that seem to come from integers of 8 or 16 bits; "" for others."""
    whole = bool((images == np.rint(images)).all())
    if low >= 0 and high <= 255 and (whole or high > 64):
        return f"They seem to be from 0 to 255: scale them with `{_divided(255, signed)}`."
    if low >= 0 and high <= 65535 and whole:
        return f"They seem to have 16 bits: scale them with `{_divided(65535, signed)}`, or by their own range. " + (
            _by_range(signed)
        )
    if -128 <= low < 0 and high <= 127 and whole:
        centred = "images / 127.5" if signed else "(images + 127.5) / 255.0"
        return f"They seem to be from -128 to 127: scale them with `{centred}`."
    if low < -128 and -low <= 255 and 128 < high <= 255:
        return (
            "They seem to have been multiplied by 255 after they were scaled to [-1, 1]: divide them by 255. "
            f"Images from 0 to 255 are scaled with `{_divided(255, signed)}`."
        )
    return ""


def advice_for_dtype(dtype: npt.DTypeLike, image_range: Range) -> str:
    """Returns a sentence that says how to scale images that are not floats."""
    kind, signed = np.dtype(dtype), image_range[0] < 0
    if kind == np.uint16:
        return f"Scale 16-bit images with `{_divided(65535, signed)}`, or by their own range. {_by_range(signed)}"
    if kind == np.bool_:
        return f"Convert them with `{'images * 2.0 - 1' if signed else 'images * 1.0'}`."
    return f"Scale 0..255 images with `{_divided(255, signed)}`."


def _divided(most: int, signed: bool) -> str:
    return f"images / {most / 2} - 1" if signed else f"images / {most}.0"


def _by_range(signed: bool) -> str:
    scaled = "(images - low) / (high - low)"
    formula = f"{scaled} * 2 - 1" if signed else scaled
    return f"Scale by the least and the greatest value of the whole data set with `{formula}`."
