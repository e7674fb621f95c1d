"""Hold trained translations of emoji against the true partners, beside no translation, with intervals of the gain.

python docs/emoji_translation.py RUN [RUN ...], half a minute a run. Each RUN is a folder that

    keras-gan train --model cyclegan_st --x emoji/google --y emoji/twitter --no-augment --seed 0 --output RUN

made, of another seed; a held-out pair's gain is their mean. Pairs are drawn anew 10,000 times for the intervals.
With --picture FILE some pairs are shown, translated by the first RUN.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from keras_gan import metrics
from keras_gan.cli.run import load_trained
from keras_gan.datasets import emoji
from keras_gan.images import save_grid, to_float

DRAWS, SHOWN = 10_000, 12


def of_each_pair(extractor: metrics.EfficientNetLite0, images: np.ndarray, true: np.ndarray) -> dict[str, np.ndarray]:
    """Whether the partner is the nearest, whether it is among five, and how far it is: (n,) each."""
    directions = [
        features / np.linalg.norm(features, axis=1, keepdims=True)
        for features in map(extractor.features, (images, true))
    ]
    cosines = directions[0] @ directions[1].T
    nearer = np.count_nonzero(cosines >= np.diag(cosines)[:, None], axis=1) - 1
    pixels = np.abs(images - true).mean(axis=(1, 2, 3))
    return {
        "top-1": nearer < 1,
        "top-5": nearer < 5,
        "feature distance": extractor.distance(images, true),
        "pixels": pixels,
    }


def main() -> None:
    """Print the figures of each run, and the intervals of their mean gain."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("runs", nargs="+", type=Path)
    arguments.add_argument("--picture", type=Path)
    given = arguments.parse_args()
    x, y = (to_float(emoji.read(vendor, split="test")) for vendor in ("google", "twitter"))
    extractor = metrics.EfficientNetLite0()
    target = extractor.features(y)
    identity = of_each_pair(extractor, x, y)
    translated = [load_trained(run).translate(x) for run in given.runs]
    found = [of_each_pair(extractor, images, y) for images in translated]
    for name, images, figures in zip(
        ["x, left as it is", *map(str, given.runs)], [x, *translated], [identity, *found], strict=True
    ):
        kernel = metrics.kernel_distance(target, extractor.features(images)).mean
        print(name, {key: round(float(np.mean(value)), 4) for key, value in figures.items()}, f"KID {kernel:.4f}")
    drawn = np.random.default_rng(0).integers(0, len(x), (DRAWS, len(x)))
    for key, of_identity in identity.items():
        gain = np.mean([figures[key] for figures in found], axis=0) - of_identity
        low, high = np.percentile(gain[drawn].mean(axis=1), [2.5, 97.5])
        print(f"gain in {key}: {gain.mean():+.4f}, 95 % of draws from {low:+.4f} to {high:+.4f}")
    if given.picture:
        chosen = np.linspace(0, len(x) - 1, SHOWN).astype(int)
        save_grid(
            given.picture,
            np.concatenate([x[chosen], translated[0][chosen], y[chosen]]),
            SHOWN,
            row_titles=["x", "G(x)", "y"],
        )


if __name__ == "__main__":
    main()
