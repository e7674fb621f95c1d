"""Transposed convolutions of TFLite files, against TensorFlow's own and what LiteRT makes of them."""

from __future__ import annotations

import numpy as np
import pytest

from keras_gan.export.formats import tflite_file
from keras_gan.export.formats.transposed_convolution import as_convolutions

CASES = [
    # kernel, stride, padding, bias
    ((4, 4), 2, "SAME", True),
    ((4, 4), 2, "VALID", False),
    ((2, 2), 2, "SAME", True),
    ((6, 4), 2, "SAME", False),
    ((6, 6), 3, "SAME", True),
    ((3, 6), 3, "SAME", True),
    ((8, 8), 4, "VALID", True),
]


def file_of(kernel, stride, padding, bias, size=(2, 5, 7), relu=False):
    import tensorflow as tf

    rng = np.random.default_rng(0)
    batch, height, width = size
    weights = tf.constant(rng.standard_normal((*kernel, 3, 4)), tf.float32)
    shape = [
        batch,
        *(
            n * stride if padding == "SAME" else (n - 1) * stride + k
            for n, k in zip((height, width), kernel, strict=True)
        ),
        3,
    ]

    @tf.function(input_signature=[tf.TensorSpec((batch, height, width, 4))])
    def up(image):
        y = tf.nn.conv2d_transpose(image, weights, shape, stride, padding)
        y = tf.nn.bias_add(y, [0.5, -1.0, 2.0]) if bias else y
        return {"image": tf.nn.relu(y) if relu else y}

    converter = tf.lite.TFLiteConverter.from_concrete_functions([up.get_concrete_function()])
    return converter.convert(), up


def operations_of(file):
    from ai_edge_litert.interpreter import Interpreter

    return {detail["op_name"] for detail in Interpreter(model_content=file)._get_ops_details()}


def run(file, x):
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=file)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], x)
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])


@pytest.mark.parametrize("size", [(2, 5, 7), (1, 16, 20)])
@pytest.mark.parametrize("relu", [False, True])
@pytest.mark.parametrize(("kernel", "stride", "padding", "bias"), CASES)
def test_the_same_images(kernel, stride, padding, bias, relu, size):
    file, up = file_of(kernel, stride, padding, bias, size, relu)
    rewritten = as_convolutions(file)
    assert "TRANSPOSE_CONV" in operations_of(file)
    assert "TRANSPOSE_CONV" not in operations_of(rewritten)
    codes = [tflite_file.operation(code) for code in tflite_file.read(rewritten).operatorCodes]
    assert set(codes) == operations_of(rewritten) - {"DELEGATE"}
    x = np.random.default_rng(1).standard_normal((*size, 4)).astype(np.float32)
    np.testing.assert_allclose(run(rewritten, x), up(x)["image"], atol=1e-5)
    # A cropped border is expensive for small images: then each pixel of a block is convolved alone.
    products = np.prod([(n + k // stride - 1) / n for n, k in zip(size[1:], kernel, strict=True)])
    expensive = padding == "SAME" and products > 1.2
    assert ("CONCATENATION" in codes) == expensive


@pytest.mark.parametrize(("kernel", "stride"), [((3, 3), 2), ((5, 5), 2), ((4, 3), 2), ((3, 3), 1)])
def test_what_would_take_more_products_is_left(kernel, stride):
    file, _ = file_of(kernel, stride, "SAME", True)
    assert as_convolutions(file) is file


@pytest.mark.parametrize(("padding", "shape"), [("SAME", (2, 9, 13, 3)), ("VALID", (2, 13, 17, 3))])
def test_another_of_the_sizes_that_shrink_to_the_image_is_left(padding, shape):
    import tensorflow as tf

    weights = tf.ones((4, 4, 3, 4))

    @tf.function(input_signature=[tf.TensorSpec((2, 5, 7, 4))])
    def up(image):
        return {"image": tf.nn.conv2d_transpose(image, weights, shape, 2, padding)}

    file = tf.lite.TFLiteConverter.from_concrete_functions([up.get_concrete_function()]).convert()
    assert "TRANSPOSE_CONV" in operations_of(file)
    assert as_convolutions(file) is file


def test_a_tflite_file_survives_reading_and_writing():
    file, _ = file_of((4, 4), 2, "SAME", True)
    again = tflite_file.write(tflite_file.read(file))
    x = np.ones((2, 5, 7, 4), np.float32)
    np.testing.assert_array_equal(run(again, x), run(file, x))
    assert tflite_file.write(tflite_file.read(again)) == again
