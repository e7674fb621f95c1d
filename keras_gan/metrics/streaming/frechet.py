"""Frechet distance of features that arrive in batches, in constant memory."""

from __future__ import annotations

import warnings
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_gan.errors import KerasGANWarning
from keras_gan.metrics.feature_checks import check_count


@keras.saving.register_keras_serializable("keras_gan")
class StreamingFrechet(keras.metrics.Metric):
    """`frechet_distance` as a `keras.metrics.Metric`.

    Its state is the mean and the covariance of each set in float64, whatever the number of images.

    Args:
        width: Number of features of an image.
        name: Name of the metric. Defaults to "frechet".

    Raises:
        ValueError: If `width` is below 1.

    Example:
    ```python
    metric = keras_gan.metrics.StreamingFrechet(width=1280)
    for real, fake in batches:
        metric.update_state(extractor.features(real), extractor.features(fake))
    print(float(metric.result()))
    ```

    Reference:
        [Chan et al., 1979, Updating Formulae and a Pairwise Algorithm for Computing Sample
        Variances](http://i.stanford.edu/pub/cstr/reports/cs/tr/79/773/CS-TR-79-773.pdf).
    """

    def __init__(self, width: int, name: str = "frechet", **kwargs: Any) -> None:
        super().__init__(name=name, dtype="float64", **kwargs)
        self.width = check_count(width, "width")
        self._real, self._fake = (
            [
                self.add_variable(shape, "zeros", dtype="float64", name=f"{kind}_{part}")
                for part, shape in (("count", ()), ("mean", (width,)), ("scatter", (width, width)))
            ]
            for kind in ("real", "fake")
        )

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Adds features.

        Args:
            y_true: Features of real images, (n, width), or `None`.
            y_pred: Features of generated images, (m, width), or `None`.
            sample_weight: Not used.

        Raises:
            ValueError: If the rows have another length.
        """
        for variables, features in ((self._real, y_true), (self._fake, y_pred)):
            if features is not None:
                self._add(variables, tf.cast(features, tf.float64))

    def _add(self, variables: list[Any], rows: Any) -> None:
        if rows.shape.rank != 2 or rows.shape[1] != self.width:
            raise ValueError(f"Expected features of shape (n, {self.width}). Received: shape {tuple(rows.shape)}")
        count, mean, scatter = variables
        n = tf.cast(tf.shape(rows)[0], tf.float64)
        total = count + n
        own = tf.math.divide_no_nan(tf.reduce_sum(rows, axis=0), n)
        centred, shift = rows - own, own - mean
        between = tf.math.divide_no_nan(count * n, total) * shift[:, None] * shift[None]
        scatter.assign(scatter + tf.matmul(centred, centred, transpose_a=True) + between)
        mean.assign(mean + tf.math.divide_no_nan(n, total) * shift)
        count.assign(total)

    def result(self) -> Any:
        """Returns the distance, a float64 scalar. NaN if a set has fewer than two rows, or rows that are not finite."""
        roots = [_root(count, scatter) for count, _, scatter in (self._real, self._fake)]
        if tf.executing_eagerly():
            self._warn_if_few()
        shift = tf.convert_to_tensor(self._real[1]) - self._fake[1]
        cross = tf.reduce_sum(tf.linalg.svd(tf.matmul(roots[0], roots[1], transpose_b=True), compute_uv=False))
        traces = tf.reduce_sum(roots[0] ** 2) + tf.reduce_sum(roots[1] ** 2)
        distance = tf.reduce_sum(shift**2) + traces - 2 * cross
        enough = tf.minimum(tf.convert_to_tensor(self._real[0]), self._fake[0]) >= 2
        return tf.where(enough, tf.maximum(distance, 0), tf.constant(np.nan, tf.float64))

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of `__init__`."""
        return {"name": self.name, "width": self.width}

    def _warn_if_few(self) -> None:
        few = min(int(self._real[0]), int(self._fake[0]))
        if 2 <= few <= self.width:
            warnings.warn(
                f"A covariance of {few} samples in {self.width} dimensions is singular. Few samples make the distance "
                "too large.",
                KerasGANWarning,
                stacklevel=3,
            )


def _root(count: Any, scatter: Any) -> Any:
    """Returns R with R^T R = covariance."""
    # eigh fails on NaN. The result is NaN all the same, because the mean is.
    scatter = tf.where(tf.math.is_finite(scatter), scatter, tf.zeros_like(scatter))
    values, vectors = tf.linalg.eigh(scatter / tf.maximum(count - 1, 1))
    return tf.sqrt(tf.maximum(values, 0))[:, None] * tf.transpose(vectors)
