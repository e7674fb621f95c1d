"""Inception score of predictions that arrive in batches, in constant memory."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from keras_gan.metrics.feature_checks import check_count


@keras.saving.register_keras_serializable("keras_gan")
class StreamingInception(keras.metrics.Metric):
    """`inception_score` as a `keras.metrics.Metric`.

    Its state is the mean prediction and the mean entropy of each split. The images are assigned to the splits in turn,
    while `inception_score` shuffles them. With one split the two scores are equal, otherwise they are equal in
    expectation.

    Args:
        classes: Number of classes of the classifier, at least 2.
        splits: Number of parts that the images are split into. Defaults to 10.
        from_logits: Boolean. If true, the predictions are logits, before the softmax. Defaults to `False`.
        name: Name of the metric. Defaults to "inception".

    Raises:
        ValueError: If an argument is out of range.

    Example:
    ```python
    metric = keras_gan.metrics.StreamingInception(classes=1000, from_logits=True)
    for fake in batches:
        metric.update_state(None, extractor.logits(fake))
    print(float(metric.result()), "+-", float(metric.standard_deviation()))
    ```

    Reference:
        [Salimans et al., 2016, Improved Techniques for Training GANs](https://arxiv.org/abs/1606.03498), section 4.
    """

    def __init__(
        self, classes: int, splits: int = 10, from_logits: bool = False, name: str = "inception", **kwargs: Any
    ) -> None:
        super().__init__(name=name, dtype="float64", **kwargs)
        self.classes = check_count(classes, "classes", 2)
        self.splits = check_count(splits, "splits")
        self.from_logits = from_logits
        self._images = self.add_variable((self.splits,), "zeros", dtype="float64", name="images")
        self._predictions = self.add_variable((self.splits, self.classes), "zeros", dtype="float64", name="predictions")
        self._negative_entropy = self.add_variable((self.splits,), "zeros", dtype="float64", name="negative_entropy")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Adds predictions of the classifier.

        Args:
            y_true: Not used. The score does not depend on real images.
            y_pred: Probabilities or logits of generated images, (n, classes).
            sample_weight: Not used.

        Raises:
            ValueError: If the rows have another length.
        """
        predictions = tf.cast(y_pred, tf.float64)
        if predictions.shape.rank != 2 or predictions.shape[1] != self.classes:
            raise ValueError(
                f"Expected predictions of shape (n, {self.classes}). Received: shape {tuple(predictions.shape)}"
            )
        p = tf.nn.softmax(predictions) if self.from_logits else predictions
        first = tf.cast(tf.reduce_sum(self._images), tf.int32)
        split = (first + tf.range(tf.shape(p)[0])) % self.splits
        assigned = tf.one_hot(split, self.splits, axis=0, dtype=tf.float64)  # (splits, n)
        self._images.assign_add(tf.reduce_sum(assigned, axis=1))
        self._predictions.assign_add(tf.matmul(assigned, p))
        self._negative_entropy.assign_add(tf.linalg.matvec(assigned, tf.reduce_sum(tf.math.xlogy(p, p), axis=1)))

    def result(self) -> Any:
        """Returns the mean over the splits, a float64 scalar from 1 to `classes`. NaN if a split has no image."""
        return tf.reduce_mean(self._scores())

    def standard_deviation(self) -> Any:
        """Returns the standard deviation between the splits, a float64 scalar."""
        return tf.math.reduce_std(self._scores())

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of `__init__`."""
        names = ("name", "classes", "splits", "from_logits")
        return {name: getattr(self, name) for name in names}

    def _scores(self) -> Any:
        marginal = self._predictions / self._images[:, None]
        return tf.exp(self._negative_entropy / self._images - tf.reduce_sum(tf.math.xlogy(marginal, marginal), axis=1))
