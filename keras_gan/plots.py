"""Pictures of vectors and sequences: points in a plane, and curves."""

from __future__ import annotations

import math
import wave
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from keras_gan.typing import PathLike
from keras_gan.utils.files import atomic_path

SIDE = 512  # pixels of a scatter plot
CELL = (160, 96)  # width and height in pixels of a plot of one sequence
MARGIN = 12
GAP = 2
COLOURS = ("#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22", "#17becf")
RATE = 16000  # of WAV files whose rate is not known


def plot(values: np.ndarray, columns: int | None = None, groups: Sequence[int] = ()) -> np.ndarray:
    """Returns a picture of vectors or sequences: points for vectors of two numbers, else a curve for each.

    Args:
        values: At least one vector, (n, length), or sequence, (n, length, channels).
        columns: Number of curves in a row. Defaults to `None`, the square root of n, rounded up.
        groups: Number of the class of each, which gives points their colours. Defaults to none.

    Returns:
        A uint8 array (height, width, 3).

    Raises:
        ValueError: If the values have another shape, or are not finite.

    Example:
    ```python
    picture = keras_gan.plots.plot(gan.generate(500))
    ```
    """
    values = np.asarray(values, np.float32)
    if values.ndim not in (2, 3) or 0 in values.shape or not np.isfinite(values).all():
        raise ValueError(
            "`values` must be finite, of shape (n >= 1, length) or (n >= 1, length, channels). "
            f"Received: shape {values.shape}"
        )
    if values.shape[1:] == (2,):
        return _scatter(values, groups)
    return _curves(values if values.ndim == 3 else values[..., None], columns)


def save_plot(path: PathLike, values: np.ndarray, columns: int | None = None, groups: Sequence[int] = ()) -> None:
    """Save a picture of vectors or sequences as a PNG file; see `plot`.

    Args:
        path: File to write, ending in `.png`.
        values: Vectors (n, length) or sequences (n, length, channels).
        columns: Number of curves in a row. Defaults to `None`, the square root of n, rounded up.
        groups: Number of the class of each. Defaults to none.

    Example:
    ```python
    keras_gan.plots.save_plot("samples.png", gan.generate(500))
    ```
    """
    with atomic_path(path) as temporary:
        Image.fromarray(plot(values, columns, groups)).save(temporary, format="PNG")


def save_wav(path: PathLike, sequence: np.ndarray, rate: int = RATE) -> None:
    """Save a sequence as a WAV file of 16 bits. Values beyond [-1, 1] are clipped.

    Args:
        path: File to write, ending in `.wav`.
        sequence: Floats (length, channels), with 1 or 2 channels.
        rate: Sample rate in Hz. Defaults to 16000.

    Raises:
        ValueError: If the sequence has another shape.

    Example:
    ```python
    keras_gan.plots.save_wav("sound.wav", gan.generate(1)[0])
    ```
    """
    sequence = np.asarray(sequence, np.float32)
    if sequence.ndim != 2 or sequence.shape[1] not in (1, 2):
        raise ValueError(f"`sequence` must be of shape (length, 1 or 2). Received: shape {sequence.shape}")
    samples = np.clip(np.rint(sequence * 32767), -32768, 32767).astype("<i2")
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    with atomic_path(path) as temporary, wave.open(str(temporary), "wb") as file:
        file.setnchannels(sequence.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())


def _scatter(points: np.ndarray, groups: Sequence[int]) -> np.ndarray:
    """Returns a square picture of points. The axes have the same scale, and both pass through 0."""
    picture = Image.new("RGB", (SIDE, SIDE), "white")
    draw = ImageDraw.Draw(picture)
    low, high = points.min(0), points.max(0)
    scale = (SIDE - 2 * MARGIN) / max(float((high - low).max()), 1e-6)
    centre = (low + high) / 2
    places = (points - centre) * (scale, -scale) + SIDE / 2
    x, y = -centre * (scale, -scale) + SIDE / 2
    draw.line([(x, 0), (x, SIDE)], fill="#dddddd")
    draw.line([(0, y), (SIDE, y)], fill="#dddddd")
    for i, (left, top) in enumerate(places.tolist()):
        colour = COLOURS[groups[i] % len(COLOURS)] if len(groups) else COLOURS[0]
        draw.ellipse([left - 2, top - 2, left + 2, top + 2], fill=colour)
    return np.asarray(picture)


def _curves(sequences: np.ndarray, columns: int | None) -> np.ndarray:
    """Returns a grid of curves with one scale, a colour for each channel."""
    n = len(sequences)
    columns = columns or math.ceil(math.sqrt(n))
    width, height = CELL
    size = (columns * (width + GAP) + GAP, math.ceil(n / columns) * (height + GAP) + GAP)
    picture = Image.new("RGB", size, "#bbbbbb")
    draw = ImageDraw.Draw(picture)
    low, high = min(float(sequences.min()), 0.0), max(float(sequences.max()), 0.0)
    scale = (height - 8) / max(high - low, 1e-6)
    length = sequences.shape[1]
    steps = np.linspace(0, width - 1, length)
    for i, sequence in enumerate(sequences):
        left, top = GAP + i % columns * (width + GAP), GAP + i // columns * (height + GAP)
        draw.rectangle([left, top, left + width - 1, top + height - 1], fill="white")
        zero = top + 4 + high * scale
        draw.line([(left, zero), (left + width - 1, zero)], fill="#dddddd")
        for channel, curve in enumerate(sequence.T):
            line = np.stack([left + steps, top + 4 + (high - curve) * scale], axis=1)
            draw.line([tuple(point) for point in line.tolist()], fill=COLOURS[channel % len(COLOURS)])
    return np.asarray(picture)
