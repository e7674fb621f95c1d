"""Writes folders of digits, and of digits in red ink on pale ground: `python experiments/coloured_digits.py FOLDER`.

x and y show different digits, paired_x and paired_y the same. test_x and test_y show 200 digits that the others lack.
"""

from __future__ import annotations

import sys
from pathlib import Path

import keras_gan
from keras_gan.images import to_uint8

import numpy as np
from PIL import Image

INK, GROUND = (0.6, -0.6, -0.8), (0.7, 0.8, 0.9)
SIZE = 32


def coloured(digits: np.ndarray) -> np.ndarray:
    """Returns white digits on black, (n, height, width, 3) in [-1, 1], in the colours INK and GROUND."""
    ink = (digits + 1) / 2
    return (ink * np.array(INK) + (1 - ink) * np.array(GROUND)).astype(np.float32)


def write(folder: Path, images: np.ndarray) -> None:
    """Writes a PNG file of 32 x 32 pixels for each image."""
    folder.mkdir(parents=True, exist_ok=True)
    for i, image in enumerate(to_uint8(images)):
        Image.fromarray(image).resize((SIZE, SIZE), Image.Resampling.BILINEAR).save(folder / f"{i:04d}.png")


def main(folder: Path) -> None:
    """Writes all folders."""
    batches = keras_gan.datasets.load("digits", channels=3, batch_size=100)
    digits = np.concatenate(list(batches.as_numpy_iterator()))
    sets = {
        "x": digits[:2000],
        "y": coloured(digits[2000:4000]),
        "paired_x": digits[:2000],
        "paired_y": coloured(digits[:2000]),
        "test_x": digits[4000:4200],
        "test_y": coloured(digits[4000:4200]),
    }
    for name, images in sets.items():
        write(folder / name, images)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
