"""Scores of translated images: similarity to the target domain, to the true partners and to the source."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from keras_gan.images import to_float
from keras_gan.metrics.distributions.frechet import frechet_distance
from keras_gan.metrics.distributions.kernel import KernelDistance, kernel_distance
from keras_gan.metrics.extractors.efficientnet_lite0 import EfficientNetLite0
from keras_gan.metrics.neighbors.retrieval import retrieval_accuracy


@dataclasses.dataclass(frozen=True)
class DomainScores:
    """Metrics of one set of images against the images of the target domain.

    Args:
        kernel: Kernel distance, 0 for equal distributions.
        frechet: Frechet distance, 0 for equal distributions.
        top_1: Share of images whose true partner is the nearest image of the target domain, or `None` without pairs.
        top_5: Share of images whose true partner is among the five nearest, or `None` without pairs.
        distance: Mean feature distance to the true partner, or `None` without pairs.
    """

    kernel: KernelDistance
    frechet: float
    top_1: float | None = None
    top_5: float | None = None
    distance: float | None = None


@dataclasses.dataclass(frozen=True)
class TranslationScores:
    """Scores of a translation, with those of the untranslated images as a baseline.

    Args:
        translated: Scores of G(x) against y.
        identity: Scores of x against y, the baseline.
        cycle_error: Mean |F(G(x)) - x|, for images in [-1, 1], or `None` without F.
        protocol: Everything that the scores depend on except the images: the extractor, its version, its resize
            filter and the numbers of images.
    """

    translated: DomainScores
    identity: DomainScores
    cycle_error: float | None
    protocol: dict[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """Returns the scores as plain data for JSON."""
        plain = dataclasses.asdict(self)
        for name in ("translated", "identity"):
            plain[name]["kernel"] = {"mean": plain[name]["kernel"][0], "std": plain[name]["kernel"][1]}
        return plain


def translation_scores(
    x: np.ndarray,
    y: np.ndarray,
    translate: Callable[[np.ndarray], np.ndarray],
    back: Callable[[np.ndarray], np.ndarray] | None = None,
    *,
    paired: bool = False,
    extractor: EfficientNetLite0 | None = None,
) -> TranslationScores:
    """Evaluates a translation on held-out images.

    If the two sets are pairs that the training did not use, each translated image is compared with its true partner.
    The scores of the untranslated images are the baseline.

    Args:
        x: Images of X, (n, height, width, channels), uint8 or float32 in [-1, 1].
        y: Images of Y of the same kind. With `paired`, in the same order as `x`.
        translate: Generator G, a function from float32 images in [-1, 1] to such images. For example,
            `cyclegan.translate`, or an exported translator.
        back: Generator F, for the cycle error. Defaults to `None`.
        paired: Boolean. If true, image i of `y` is the true partner of image i of `x`. Defaults to `False`.
        extractor: Extractor with `features` and `distance`. Defaults to `None`, `EfficientNetLite0()`.

    Returns:
        A `TranslationScores`.

    Raises:
        ValueError: If `paired` is true and the numbers of images differ or are below 5.

    Example:
    ```python
    scores = keras_gan.metrics.translation_scores(
        x, y, cyclegan.translate, lambda images: cyclegan.translate(images, "f"), paired=True
    )
    print(scores.translated.top_1, "against", scores.identity.top_1)
    ```
    """
    if paired and (len(x) != len(y) or len(x) < 5):
        raise ValueError(f"Expected the same number of images of X and Y, at least 5. Received: {len(x)} and {len(y)}")
    extractor = extractor or EfficientNetLite0()
    x, y = to_float(x), to_float(y)
    translated = translate(x)
    target = extractor.features(y)

    def scores(images: np.ndarray) -> DomainScores:
        features = extractor.features(images)
        distances = kernel_distance(target, features), frechet_distance(target, features)
        if not paired:
            return DomainScores(*distances)
        found = retrieval_accuracy(features, target, top=(1, 5))
        return DomainScores(*distances, found[1], found[5], float(np.mean(extractor.distance(images, y))))

    return TranslationScores(
        translated=scores(translated),
        identity=scores(x),
        cycle_error=None if back is None else float(np.mean(np.abs(back(translated) - x))),
        protocol={**extractor.protocol(), "images_x": len(x), "images_y": len(y), "paired": paired},
    )
