"""Grouped convolutions in a form that every CPU kernel of TensorFlow runs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any


@contextlib.contextmanager
def grouped_convolutions_unfused() -> Iterator[None]:
    """Trace functions so that TensorFlow does not fuse a grouped convolution with the operation after it.

    TensorFlow's optimizer joins a convolution and the bias, batch normalization or activation after it to one
    operation. The CPU kernel of that operation does not support groups; oneDNN's does. A SavedModel with such a
    convolution therefore runs on some processors only. The optimizer keeps `tf.ensure_shape`, which computes nothing,
    and does not fuse across it.

    Example:
    ```python
    with grouped_convolutions_unfused():
        archive.add_endpoint("serving_default", function, input_signature=specs)
    ```
    """
    # The hook of `tf.debugging.enable_check_numerics`. It sees convolutions of any layer, and of this thread only.
    from tensorflow.python.framework import op_callbacks

    op_callbacks.add_op_callback(_guard)
    try:
        yield
    finally:
        op_callbacks.remove_op_callback(_guard)


def _guard(op_type: str, inputs: Any, _: Any, outputs: Any, graph: Any = None, **_others: Any) -> Any:
    """Return the tensors that replace `outputs`, or `None` to keep them."""
    import tensorflow as tf

    if op_type != "Conv2D" or graph is None:
        return None
    image, kernel = inputs
    (result,) = outputs
    channels = image.shape[1 if result.op.get_attr("data_format") == b"NCHW" else -1]
    return None if channels == kernel.shape[2] else [tf.ensure_shape(result, result.shape)]
