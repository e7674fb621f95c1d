from __future__ import annotations

import export_models as models
import keras
import tensorflow as tf

from keras_gan.export.formats.grouped_convolution import grouped_convolutions_unfused


def after_convolutions(layer: keras.layers.Layer, image: tuple[int, ...]) -> list[list[str]]:
    """The operations that take the result of each convolution."""
    layer.build((None, *image))
    with grouped_convolutions_unfused():
        traced = tf.function(layer).get_concrete_function(tf.TensorSpec((None, *image)))
    convolutions = [op for op in traced.graph.get_operations() if op.type == "Conv2D"]
    return [[consumer.type for consumer in op.outputs[0].consumers()] for op in convolutions]


class Own(keras.layers.Layer):
    """A layer that is no `keras.layers.Conv2D`, in either data format."""

    def __init__(self, groups: int, data_format: str = "NHWC") -> None:
        super().__init__()
        self.groups, self.data_format = groups, data_format

    def build(self, _):
        self.kernel = self.add_weight(shape=(3, 3, 8 // self.groups, 8))

    def call(self, x):
        return tf.nn.conv2d(x, self.kernel, 1, "SAME", self.data_format)


def test_a_grouped_convolution_is_apart_from_what_follows():
    assert after_convolutions(Own(2), (5, 5, 8)) == [["EnsureShape"]]
    assert after_convolutions(Own(8, "NCHW"), (8, 5, 5)) == [["EnsureShape"]]


def test_other_convolutions_stay_as_they_are():
    assert after_convolutions(Own(1), (5, 5, 8)) == [["Identity"]]
    assert after_convolutions(Own(1, "NCHW"), (8, 5, 5)) == [["Identity"]]
    assert after_convolutions(keras.layers.Conv2D(4, 3), (5, 5, 8)) == [["BiasAdd"]]
    assert after_convolutions(keras.layers.DepthwiseConv2D(3), (5, 5, 8)) == []


def test_tracing_afterwards_is_as_before():
    with grouped_convolutions_unfused():
        pass
    model = models.grouped().generator
    traced = tf.function(lambda z: model(z, training=False)).get_concrete_function(tf.TensorSpec((None, models.LATENT)))
    assert "EnsureShape" not in {op.type for op in traced.graph.get_operations()}
