"""The layers, against NumPy in float64, in every precision and compiler, and in the exported formats."""

import keras
import numpy as np
import onnxruntime
import pytest
import tensorflow as tf
import tf2onnx
from ai_edge_litert.interpreter import Interpreter

from keras_gan.layers import AddChange, InstanceNormalization, ReflectionPadding2D

SHAPE = (2, 7, 9, 3)


@pytest.fixture
def x():
    return np.random.default_rng(0).normal(1.5, 3, SHAPE).astype(np.float32)


def normalized(x, epsilon=1e-5):
    """Equation 5 of the paper."""
    x = x.astype(np.float64)
    mean = x.mean((1, 2), keepdims=True)
    variance = ((x - mean) ** 2).mean((1, 2), keepdims=True)
    return (x - mean) / np.sqrt(variance + epsilon)


def both():
    """A model of the two layers, of images of unknown size."""
    images = keras.Input((None, None, 3))
    y = keras.layers.Conv2D(4, 3, name="convolution")(ReflectionPadding2D(((1, 2), (0, 3)))(images))
    return keras.Model(images, InstanceNormalization(epsilon=1e-4, affine=True)(y))


@pytest.mark.parametrize("epsilon", [1e-5, 0.1])
def test_instance_normalization_is_the_papers_formula(x, epsilon):
    layer = InstanceNormalization(epsilon)
    np.testing.assert_allclose(layer(x), normalized(x, epsilon), atol=2e-6)
    assert layer.weights == []


def test_each_image_is_normalized_by_itself_in_training_too(x):
    layer = InstanceNormalization()
    alone = layer(x[:1], training=False)
    np.testing.assert_allclose(layer(x, training=True)[:1], alone, atol=1e-6)


def test_affine_scales_and_shifts_each_channel(x):
    layer = InstanceNormalization(affine=True)
    np.testing.assert_allclose(layer(x), normalized(x), atol=2e-6)
    gamma, beta = np.array([2, 0.5, -1], np.float32), np.array([0, 1, 3], np.float32)
    layer.set_weights([gamma, beta])
    np.testing.assert_allclose(layer(x), normalized(x) * gamma + beta, atol=5e-6)
    assert len(layer.trainable_variables) == 2


@pytest.mark.parametrize(("dtype", "tolerance"), [("float16", 2e-3), ("bfloat16", 2e-2)])
def test_statistics_of_half_precision_are_taken_in_float32(x, dtype, tolerance):
    """A variance of 4e8 overflows float16, whose largest number is 65504."""
    half = tf.cast(np.clip(x * 6000, -6e4, 6e4), dtype)
    y = InstanceNormalization(dtype=f"mixed_{dtype}")(half)
    assert y.dtype == dtype
    np.testing.assert_allclose(tf.cast(y, "float64"), normalized(tf.cast(half, "float32").numpy()), atol=tolerance)


def test_float64_stays_float64(x):
    y = InstanceNormalization(dtype="float64")(x.astype(np.float64))
    np.testing.assert_allclose(y, normalized(x), atol=1e-13)


def test_a_constant_image_is_normalized_to_zero_with_a_finite_gradient():
    x = tf.constant(5.0, shape=(1, 4, 4, 2))
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = InstanceNormalization()(x)
        loss = tf.reduce_sum(y**2 + y)
    assert np.all(y.numpy() == 0)
    assert np.all(np.isfinite(tape.gradient(loss, x)))


def test_one_pixel_cannot_be_normalized():
    with pytest.raises(ValueError, match=r"more than one pixel.*Received: shape=\(2, 1, 1, 3\)"):
        InstanceNormalization()(np.zeros((2, 1, 1, 3), np.float32))
    with pytest.raises(ValueError, match="more than one pixel"):
        InstanceNormalization()(keras.Input((1, 1, 3)))


@pytest.mark.parametrize("padding", [0, 1, 3, ((1, 2), (0, 3)), [[4, 0], [0, 0]]])
def test_reflection_padding_is_numpys(x, padding):
    layer = ReflectionPadding2D(padding)
    sides = ((padding,) * 2,) * 2 if isinstance(padding, int) else padding
    expected = np.pad(x, ((0, 0), *sides, (0, 0)), mode="reflect")
    np.testing.assert_array_equal(layer(x), expected)
    assert layer.compute_output_shape((None, *SHAPE[1:])) == (None, *expected.shape[1:])
    assert layer(keras.Input((None, SHAPE[2], 3))).shape == (None, None, *expected.shape[2:])


@pytest.mark.parametrize("shape", [(1, 3, 9, 1), (1, 9, 3, 1), (1, 1, 1, 1)])
def test_the_image_must_be_larger_than_the_padding(shape):
    for images in (np.zeros(shape, np.float32), keras.Input(shape[1:])):
        with pytest.raises(ValueError, match=r"larger than the padding.*Received: shape="):
            ReflectionPadding2D(3)(images)


@pytest.mark.parametrize("padding", [-1, 1.5, None, (1, 2), ((1, 2), (3,)), ((1, 2), (3, -4)), "same"])
def test_padding_is_checked(padding):
    with pytest.raises(ValueError, match=r"`padding` must be.*Received: padding="):
        ReflectionPadding2D(padding)


@pytest.mark.parametrize("layer", [InstanceNormalization(), ReflectionPadding2D()])
def test_only_batches_of_images_are_taken(layer):
    with pytest.raises(ValueError, match="expected ndim=4"):
        layer(np.zeros((2, 8, 8), np.float32))


def test_the_arguments_are_attributes_and_come_back_from_the_config():
    normalization = InstanceNormalization(0.01, affine=True, name="n")
    padding = ReflectionPadding2D(((1, 2), (3, 4)), dtype="float16")
    for layer in (normalization, padding):
        twin = type(layer).from_config(layer.get_config())
        assert twin.get_config() == layer.get_config()
    assert (normalization.epsilon, normalization.affine) == (0.01, True)
    assert ReflectionPadding2D(2).padding == ((2, 2), (2, 2))


def test_a_saved_model_comes_back(tmp_path, x):
    model = both()
    model.save(tmp_path / "both.keras")
    loaded = keras.models.load_model(tmp_path / "both.keras")
    np.testing.assert_array_equal(loaded(x), model(x))


@pytest.mark.parametrize("dtype", ["float32", "mixed_float16"])
def test_xla_gives_the_same_values_and_gradients(x, dtype):
    layers = [ReflectionPadding2D(2, dtype=dtype), InstanceNormalization(affine=True, dtype=dtype)]

    def gradient(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layers[1](layers[0](x))
            loss = tf.reduce_sum(tf.cast(y, "float32") ** 3)
        return y, tape.gradient(loss, x)

    x = tf.constant(x)
    tolerance = 1e-4 if dtype == "float32" else 2e-2
    for plain, compiled in zip(gradient(x), tf.function(gradient, jit_compile=True)(x), strict=True):
        np.testing.assert_allclose(compiled, plain, rtol=tolerance, atol=tolerance)


def test_the_gradients_gradient_is_right(x):
    """Gradient penalties need it; here against finite differences of the gradient."""
    model = both()

    def gradient(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            loss = tf.reduce_mean(model(x) ** 3)
        return tape.gradient(loss, x)

    x = tf.constant(x)
    direction = tf.random.stateless_normal(x.shape, (0, 1))
    with tf.GradientTape() as tape:
        tape.watch(x)
        along = tf.reduce_sum(gradient(x) * direction)
    step = 1e-2
    expected = (gradient(x + step * direction) - gradient(x - step * direction)) / (2 * step)
    np.testing.assert_allclose(tape.gradient(along, x), expected, atol=2e-2 * float(tf.reduce_max(tf.abs(expected))))


def test_both_convert_to_tflite_with_built_in_operations_alone(tmp_path, x):
    model = both()
    archive = keras.export.ExportArchive()
    spec = tf.TensorSpec(SHAPE, tf.float32, name="images")
    archive.add_endpoint("serve", lambda images: {"image": model(images)}, input_signature=[spec])
    archive.write_out(str(tmp_path / "saved"), verbose=False)
    converter = tf.lite.TFLiteConverter.from_saved_model(str(tmp_path / "saved"), signature_keys=["serve"])
    run = Interpreter(model_content=converter.convert()).get_signature_runner("serve")
    np.testing.assert_allclose(run(images=x)["image"], model(x), atol=1e-5)


def test_both_convert_to_onnx_with_any_batch_and_size(x):
    model = both()
    spec = [tf.TensorSpec((None, None, None, 3), tf.float32, name="images")]
    draw = tf.function(lambda images: {"image": model(images)}, autograph=False, input_signature=spec)
    onnx_model, _ = tf2onnx.convert.from_function(draw, input_signature=spec, opset=17)
    session = onnxruntime.InferenceSession(onnx_model.SerializeToString(), providers=["CPUExecutionProvider"])
    for images in (x, x[:1, :6, :8]):
        (image,) = session.run(["image"], {"images": images})
        np.testing.assert_allclose(image, model(images), atol=1e-5)


def test_a_change_is_added_and_clipped_but_not_in_training():
    image = tf.constant([[0.9, -0.9, 0.1]])
    change = tf.constant([[0.5, -0.5, 0.5]])
    layer = AddChange()
    np.testing.assert_allclose(layer([image, change]), [[1.0, -1.0, 0.6]], atol=1e-6)
    np.testing.assert_allclose(layer([image, change], training=True), [[1.4, -1.4, 0.6]], atol=1e-6)
    with pytest.raises(ValueError, match="must have the shape of"):
        layer.compute_output_spec([keras.KerasTensor((1, 4, 4, 3)), keras.KerasTensor((1, 8, 8, 3))])
    with pytest.raises(ValueError, match="must have the shape of"):
        layer([tf.zeros((1, 4, 4, 3)), tf.zeros((1, 4, 4, 1))])
