"""Checks of an export's arguments, before any work is done."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from keras_gan.artifacts.formats import MIN_PSNR
from keras_gan.artifacts.versions import GREATEST
from keras_gan.export.formats.onnx import OPSETS

# The default of the largest excess over the kernel distance of Keras's own images.
MAX_KID = 0.01
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def check_name(name: str) -> str:
    """Checks that a model can be served under `name`.

    Raises:
        ValueError: If it cannot.
    """
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ValueError(
            '`name` becomes the name of a folder. It must be up to 100 letters, digits, ".", "_" and "-", and begin '
            f"with a letter or a digit. Received: name={name!r}"
        )
    return name


def check_numbers(version: int | None, tolerance: float, opset: int, max_kid: float | None = MAX_KID) -> None:
    """Checks that numbers are in their ranges.

    Raises:
        ValueError: If one is not.
    """
    if version is not None and not (is_integer(version) and 1 <= version <= GREATEST):
        raise ValueError(
            f"`version` must be a positive integer, at most {GREATEST}, or None. Received: version={version!r}"
        )
    if not (math.isfinite(tolerance) and tolerance >= 0):
        raise ValueError(f"`tolerance` must be a finite number >= 0. Received: tolerance={tolerance}")
    if max_kid is not None and not (math.isfinite(max_kid) and max_kid >= 0):
        raise ValueError(f"`max_kid` must be a finite number >= 0 or None. Received: max_kid={max_kid}")
    if not (is_integer(opset) and opset in OPSETS):
        raise ValueError(f"`opset` must be an integer from {OPSETS[0]} to {OPSETS[-1]}. Received: opset={opset!r}")


def check_min_psnr(min_psnr: Mapping[str, float] | None) -> dict[str, float]:
    """Returns the least PSNR of each reduced precision, with defaults for those that are not given.

    Raises:
        ValueError: If a precision is unknown, or its PSNR is not a positive number.
    """
    given = dict(min_psnr or {})
    if not set(given) <= set(MIN_PSNR) or not all(math.isfinite(least) and least > 0 for least in given.values()):
        raise ValueError(f"`min_psnr` must hold a number > 0 for any of {list(MIN_PSNR)}. Received: {min_psnr!r}")
    return {precision: float(given.get(precision, least)) for precision, least in MIN_PSNR.items()}


def check_batch_sizes(batch_sizes: Sequence[int]) -> tuple[int, ...]:
    """Returns the batch sizes in order, without duplicates.

    Raises:
        ValueError: If they are not positive integers.
    """
    if not batch_sizes or not all(is_integer(size) and size >= 1 for size in batch_sizes):
        raise ValueError(f"`batch_sizes` must be positive integers. Received: batch_sizes={batch_sizes!r}")
    return tuple(sorted({int(size) for size in batch_sizes}))


def refuse_for_a_gan(**arguments: Any) -> None:
    """Refuses arguments that only a translation model supports.

    Raises:
        ValueError: If any of `arguments` is not None.
    """
    if given := [name for name, value in arguments.items() if value is not None]:
        raise ValueError(
            f"{', '.join(f'`{n}`' for n in given)} must be None, except for a model that translates images, such as a "
            "CycleGAN. Received: a GAN"
        )


def is_integer(value: Any) -> bool:
    """Returns True for an integer, but not for True and False."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def as_json(training: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a training record as JSON reads it back.

    Raises:
        ValueError: If it holds values that JSON does not support.
    """
    try:
        read_back: dict[str, Any] = json.loads(json.dumps(dict(training), allow_nan=False))
    except (TypeError, ValueError) as error:
        raise ValueError(f"`training` must hold JSON values only. Received: {training!r} ({error})") from error
    return read_back
