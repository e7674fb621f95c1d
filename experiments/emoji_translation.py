"""Translate Google's emoji into Twitter's, learnt without pairs, and hold each against its true partner.

python experiments/emoji_translation.py FOLDER, about ten minutes of one core. Five trainings, each without another
fifth of the emoji, so that every one is held out once; what is in FOLDER already is not trained again. For the
intervals of the gain over no translation the pairs are drawn anew 10,000 times. With --picture FILE some of the first
fold are shown.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from keras_gan import metrics
from keras_gan.cli.run import load_trained
from keras_gan.datasets import emoji
from keras_gan.images import save_grid, to_float

DRAWS, SHOWN = 10_000, 12
VENDORS = ("google", "twitter")


def train(folder: Path, fold: int) -> Path:
    """Train on four fifths, from folders of images, as anyone would."""
    run = folder / "run"
    if (run / "gan.keras").exists():
        return run
    for vendor in VENDORS:
        (folder / vendor).mkdir(parents=True, exist_ok=True)
        for number, pixels in enumerate(emoji.read(vendor, "train", fold)):
            Image.fromarray(pixels).save(folder / vendor / f"{number:04d}.png")
    x, y = (str(folder / vendor) for vendor in VENDORS)
    command = ["train", "--model", "cyclegan_st", "--x", x, "--y", y, "--no-augment", "--seed", "0"]
    subprocess.run([sys.executable, "-m", "keras_gan", *command, "--output", str(run)], check=True)
    return run


def of_each_pair(features: np.ndarray, target: np.ndarray) -> dict[str, np.ndarray]:
    """Whether the partner is the nearest, and whether it is among five, by the cosine: (n,) each."""
    directions = [one / np.linalg.norm(one, axis=1, keepdims=True) for one in (features, target)]
    cosines = directions[0] @ directions[1].T
    nearer = np.count_nonzero(cosines >= np.diag(cosines)[:, None], axis=1) - 1
    return {"top-1": nearer < 1, "top-5": nearer < 5}


def main() -> None:
    """Train what is not there, and print the figures of each fold and the gains over all of them."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--picture", type=Path)
    given = arguments.parse_args()
    extractor = metrics.EfficientNetLite0()
    gains: dict[str, list[np.ndarray]] = {}
    for fold in range(emoji.FOLDS):
        run = train(given.folder / str(fold), fold)
        x, y = (to_float(emoji.read(vendor, "test", fold)) for vendor in VENDORS)
        translated = load_trained(run).translate(x)
        target = extractor.features(y)
        found = []
        for images in (x, translated):
            features = extractor.features(images)
            figures = {
                **of_each_pair(features, target),
                "distance": extractor.distance(images, y),
                "pixels": np.abs(images - y).mean(axis=(1, 2, 3)),
            }
            found.append(figures)
            kernel = metrics.kernel_distance(target, features).mean
            means = ", ".join(f"{name} {np.mean(value):.4f}" for name, value in figures.items())
            print(
                f"fold {fold}, {len(x)} pairs, {'x' if images is x else 'G(x)'}: {means}, KID {kernel:.4f}", flush=True
            )
        for name in found[0]:
            gains.setdefault(name, []).append(np.subtract(found[1][name], found[0][name], dtype=float))
        if given.picture and fold == 0:
            chosen = np.linspace(0, len(x) - 1, SHOWN).astype(int)
            shown = np.concatenate([x[chosen], translated[chosen], y[chosen]])
            save_grid(given.picture, shown, SHOWN, row_titles=["x", "G(x)", "y"])
    rng = np.random.default_rng(0)
    for name, of_folds in gains.items():
        gain = np.concatenate(of_folds)
        means = [gain[rng.integers(0, len(gain), len(gain))].mean() for _ in range(DRAWS)]
        low, high = np.percentile(means, [2.5, 97.5])
        print(f"gain in {name}: {gain.mean():+.4f}, 95 % of draws from {low:+.4f} to {high:+.4f}")


if __name__ == "__main__":
    main()
