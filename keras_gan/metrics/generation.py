"""How good generated images are, in several figures that carry their protocol."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from keras_gan.errors import KerasGANWarning
from keras_gan.metrics.density import density_coverage
from keras_gan.metrics.evaluation_protocol import EvaluationProtocol
from keras_gan.metrics.feature_cache import real_features
from keras_gan.metrics.frechet import frechet_distance
from keras_gan.metrics.kernel import kernel_distance
from keras_gan.metrics.precision import precision_recall
from keras_gan.metrics.score import Score
from keras_gan.metrics.user_extractor import as_extractor


def generation_scores(
    real: np.ndarray,
    fake: np.ndarray,
    extractor: Any = None,
    *,
    image_range: tuple[float, float] = (-1.0, 1.0),
    split: str = "",
    seed: int = 0,
    cache: bool = True,
) -> dict[str, Score]:
    """Compare generated images with real ones.

    Args:
        real: Real images, (n, height, width, channels), n at least 6: floats in `image_range`, or uint8.
        fake: Generated ones, at least 4.
        extractor: A `FeatureExtractor`, or a function from images to features. Defaults to `None`,
            `EfficientNetLite0()`.
        image_range: The values of black and of white, for floats. Defaults to (-1.0, 1.0).
        split: Which real images, for the protocol. Defaults to "", not said.
        seed: What the generated images were drawn from, and what KID's subsets depend on. Defaults to 0.
        cache: Whether the features of the real images are kept on disk for the next time; see `real_features`. Defaults
            to `True`.

    Returns:
        The scores by short name: kid, frechet, precision, recall, density, coverage.

    Raises:
        ValueError: If there are too few images, or the extractor refuses them.

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
    real_features: np.ndarray, fake_features: np.ndarray, extractor: Any, split: str = "", seed: int = 0
) -> dict[str, Score]:
    """The scores of `generation_scores`, from features that are there already."""
    protocol = EvaluationProtocol.of(extractor, len(real_features), len(fake_features), split, seed)
    kid = kernel_distance(real_features, fake_features, seed=seed)
    error = kid.std or _half_subsets_error(real_features, fake_features, seed)
    with warnings.catch_warnings():
        # Said once by whoever asks for a Frechet distance alone; here KID stands beside it.
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
    """The error of a KID of one subset: its delete-half jackknife, the deviation between random halves.

    Reference: [Shao and Wu, 1989, A General Theory for Jackknife Variance
    Estimation](https://doi.org/10.1214/aos/1176347263).
    """
    half = max(2, min(len(real_features), len(fake_features)) // 2)
    return kernel_distance(real_features, fake_features, subset_size=half, seed=seed).std
