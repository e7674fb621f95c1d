"""Scores of generated images: six metrics with their protocol."""

from __future__ import annotations

import warnings

import numpy as np

from keras_gan.errors import KerasGANWarning
from keras_gan.metrics.distributions.frechet import frechet_distance
from keras_gan.metrics.distributions.kernel import kernel_distance
from keras_gan.metrics.extractors.feature_cache import real_features
from keras_gan.metrics.extractors.feature_extractor import ExtractorLike, FeatureExtractor
from keras_gan.metrics.extractors.user_extractor import as_extractor
from keras_gan.metrics.neighbors.density_coverage import density_coverage
from keras_gan.metrics.neighbors.precision_recall import precision_recall
from keras_gan.metrics.scores.evaluation_protocol import EvaluationProtocol
from keras_gan.metrics.scores.score import Score


def generation_scores(
    real: np.ndarray,
    fake: np.ndarray,
    extractor: ExtractorLike = None,
    *,
    image_range: tuple[float, float] = (-1.0, 1.0),
    split: str = "",
    seed: int = 0,
    cache: bool = True,
) -> dict[str, Score]:
    """Compares generated images with real ones.

    Args:
        real: Real images, (n, height, width, channels), n at least 6, uint8 or floats in `image_range`.
        fake: Generated images of the same kind, at least 4.
        extractor: A `FeatureExtractor`, or a function from images to features. Defaults to `None`,
            `EfficientNetLite0()`.
        image_range: Values of black and of white in float images. Defaults to (-1.0, 1.0).
        split: Name and split of the real images, for the protocol. Defaults to "", unknown.
        seed: Seed of the generated images, for the protocol, and of the subsets of KID. Defaults to 0.
        cache: Boolean. If true, the features of the real images are cached on disk; see `real_features`. Defaults to
            `True`.

    Returns:
        The scores by short name: kid, frechet, precision, recall, density, coverage.

    Raises:
        ValueError: If there are too few images, or the extractor does not accept them.

    Example:
    ```python
    scores = keras_gan.metrics.generation_scores(photographs, gan.generate(2000), split="photographs:test")
    print(*scores.values(), sep=", ")
    ```
    """
    extractor = as_extractor(extractor)
    features = real_features(real, extractor, image_range, cache)
    return feature_scores(features, extractor.features(fake, image_range), extractor, split, seed)


def feature_scores(
    real_features: np.ndarray, fake_features: np.ndarray, extractor: FeatureExtractor, split: str = "", seed: int = 0
) -> dict[str, Score]:
    """Returns the scores of `generation_scores` from features."""
    protocol = EvaluationProtocol.of(extractor, len(real_features), len(fake_features), split, seed)
    kid = kernel_distance(real_features, fake_features, seed=seed)
    error = kid.std or _half_subsets_error(real_features, fake_features, seed)
    with warnings.catch_warnings():
        # The warning about few samples recommends KID, which is computed here too.
        warnings.simplefilter("ignore", KerasGANWarning)
        frechet = frechet_distance(real_features, fake_features)
    precision, recall = precision_recall(real_features, fake_features)
    density, coverage = density_coverage(real_features, fake_features)
    scores = {
        "kid": Score(f"KID-{extractor.name}", kid.mean, protocol, error),
        "frechet": Score(f"Frechet-{extractor.name}", frechet, protocol),
    }
    shares = {"precision": precision, "recall": recall, "density": density, "coverage": coverage}
    for name, value in shares.items():
        scores[name] = Score(f"{name}-{extractor.name}", value, protocol, higher_is_better=True)
    return scores


def _half_subsets_error(real_features: np.ndarray, fake_features: np.ndarray, seed: int) -> float:
    """Returns the error of a KID of one subset: its delete-half jackknife, the deviation between random halves.

    Reference: [Shao and Wu, 1989, A General Theory for Jackknife Variance
    Estimation](https://doi.org/10.1214/aos/1176347263).
    """
    half = max(2, min(len(real_features), len(fake_features)) // 2)
    return kernel_distance(real_features, fake_features, subset_size=half, seed=seed).std
