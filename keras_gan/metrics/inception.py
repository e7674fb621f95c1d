"""Inception score: are the images of a class each, and of many classes together."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from keras_gan.metrics.feature_checks import checked_count, checked_features


class InceptionScore(NamedTuple):
    """The score over the splits: its mean, and its standard deviation from split to split."""

    mean: float
    std: float


def inception_score(
    probabilities: ArrayLike, splits: int = 10, from_logits: bool = False, seed: int = 0
) -> InceptionScore:
    """Compute exp(E KL(p(class | image) || p(class))) from a classifier's answers for generated images.

    The images are shuffled first, as those that come sorted by class would score low. Real images are not looked at: a
    high score does not say that the images resemble the data. The name belongs to the Inception classifier; with
    another say which.

    Args:
        probabilities: The classifier's answer for each image, shape (n, classes), n at least `splits`.
        splits: Into how many parts the images are split, each with a score of its own. Defaults to 10.
        from_logits: Whether they are logits, before the softmax. Defaults to `False`.
        seed: What the shuffle depends on. torch-fidelity shuffles alike with `rng_seed` of this value. Defaults to 0.

    Returns:
        The mean over the splits, from 1 to the number of classes, and the standard deviation between them.

    Raises:
        ValueError: If there are too few rows, values that are not finite, or rows that are no probabilities.

    Example:
    ```python
    score = keras_gan.metrics.inception_score(extractor.logits(fake), from_logits=True)
    ```

    Reference:
        [Salimans et al., 2016, Improved Techniques for Training GANs](https://arxiv.org/abs/1606.03498), section 4.
    """
    splits, seed = checked_count(splits, "splits"), checked_count(seed, "seed", 0)
    answers = checked_features(probabilities, "probabilities", splits)
    if not from_logits:
        _check_probabilities(answers)
    order = np.random.RandomState(seed).permutation(len(answers))  # frozen, as in kernel.py
    edges = [part * len(answers) // splits for part in range(splits + 1)]
    scores = [_score(answers[order[a:b]], from_logits) for a, b in itertools.pairwise(edges)]
    return InceptionScore(float(np.mean(scores)), float(np.std(scores)))


def _score(answers: np.ndarray, from_logits: bool) -> float:
    p = answers.astype(np.float64)
    if from_logits:
        p = np.exp(p - p.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    marginal = p.mean(axis=0)
    ratio = np.divide(p, marginal, out=np.ones_like(p), where=p > 0)
    return float(np.exp(np.sum(p * np.log(ratio), axis=1).mean()))


def _check_probabilities(answers: np.ndarray) -> None:
    sums = answers.sum(axis=1, dtype=np.float64)
    if answers.min() < 0 or np.abs(sums - 1).max() > 1e-3:
        raise ValueError(
            "Expected `probabilities` of at least 0 whose rows sum to 1; for logits say from_logits=True. "
            f"Received: values from {answers.min():.4g}, sums from {sums.min():.4g} to {sums.max():.4g}"
        )
