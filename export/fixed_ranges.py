"""Whether a generator can be computed in 8 bits, each tensor having one range for all images."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np

from keras_gan.export.arguments import MIN_PSNR
from keras_gan.export.parity import LEVELS, psnr
from keras_gan.export.reference import Case
from keras_gan.export.source import Source, Variant
from keras_gan.serving.engines import open_engine

_IMAGES = 16
# In dB above what an export demands, as the images that it compares are others.
_MARGIN = 2.0


def fixed_ranges_suffice(path: Path, source: Source, variant: Variant) -> bool:
    """Whether a file in 8 bits draws what Keras draws.

    Without normalisation features have no size of their own: R3GAN's differ by the image and by the channel so much
    that 8 bits of one range leave too little of them.

    Args:
        path: The file.
        source: What it was made of.
        variant: The signature to try, with representative inputs.
    """
    run, squares = open_engine(path).run, list[float]()
    for row in itertools.islice(source.representative(), _IMAGES):
        case = Case(row, source.draw(row)).called_by(variant, source.image_range)
        squares.append(float(np.mean((run(case.inputs)["image"].astype(np.float64) - case.expected) ** 2)))
    found = psnr(float(np.mean(squares)), LEVELS if variant.dtype == "uint8" else source.image_range)
    return found is None or found >= MIN_PSNR["int8"] + _MARGIN
