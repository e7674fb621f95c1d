"""Inception score of generated images."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from keras_gan.metrics.feature_checks import check_count, check_features


class InceptionScore(NamedTuple):
    """Inception score: its mean over the splits and its standard deviation between them."""

    mean: float
    std: float


def inception_score(
    probabilities: ArrayLike, splits: int = 10, from_logits: bool = False, seed: int = 0
) -> InceptionScore:
    """Computes exp(E KL(p(class | image) || p(class))) from the predictions of a classifier for generated images.

    A high score means that each image belongs clearly to one class, and that the images belong to many classes. The
    score does not use real images, so it does not show that the generated images resemble the data. The images are
    shuffled first, because images that are sorted by class would get a low score. If the classifier is not Inception,
    name it beside the score.

    Args:
        probabilities: Predicted probabilities or logits of each image, shape (n, classes), n at least `splits`.
        splits: Number of parts that the images are split into. Each part gets a score. Defaults to 10.
        from_logits: Boolean. If true, `probabilities` are logits, before the softmax. Defaults to `False`.
        seed: Seed of the shuffle, which is that of torch-fidelity with the same `rng_seed`. Defaults to 0.

    Returns:
        The mean over the splits, from 1 to the number of classes, and the standard deviation between them.

    Raises:
        ValueError: If there are too few rows, values that are not finite, or rows that are not probabilities.

    Example:
    ```python
    score = keras_gan.metrics.inception_score(extractor.logits(fake), from_logits=True)
    ```

    Reference:
        [Salimans et al., 2016, Improved Techniques for Training GANs](https://arxiv.org/abs/1606.03498), section 4.
    """
    splits, seed = check_count(splits, "splits"), check_count(seed, "seed", 0)
    predictions = check_features(probabilities, "probabilities", splits)
    if not from_logits:
        _check_probabilities(predictions)
    order = np.random.RandomState(seed).permutation(
        len(predictions)
    )  # its numbers never change between versions of NumPy
    edges = [part * len(predictions) // splits for part in range(splits + 1)]
    scores = [_score(predictions[order[a:b]], from_logits) for a, b in itertools.pairwise(edges)]
    return InceptionScore(float(np.mean(scores)), float(np.std(scores)))


def _score(predictions: np.ndarray, from_logits: bool) -> float:
    p = predictions.astype(np.float64)
    if from_logits:
        p = np.exp(p - p.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    marginal = p.mean(axis=0)
    ratio = np.divide(p, marginal, out=np.ones_like(p), where=p > 0)
    return float(np.exp(np.sum(p * np.log(ratio), axis=1).mean()))


def _check_probabilities(predictions: np.ndarray) -> None:
    sums = predictions.sum(axis=1, dtype=np.float64)
    if predictions.min() < 0 or np.abs(sums - 1).max() > 1e-3:
        raise ValueError(
            "Expected `probabilities` of at least 0 whose rows sum to 1. For logits, set from_logits=True. "
            f"Received: values from {predictions.min():.4g}, sums from {sums.min():.4g} to {sums.max():.4g}"
        )
