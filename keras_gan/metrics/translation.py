"""How good a translation of images is: like its target, faithful to its source, and, where pairs exist, right."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from keras_gan.images import to_float
from keras_gan.metrics.efficientnet_lite0 import EfficientNetLite0
from keras_gan.metrics.frechet import frechet_distance
from keras_gan.metrics.kernel import KernelDistance, kernel_distance
from keras_gan.metrics.retrieval import retrieval_accuracy


@dataclasses.dataclass(frozen=True)
class Figures:
    """What was measured of one set of images against the target's.

    Args:
        kernel: The kernel distance (KID with the extractor's name), 0 for one distribution.
        frechet: The Frechet distance, 0 for one distribution.
        top_1: The share of images whose true partner is the nearest of all the target's images; `None` without pairs.
        top_5: The share of those whose true partner is among the five nearest; `None` without pairs.
        distance: The mean feature distance to the true partner; `None` without pairs.
    """

    kernel: KernelDistance
    frechet: float
    top_1: float | None = None
    top_5: float | None = None
    distance: float | None = None


@dataclasses.dataclass(frozen=True)
class TranslationScores:
    """A translation's figures beside those of the images left as they are.

    Args:
        translated: Of G(x) against y.
        identity: Of x itself against y, the baseline.
        cycle_error: Mean |F(G(x)) - x|, in units of [-1, 1]; `None` without F.
        protocol: The extractor, its version, the resize rule, the number of images: what the figures depend on.
    """

    translated: Figures
    identity: Figures
    cycle_error: float | None
    protocol: dict[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """Plain data, for JSON."""
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
    """Measure a translation on held-out images.

    Where the two sets are pairs that training did not know of, translation can be measured against the truth: each
    translated image should find its partner, and be near it. The untranslated images set the mark to beat.

    Args:
        x: Images of X, (n, height, width, channels), uint8 or float32 in [-1, 1].
        y: Images of Y; with `paired`, those that belong to `x`, in the same order.
        translate: G, from float32 images in [-1, 1] to such images, as `cyclegan.translate` and exported translators.
        back: F, for the cycle's error. Defaults to `None`.
        paired: Whether image i of `y` is the true partner of image i of `x`. Defaults to `False`.
        extractor: Defaults to `None`, `EfficientNetLite0()`.

    Returns:
        A `TranslationScores`.

    Raises:
        ValueError: If the pairs are not as many of each.

    Example:
    ```python
    scores = keras_gan.metrics.translation_scores(
        x, y, cyclegan.translate, lambda images: cyclegan.translate(images, "f"), paired=True
    )
    print(scores.translated.top_1, "against", scores.identity.top_1)
    ```
    """
    if paired and (len(x) != len(y) or len(x) < 5):
        raise ValueError(f"Pairs need as many images of each, 5 or more. Received: {len(x)} of X, {len(y)} of Y")
    extractor = extractor or EfficientNetLite0()
    x, y = to_float(x), to_float(y)
    translated = translate(x)
    target = extractor.features(y)

    def figures(images: np.ndarray) -> Figures:
        features = extractor.features(images)
        distances = kernel_distance(target, features), frechet_distance(target, features)
        if not paired:
            return Figures(*distances)
        found = retrieval_accuracy(features, target, top=(1, 5))
        return Figures(*distances, found[1], found[5], float(np.mean(extractor.distance(images, y))))

    return TranslationScores(
        translated=figures(translated),
        identity=figures(x),
        cycle_error=None if back is None else float(np.mean(np.abs(back(translated) - x))),
        protocol={**extractor.protocol(), "images_x": len(x), "images_y": len(y), "paired": paired},
    )
