"""Linear probe: the accuracy of a linear classifier on given features."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from keras_gan.utils.extras import install_hint


def linear_probe(
    features: ArrayLike, labels: ArrayLike, test_features: ArrayLike, test_labels: ArrayLike, c: float = 1e-3
) -> float:
    """Trains a linear L2-SVM on features, and returns its accuracy on test features.

    Each feature is scaled to mean 0 and variance 1 on the training rows. There is one classifier for each class against
    all others.

    Args:
        features: Features to train on, (n, d).
        labels: Classes (n,), at least two different ones.
        test_features: Features to test on, (m, d).
        test_labels: Classes (m,).
        c: Weight of the errors against the L2 regularisation. Choose it on images outside the test set. Defaults to
            1e-3.

    Returns:
        Share of the test rows whose class was found, from 0 to 1.

    Raises:
        ValueError: If shapes do not fit each other, values are not finite, or `c` is not positive.
        ImportError: If scikit-learn is not installed.

    Example:
    ```python
    accuracy = keras_gan.metrics.linear_probe(features[:800], classes[:800], features[800:], classes[800:])
    ```

    Reference:
        [Radford et al., 2016](https://arxiv.org/abs/1511.06434), section 5.1.
    """
    train, test = np.asarray(features, np.float64), np.asarray(test_features, np.float64)
    classes, expected = np.asarray(labels), np.asarray(test_labels)
    for rows, given, name in ((train, classes, "features"), (test, expected, "test_features")):
        if rows.ndim != 2 or given.shape != (len(rows),) or len(rows) == 0:
            raise ValueError(
                f"`{name}` must be of shape (n, d), with n labels. Received: shapes {rows.shape} and {given.shape}"
            )
        if not np.isfinite(rows).all():
            raise ValueError(f"`{name}` must be finite. Received: NaN or infinity")
    if train.shape[1] != test.shape[1]:
        raise ValueError(
            f"`features` and `test_features` must have the same columns. Received: {train.shape[1]}, {test.shape[1]}"
        )
    if not c > 0:
        raise ValueError(f"`c` must be above 0. Received: c={c}")
    try:
        from sklearn.svm import LinearSVC
    except ModuleNotFoundError as error:
        raise ImportError(f"linear_probe needs scikit-learn: {install_hint('probe')}") from error
    mean, scale = train.mean(0), train.std(0)
    scale[scale == 0] = 1
    classifier = LinearSVC(C=c, dual=False, random_state=0)
    classifier.fit((train - mean) / scale, classes)
    return float(np.mean(classifier.predict((test - mean) / scale) == expected))
