"""Kernel distance of features that arrive in batches, in constant memory."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from keras_gan.metrics.feature_checks import check_count


@keras.saving.register_keras_serializable("keras_gan")
class StreamingKernel(keras.metrics.Metric):
    """`kernel_distance` as a `keras.metrics.Metric`: the mean of the unbiased estimates of consecutive blocks.

    Each update adds the same number of real and of generated features. As soon as `block_size` rows of each have
    arrived, `kernel_distance` of this block is added to the mean, and the rows are dropped. Rows that do not fill a
    block are kept for the next update. If there is no complete block, the result is the distance of the kept rows.

    The mean has no bias, as that of `kernel_distance`. The two are equal in expectation: the random subsets of
    `kernel_distance` may share rows, and blocks do not.

    Args:
        width: Number of features of an image.
        block_size: Number of rows of each set in a block, at least 2. Defaults to 1000.
        name: Name of the metric. Defaults to "kernel".

    Raises:
        ValueError: If an argument is out of range.

    Example:
    ```python
    metric = keras_gan.metrics.StreamingKernel(width=1280)
    for real, fake in batches:
        metric.update_state(extractor.features(real), extractor.features(fake))
    print(float(metric.result()), "+-", float(metric.standard_error()))
    ```

    Reference:
        [Zaremba et al., 2013, B-test: A Non-parametric, Low Variance Kernel Two-sample
        Test](https://arxiv.org/abs/1307.1954), equation 5; the kernel is that of
        [Binkowski et al., 2018, Demystifying MMD GANs](https://arxiv.org/abs/1801.01401), section 4.
    """

    def __init__(self, width: int, block_size: int = 1000, name: str = "kernel", **kwargs: Any) -> None:
        super().__init__(name=name, dtype="float64", **kwargs)
        self.width = check_count(width, "width")
        self.block_size = check_count(block_size, "block_size", 2)
        shape = (2, self.block_size - 1, self.width)
        self._kept = self.add_variable(shape, "zeros", dtype="float32", name="kept")
        self._number_kept = self.add_variable((), "zeros", dtype="int32", name="number_kept")
        self._blocks, self._mean, self._scatter = (
            self.add_variable((), "zeros", dtype="float64", name=part) for part in ("blocks", "mean", "scatter")
        )

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Adds features.

        Args:
            y_true: Features of real images, (n, width).
            y_pred: Features of the same number of generated images, (n, width).
            sample_weight: Not used.

        Raises:
            ValueError: If the rows have another length, or the numbers of rows differ.
        """
        real, fake = tf.cast(y_true, tf.float32), tf.cast(y_pred, tf.float32)
        for rows in (real, fake):
            if rows.shape.rank != 2 or rows.shape[1] != self.width:
                raise ValueError(f"Expected features of shape (n, {self.width}). Received: shape {tuple(rows.shape)}")
        if not real.shape.is_compatible_with(fake.shape):
            raise ValueError(
                f"Expected the same number of real and generated rows. Received: {real.shape[0]} and {fake.shape[0]}"
            )
        rows = tf.concat([self._kept_rows(), tf.stack([real, fake])], axis=1)
        blocks = tf.shape(rows)[1] // self.block_size
        whole = tf.reshape(rows[:, : blocks * self.block_size], (2, blocks, self.block_size, self.width), name="blocks")
        estimates = tf.map_fn(_estimate, (whole[0], whole[1]), fn_output_signature=tf.float64)
        self._add(estimates)
        left = rows[:, blocks * self.block_size :]
        number_left = tf.shape(left)[1]
        self._kept.assign(tf.pad(left, [[0, 0], [0, self.block_size - 1 - number_left], [0, 0]]))
        self._number_kept.assign(number_left)

    def _add(self, estimates: Any) -> None:
        """Adds new estimates to the running mean and scatter."""
        n = tf.cast(tf.size(estimates), tf.float64)
        before = tf.convert_to_tensor(self._blocks)
        own = tf.math.divide_no_nan(tf.reduce_sum(estimates), n)
        shift = own - self._mean
        total = before + n
        between = tf.math.divide_no_nan(before * n, total) * shift**2
        self._scatter.assign_add(tf.reduce_sum((estimates - own) ** 2) + between)
        self._mean.assign_add(tf.math.divide_no_nan(n, total) * shift)
        self._blocks.assign(total)

    def result(self) -> Any:
        """Returns the mean over the blocks, a float64 scalar. NaN if there are fewer than two rows of each set."""
        return tf.cond(
            tf.convert_to_tensor(self._blocks) > 0, lambda: tf.convert_to_tensor(self._mean), self._estimate_of_kept
        )

    def standard_error(self) -> Any:
        """Returns the standard error of the mean, a float64 scalar: std(blocks) / sqrt(number of blocks).

        NaN if there are fewer than two blocks.
        """
        blocks = tf.convert_to_tensor(self._blocks)
        return tf.sqrt(self._scatter / (blocks - 1) / blocks)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of `__init__`."""
        return {"name": self.name, "width": self.width, "block_size": self.block_size}

    def _estimate_of_kept(self) -> Any:
        rows = self._kept_rows()
        return _estimate((rows[0], rows[1]))

    def _kept_rows(self) -> Any:
        return tf.convert_to_tensor(self._kept)[:, : tf.convert_to_tensor(self._number_kept)]


def _estimate(rows: tuple[Any, Any]) -> Any:
    """Returns the unbiased estimate of the squared MMD of one block. NaN if it has fewer than two rows of each set."""
    real, fake = (tf.cast(part, tf.float64) for part in rows)
    n = tf.cast(tf.shape(real)[0], tf.float64)
    within = sum(tf.reduce_sum(_kernel(x, x)) - tf.reduce_sum(_diagonal(x)) for x in (real, fake))
    return within / (n * (n - 1)) - 2 * tf.reduce_mean(_kernel(real, fake))


def _kernel(x: Any, y: Any) -> Any:
    width = tf.cast(tf.shape(x)[1], tf.float64)
    return (tf.matmul(x, y, transpose_b=True) / width + 1) ** 3


def _diagonal(x: Any) -> Any:
    width = tf.cast(tf.shape(x)[1], tf.float64)
    return (tf.reduce_sum(x**2, axis=1) / width + 1) ** 3
