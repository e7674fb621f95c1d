"""The inception score of answers that come batch by batch, in memory that does not grow with their number."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from keras_gan.metrics.feature_checks import checked_count


@keras.saving.register_keras_serializable("keras_gan")
class StreamingInception(keras.metrics.Metric):
    """`inception_score` as a `keras.metrics.Metric`: a mean answer and a mean entropy for each split.

    The images are dealt out to the splits in turn, where `inception_score` shuffles them; with one split the two are
    equal, and else in expectation.

    Args:
        classes: How many the classifier tells apart, at least 2.
        splits: Into how many parts the images are dealt out. Defaults to 10.
        from_logits: Whether the answers are logits, before the softmax. Defaults to `False`.
        name: Defaults to "inception".

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
        self.classes = checked_count(classes, "classes", 2)
        self.splits = checked_count(splits, "splits")
        self.from_logits = from_logits
        self._images = self.add_variable((self.splits,), "zeros", dtype="float64", name="images")
        self._answers = self.add_variable((self.splits, self.classes), "zeros", dtype="float64", name="answers")
        self._certainty = self.add_variable((self.splits,), "zeros", dtype="float64", name="certainty")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take up a classifier's answers.

        Args:
            y_true: Not used: real images are not looked at.
            y_pred: Probabilities, or logits, for generated images, (n, classes).
            sample_weight: Not used.

        Raises:
            ValueError: If rows have another length.
        """
        answers = tf.cast(y_pred, tf.float64)
        if answers.shape.rank != 2 or answers.shape[1] != self.classes:
            raise ValueError(f"Expected answers of shape (n, {self.classes}). Received: shape {tuple(answers.shape)}")
        p = tf.nn.softmax(answers) if self.from_logits else answers
        first = tf.cast(tf.reduce_sum(self._images), tf.int32)
        split = (first + tf.range(tf.shape(p)[0])) % self.splits
        dealt = tf.one_hot(split, self.splits, axis=0, dtype=tf.float64)  # (splits, n)
        self._images.assign_add(tf.reduce_sum(dealt, axis=1))
        self._answers.assign_add(tf.matmul(dealt, p))
        self._certainty.assign_add(tf.linalg.matvec(dealt, tf.reduce_sum(tf.math.xlogy(p, p), axis=1)))

    def result(self) -> Any:
        """The mean over the splits, a float64 scalar from 1 to `classes`; NaN before each split has an image."""
        return tf.reduce_mean(self._scores())

    def standard_deviation(self) -> Any:
        """From split to split, a float64 scalar."""
        return tf.math.reduce_std(self._scores())

    def get_config(self) -> dict[str, Any]:
        """The arguments of `__init__`."""
        names = ("name", "classes", "splits", "from_logits")
        return {name: getattr(self, name) for name in names}

    def _scores(self) -> Any:
        marginal = self._answers / self._images[:, None]
        return tf.exp(self._certainty / self._images - tf.reduce_sum(tf.math.xlogy(marginal, marginal), axis=1))
