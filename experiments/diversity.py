"""Measures the metrics of generators that collapsed on purpose, completely or in part, and of good ones.

    python experiments/diversity.py   # rewrites docs/measurements/diversity.md
    python experiments/diversity.py --only "3 images" "5 of 10 classes"   # prints some rows

The limits of `keras_gan/report/verdicts.py` and of `low_diversity` in `TrainingHealth` come from this table. It takes
about five minutes on two cores.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras_gan
from keras_gan import metrics
from keras_gan.callbacks.diversity_watch import DiversityWatch
from keras_gan.metrics.scores.generation import feature_scores
from keras_gan.report.verdicts import judge_health, judge_score

import numpy as np

from page_blocks import rewrite
from training_health import Training, dcgan, train

DOCS = Path(__file__).parent.parent / "docs"
PAGE = DOCS / "measurements" / "diversity.md"
IMAGES = 1000
CONTRAST = (0.8, 1.0)  # factors of the contrast, which tells copies of an image apart
SCORES = ("precision", "recall", "density", "coverage")

images, labels = keras_gan.datasets.load_arrays("digits")
order = np.random.default_rng(0).permutation(len(images))
images, labels = keras_gan.images.to_float(images)[order], labels[order]
REAL, OTHERS, OTHER_LABELS = images[:IMAGES], images[IMAGES : 5 * IMAGES], labels[IMAGES : 5 * IMAGES]
Generate = Callable[[np.random.Generator], np.ndarray]


def varied(chosen: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Returns images with another contrast."""
    return ((chosen + 1) * rng.uniform(*CONTRAST, (len(chosen), 1, 1, 1)) - 1).astype(np.float32)


def few_images(number: int, share: float = 1.0) -> Generate:
    """Returns a generator of `number` images with other contrasts, in a share of its images. The others are real."""

    def generate(rng: np.random.Generator) -> np.ndarray:
        repeated = rng.random(IMAGES) < share
        copies = varied(OTHERS[rng.integers(0, number, IMAGES)], rng)
        return np.where(repeated[:, None, None, None], copies, OTHERS[-IMAGES:])

    return generate


def few_classes(number: int) -> Generate:
    """Returns a generator of real images of `number` classes."""

    def generate(rng: np.random.Generator) -> np.ndarray:
        known = OTHERS[number > OTHER_LABELS]
        often = np.concatenate([rng.permutation(len(known)) for _ in range(-(-IMAGES // len(known)))])
        return varied(known[often[:IMAGES]], rng)

    return generate


def trained(training: Training, steps: int) -> Generate:
    """Returns the generator of a training."""

    def generate(_: np.random.Generator) -> np.ndarray:
        gan, health = train(training, seed=1, steps=steps)
        found = ", ".join(finding.kind.replace("_", " ") for finding in health.findings) or "nothing"
        print(f"# TrainingHealth found {found}: {health.measured}", flush=True)
        return gan.generate(IMAGES, seed=0)

    return generate


# D is trained three times as often as the generator, ten times as fast, and is soon certain.
CERTAIN = Training(None, 400, dcgan(), "digits", rate=1e-4, d_rate=2e-3, arguments={"loss": "minimax", "d_steps": 3})
# The generator is trained eight times as often as D, and follows it from image to image.
FOLLOWING = Training(None, 400, dcgan(), "digits", rate=1e-3, arguments={"g_steps": 8})
GENERATORS: dict[str, Generate] = {
    "other real images": lambda _: OTHERS[-IMAGES:],
    "1 image": few_images(1),
    **{f"{n} images": few_images(n) for n in (3, 10, 30, 100)},
    **{f"{share:.0%} from 3 images, the rest real": few_images(3, share) for share in (0.9, 0.75, 0.5, 0.25)},
    **{f"{n} of 10 classes": few_classes(n) for n in (1, 3, 5, 8)},
    "DCGAN, a certain D": trained(CERTAIN, 400),
    "DCGAN, 8 updates of G for one of D": trained(FOLLOWING, 400),
    "DCGAN, 300 steps": trained(Training(None, networks=dcgan(), data="digits"), 300),
    "DCGAN, 2,500 steps": trained(Training(None, networks=dcgan(), data="digits"), 2500),
}


def row(name: str) -> str:
    """Measures one generator. Returns a line of the table."""
    extractor = metrics.EfficientNetLite0(input_size=64)
    generated = GENERATORS[name](np.random.default_rng(1))
    scores = feature_scores(metrics.real_features(REAL, extractor), extractor.features(generated), extractor)
    similarity, real_similarity = (metrics.ms_ssim_diversity(one).mean for one in (generated, REAL))
    watch = DiversityWatch(REAL)
    watch.look_at(generated[:: IMAGES // 64][:64], 0)
    values = {score: scores[score].value for score in SCORES} | {
        "MS-SSIM": similarity,
        "MS-SSIM of real images": real_similarity,
    }
    judged = {key: (value, judge_score(key, value, values)) for key, value in values.items()}
    judged |= {key: (value, judge_health(key, value)) for key, value in watch.measured.items()}
    marks = {"bad": "**{}**", "warn": "*{}*"}
    cells = [
        marks.get("" if found is None else found.level, "{}").format(f"{value:.2f}")
        for key, (value, found) in judged.items()
        if key != "MS-SSIM of real images"
    ]
    return f"| {name} | {scores['kid'].value:.3f} | {' | '.join(cells)} |"


def main() -> None:
    """Measures all generators, or some."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", default=[], help="some generators; the page is not changed")
    only = parser.parse_args().only
    lines = [
        f"| generator | KID | {' | '.join(SCORES)} | MS-SSIM | spread | repeated |",
        f"|---|{'---|' * (len(SCORES) + 4)}",
    ]
    for name in only or GENERATORS:
        lines.append(row(name))
        print(lines[-1], flush=True)
    if not only:
        rewrite(PAGE, {"generators": "\n".join(lines)})


if __name__ == "__main__":
    main()
