"""The kernel distance of features that come batch by batch, in memory that does not grow with their number."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from keras_gan.metrics.feature_checks import checked_count


@keras.saving.register_keras_serializable("keras_gan")
class StreamingKernel(keras.metrics.Metric):
    """`kernel_distance` as a `keras.metrics.Metric`: the mean of the unbiased estimates of one block after another.

    Real and generated features come at one pace. Each `block_size` of them are a block: its estimate is that of
    `kernel_distance` for these rows, and the rows are then forgotten. So the mean has no bias, as that of
    `kernel_distance`, whose random subsets may share rows where blocks never do. It equals it where the subsets are the
    blocks, and in expectation else. Rows that do not fill a block wait for the next; of fewer than one block they are
    all there is, and are one.

    It holds `block_size` rows of each kind.

    Args:
        width: The length of a row of features.
        block_size: Rows of each kind in a block, at least 2. Defaults to 1000.
        name: Defaults to "kernel".

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
        self.width = checked_count(width, "width")
        self.block_size = checked_count(block_size, "block_size", 2)
        waiting = (2, self.block_size - 1, self.width)
        self._waiting = self.add_variable(waiting, "zeros", dtype="float32", name="waiting")
        self._held = self.add_variable((), "zeros", dtype="int32", name="held")
        self._blocks, self._mean, self._scatter = (
            self.add_variable((), "zeros", dtype="float64", name=part) for part in ("blocks", "mean", "scatter")
        )

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take up features.

        Args:
            y_true: Of real images, (n, width).
            y_pred: Of as many generated ones, (n, width).
            sample_weight: Not used.

        Raises:
            ValueError: If rows have another length, or there are not as many of each.
        """
        real, fake = tf.cast(y_true, tf.float32), tf.cast(y_pred, tf.float32)
        for rows in (real, fake):
            if rows.shape.rank != 2 or rows.shape[1] != self.width:
                raise ValueError(f"Expected features of shape (n, {self.width}). Received: shape {tuple(rows.shape)}")
        if not real.shape.is_compatible_with(fake.shape):
            raise ValueError(f"Expected as many real as generated rows. Received: {real.shape[0]} and {fake.shape[0]}")
        rows = tf.concat([self._held_rows(), tf.stack([real, fake])], axis=1)
        blocks = tf.shape(rows)[1] // self.block_size
        whole = tf.reshape(rows[:, : blocks * self.block_size], (2, blocks, self.block_size, self.width), name="blocks")
        estimates = tf.map_fn(_estimate, (whole[0], whole[1]), fn_output_signature=tf.float64)
        self._count(estimates)
        left = rows[:, blocks * self.block_size :]
        held = tf.shape(left)[1]
        self._waiting.assign(tf.pad(left, [[0, 0], [0, self.block_size - 1 - held], [0, 0]]))
        self._held.assign(held)

    def _count(self, estimates: Any) -> None:
        """Join the mean and the scatter of new estimates to those of the earlier ones."""
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
        """The mean over the blocks so far, a float64 scalar; NaN before there are two rows of each kind."""
        return tf.cond(
            tf.convert_to_tensor(self._blocks) > 0, lambda: tf.convert_to_tensor(self._mean), self._of_the_waiting
        )

    def standard_error(self) -> Any:
        """How far the mean may be off, a float64 scalar: the blocks' standard deviation, over the root of their number.

        NaN before there are two blocks.
        """
        blocks = tf.convert_to_tensor(self._blocks)
        return tf.sqrt(self._scatter / (blocks - 1) / blocks)

    def get_config(self) -> dict[str, Any]:
        """The arguments of `__init__`."""
        return {"name": self.name, "width": self.width, "block_size": self.block_size}

    def _of_the_waiting(self) -> Any:
        rows = self._held_rows()
        return _estimate((rows[0], rows[1]))

    def _held_rows(self) -> Any:
        return tf.convert_to_tensor(self._waiting)[:, : tf.convert_to_tensor(self._held)]


def _estimate(rows: tuple[Any, Any]) -> Any:
    """The unbiased estimate of the squared discrepancy of as many real as generated rows; NaN of fewer than two."""
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
