"""Images that are moved as a whole: the layer against SciPy's interpolation, the network, and its exports."""

import export_models as models
import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import ndimage

from keras_gan.export import export_generator, load
from keras_gan.layers import ScaleAndShift
from keras_gan.models.translation_model import size_multiple
from keras_gan.networks import spatial_transformer

REACH = 0.3


def pictures(*shape):
    return np.random.default_rng(0).uniform(-1, 1, shape).astype(np.float32)


def moves(n):
    return np.random.default_rng(1).normal(0, 1, (n, 4)).astype(np.float32)


def moved(images, move):
    """The docstring's formula in float64, sampled by SciPy."""
    bounded = REACH * np.tanh(move.astype(np.float64))
    result = np.empty(images.shape)
    for i, image in enumerate(images.astype(np.float64)):
        places = []
        for axis in (0, 1):
            size = image.shape[axis]
            u = (2 * np.arange(size) + 1) / size - 1
            u = u / np.exp(bounded[i, axis]) + bounded[i, 2 + axis]
            places.append(((u + 1) * size - 1) / 2)
        grid = np.meshgrid(*places, indexing="ij")
        for channel in range(image.shape[-1]):
            result[i, ..., channel] = ndimage.map_coordinates(image[..., channel], grid, order=1, mode="nearest")
    return result


@pytest.mark.parametrize("shape", [(3, 12, 12, 3), (2, 9, 16, 1), (2, 1, 5, 2)])
def test_the_layer_samples_where_the_formula_says(shape):
    images, move = pictures(*shape), 2 * moves(shape[0])
    assert np.abs(moved(images, move) - images).mean() > 0.1
    np.testing.assert_allclose(ScaleAndShift(REACH)([images, move]), moved(images, move), atol=1e-5)


def test_zeros_leave_the_image_as_it_is():
    images = pictures(2, 10, 7, 3)
    np.testing.assert_allclose(ScaleAndShift()([images, np.zeros((2, 4), np.float32)]), images, atol=2e-6)


def test_the_gradient_is_that_of_finite_differences():
    rows, columns = np.mgrid[:16, :16] / 16
    images = np.sin(5 * rows + 3 * columns)[None, ..., None].astype(np.float32)
    move, direction = moves(1), np.array([[0.3, -0.5, 0.4, 0.7]], np.float32)
    layer = ScaleAndShift(REACH)
    with tf.GradientTape() as tape:
        variable = tf.Variable(move)
        total = tf.reduce_mean(layer([images, variable]) * images)
    along = np.sum(tape.gradient(total, variable).numpy() * direction)
    ahead, behind = (np.mean(moved(images, move + step * direction) * images) for step in (1e-4, -1e-4))
    assert along == pytest.approx((ahead - behind) / 2e-4, rel=1e-2)


def test_the_layer_refuses_what_it_cannot_use_and_comes_back():
    with pytest.raises(ValueError, match=r"`reach` must be positive\. Received: reach=0"):
        ScaleAndShift(reach=0)
    with pytest.raises(ValueError, match=r"`move` must hold 4 numbers for each image. Received: shape=\(None, 3\)"):
        ScaleAndShift()([keras.Input((8, 8, 3)), keras.Input((3,))])
    with pytest.raises(ValueError, match=r"`move` must hold 4 numbers for each image. Received: shape=\(1, 5\)"):
        ScaleAndShift()([np.zeros((1, 8, 8, 3)), np.zeros((1, 5))])
    layer = ScaleAndShift(0.05, name="still")
    assert ScaleAndShift.from_config(layer.get_config()).get_config() == layer.get_config()
    assert layer.reach == 0.05


def test_an_untrained_generator_leaves_images_all_but_as_they_are_and_can_learn():
    images = pictures(2, 20, 28, 3)
    model = spatial_transformer.generator((20, 28, 3), filters=4)
    assert 0 < np.abs(model(images) - images).mean() < 0.01
    with tf.GradientTape() as tape:
        total = tf.reduce_mean(model(images) ** 2)
    assert all(np.any(gradient.numpy() != 0) for gradient in tape.gradient(total, model.trainable_variables[::2]))


@pytest.mark.parametrize("size", [(8, 8), (33, 50), (5, 3)])
def test_the_generator_takes_images_of_any_size(size):
    model = models.lively(spatial_transformer.generator((None, None, 2), filters=4))
    images = pictures(1, *size, 2)
    assert model(images).shape == images.shape
    assert size_multiple(model) == 1


def test_a_shape_that_is_none_is_refused():
    with pytest.raises(ValueError, match=r"`image_shape` must be .*Received: image_shape=\(64, 64\)"):
        spatial_transformer.generator((64, 64))


def test_every_format_moves_images_as_keras_does(tmp_path):
    g, f = (models.lively(spatial_transformer.generator((32, 32, 3), filters=4), seed) for seed in (0, 1))
    g.get_layer("move").bias.assign([0.8, -0.5, 0.4, -0.9])
    model = models.Translating({"g": g, "f": f}, 1, name="moving")
    examples = models.pictures(3, 32, 32)
    formats = ["saved_model", "tflite", "onnx", "tflite_int8"]
    report = export_generator(model, tmp_path, formats, image_sizes=[(32, 32)], examples=examples, max_kid=None)
    images = models.pictures(2, 32, 32, seed=1)
    expected = model.translate(images)
    assert np.abs(expected.astype(float) - images).mean() > 10
    for name in ("saved_model", "tflite", "onnx"):
        drawn = load(report.path, format=name)(images)
        assert np.abs(drawn.astype(float) - expected).max() <= 1, name
    # Places in 8 bits would be off by a pixel.
    drawn = load(report.path, format="tflite_int8")(images)
    assert np.abs(drawn.astype(float) - expected).mean() < 2
