"""Requests that TensorFlow Serving sends to a new version, so that no user waits for the first run."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from keras_gan.artifacts.versions import WARM_UP
from keras_gan.export.sources.source import Source


def write_warm_up(source: Source, folder: Path) -> None:
    """Writes a request for each signature and batch size.

    Args:
        source: Model that was written to `folder` as a SavedModel.
        folder: The version folder.
    """
    import tensorflow as tf

    from keras_gan.artifacts.case import Case

    path = folder / WARM_UP
    path.parent.mkdir(exist_ok=True)
    with tf.io.TFRecordWriter(str(path)) as file:
        for inputs, batches in source.comparison_inputs():
            for variant in source.variants:
                for batch in batches:
                    case = Case(inputs, next(iter(inputs.values())), batch).for_signature(variant, source.image_range)
                    file.write(prediction_log(variant.signature, next(case.batches)))


def prediction_log(signature: str, inputs: dict[str, np.ndarray]) -> bytes:
    """Serialises a request as a `tensorflow.serving.PredictionLog`.

    The package with these messages registers TensorFlow Serving's protocol a second time, so the fields are encoded
    here. Each is a message or a text:

        PredictionLog.predict_log = 6, PredictLog.request = 1, PredictRequest.model_spec = 1 and .inputs = 2,
        ModelSpec.signature_name = 3, and key = 1 and value = 2 of each of the inputs

    Args:
        signature: Name of the signature.
        inputs: Batch of arrays, by name.
    """
    import tensorflow as tf

    model_spec = _field(1, _field(3, signature.encode()))
    named = b"".join(
        _field(2, _field(1, name.encode()) + _field(2, tf.make_tensor_proto(array).SerializeToString()))
        for name, array in inputs.items()
    )
    return _field(6, _field(1, model_spec + named))


def _field(number: int, content: bytes) -> bytes:
    """Encodes a field of a protocol buffer that holds bytes."""
    return bytes([number << 3 | 2]) + _varint(len(content)) + content


def _varint(number: int) -> bytes:
    return bytes([number]) if number < 128 else bytes([number & 127 | 128]) + _varint(number >> 7)
