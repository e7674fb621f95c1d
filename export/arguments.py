"""The arguments of an export, checked before any work is done."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from keras_gan.artifacts.versions import GREATEST
from keras_gan.export.formats.onnx import OPSETS

# In dB. The default of what each lower precision must reach.
MIN_PSNR = {"float16": 40.0, "dynamic_int8": 30.0, "int8": 30.0, "int16x8": 30.0}
# How much larger than that of Keras's own images a kernel distance may be.
MAX_KID = 0.01
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def check_name(name: str) -> str:
    """See that `name` can be served.

    Raises:
        ValueError: If it cannot be.
    """
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ValueError(
            '`name` becomes the name of a folder: up to 100 letters, digits, ".", "_" and "-", the first a letter or a '
            f"digit. Received: name={name!r}"
        )
    return name


def check_numbers(version: int | None, tolerance: float, opset: int, max_kid: float | None = MAX_KID) -> None:
    """See that the numbers are in their ranges.

    Raises:
        ValueError: If one is not.
    """
    if version is not None and not (is_whole(version) and 1 <= version <= GREATEST):
        raise ValueError(
            f"`version` must be a positive integer, at most {GREATEST}, or None. Received: version={version!r}"
        )
    if not (math.isfinite(tolerance) and tolerance >= 0):
        raise ValueError(f"`tolerance` must be a finite number >= 0. Received: tolerance={tolerance}")
    if max_kid is not None and not (math.isfinite(max_kid) and max_kid >= 0):
        raise ValueError(f"`max_kid` must be a finite number >= 0 or None. Received: max_kid={max_kid}")
    if not (is_whole(opset) and opset in OPSETS):
        raise ValueError(f"`opset` must be an integer from {OPSETS[0]} to {OPSETS[-1]}. Received: opset={opset!r}")


def check_min_psnr(min_psnr: Mapping[str, float] | None) -> dict[str, float]:
    """The least PSNR of each lower precision.

    Raises:
        ValueError: If a precision is unknown, or its figure is no positive number.
    """
    given = dict(min_psnr or {})
    if not set(given) <= set(MIN_PSNR) or not all(math.isfinite(least) and least > 0 for least in given.values()):
        raise ValueError(f"`min_psnr` must hold a number > 0 for any of {list(MIN_PSNR)}. Received: {min_psnr!r}")
    return {**MIN_PSNR, **{precision: float(least) for precision, least in given.items()}}


def check_batch_sizes(batch_sizes: Sequence[int]) -> tuple[int, ...]:
    """The batch sizes in order, each once.

    Raises:
        ValueError: If they are not positive integers.
    """
    if not batch_sizes or not all(is_whole(size) and size >= 1 for size in batch_sizes):
        raise ValueError(f"`batch_sizes` must be positive integers. Received: batch_sizes={batch_sizes!r}")
    return tuple(sorted({int(size) for size in batch_sizes}))


def refuse_for_a_gan(**arguments: Any) -> None:
    """Refuse what only a model that translates images can be given.

    Raises:
        ValueError: If any of `arguments` is not None.
    """
    if given := [name for name, value in arguments.items() if value is not None]:
        raise ValueError(
            f"Expected a model that translates images, such as a CycleGAN, for {', '.join(f'`{n}`' for n in given)}. "
            "Received: a GAN, which draws images from z"
        )


def is_whole(value: Any) -> bool:
    """Whether it is an integer; True and False are none."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def plain(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """The recipe as JSON gives it back.

    Raises:
        ValueError: If it holds what JSON cannot.
    """
    try:
        read_back: dict[str, Any] = json.loads(json.dumps(dict(recipe), allow_nan=False))
    except (TypeError, ValueError) as error:
        raise ValueError(f"`recipe` must hold what JSON can. Received: {recipe!r}, of which {error}") from error
    return read_back
