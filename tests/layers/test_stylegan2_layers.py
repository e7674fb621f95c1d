"""The layers of StyleGAN2 and SAGAN, against NumPy in float64."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan.layers import (
    Blur2D,
    ConstantNoise,
    EqualizedConv2D,
    EqualizedDense,
    LearntConstant,
    LearntGain,
    MinibatchStandardDeviation,
    ModulatedConv2D,
    StyleMixing,
    Truncation,
)
from keras_gan.networks.residual_blocks import doubled, self_attention

RNG = np.random.default_rng(0)


def normal(*shape):
    return RNG.normal(size=shape)


def convolve(x, kernel):
    """The sum over a window that lies within the image."""
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel.shape[:2], axis=(1, 2))
    return np.einsum("nhwcij,ijcd->nhwd", windows, kernel)


def padded(x, size):
    return np.pad(x, ((0, 0), (size, size), (size, size), (0, 0)))


def filtered(x, padding):
    kernel = np.outer([1, 3, 3, 1], [1, 3, 3, 1])[:, :, None, None] * np.eye(x.shape[-1]) / 64
    return convolve(padded(x, padding), kernel)


@pytest.mark.parametrize("multiplier", [1.0, 0.01])
def test_an_equalised_dense_layer_scales_its_weights(multiplier):
    layer = EqualizedDense(3000, multiplier)
    x = normal(2, 20)
    layer(x)
    kernel, _ = layer.get_weights()
    assert kernel.std() == pytest.approx(1 / multiplier, rel=0.02)
    bias = normal(3000)
    layer.set_weights([kernel, bias])
    expected = multiplier * (x @ kernel.astype(np.float64) / np.sqrt(20) + bias)
    np.testing.assert_allclose(layer(x), expected, atol=1e-5)


def test_an_equalised_convolution_divides_by_the_root_of_the_fan_in():
    layer = EqualizedConv2D(5, 3, strides=2)
    x = normal(2, 9, 7, 4)
    layer(x)
    kernel, bias = normal(3, 3, 4, 5), normal(5)
    layer.set_weights([kernel, bias])
    np.testing.assert_allclose(layer(x), (convolve(x, kernel) / 6)[:, ::2, ::2] + bias, atol=1e-5)


@pytest.mark.parametrize("demodulate", [True, False])
@pytest.mark.parametrize("upsample", [True, False])
def test_a_modulated_convolution_has_weights_for_each_image(demodulate, upsample):
    """Equations 1 and 3, with a convolution for each image."""
    layer = ModulatedConv2D(4, 3, demodulate=demodulate, upsample=upsample)
    x, style = normal(2, 5, 6, 3), normal(2, 3)
    y = layer([x, style])
    assert layer.compute_output_shape([x.shape, style.shape]) == y.shape
    kernel, bias = normal(3, 3, 3, 4), normal(4)
    layer.set_weights([kernel.transpose(0, 1, 3, 2) if upsample else kernel, bias])
    expected = []
    for image, s in zip(x, style, strict=True):
        w = kernel * s[:, None] / (1 if demodulate else np.sqrt(27))
        if demodulate:
            w = w / np.sqrt((w**2).sum((0, 1, 2)) + 1e-8)
        if upsample:  # zeros between the pixels, a convolution that mirrors the kernel, and the filter
            spread = np.zeros((1, 9, 11, 3))
            spread[:, ::2, ::2] = image
            expected.append(4 * filtered(convolve(padded(spread, 2), w[::-1, ::-1]), 1)[0])
        else:
            expected.append(convolve(padded(image[None], 1), w)[0])
    np.testing.assert_allclose(layer([x, style]), np.array(expected) + bias, atol=1e-5)


@pytest.mark.parametrize("padding", [1, 2])
def test_blur_is_the_filter(padding):
    x = normal(2, 5, 6, 3)
    y = Blur2D(padding, gain=4.0, dtype="float64")(x)
    np.testing.assert_allclose(y, 4 * filtered(x, padding), atol=1e-6)
    assert Blur2D(padding).compute_output_shape(x.shape) == y.shape


@pytest.mark.parametrize(("batch", "group"), [(8, 4), (6, 3), (5, 1), (3, 3)])
def test_the_standard_deviation_is_that_of_groups(batch, group):
    x = normal(batch, 2, 3, 4).astype(np.float32)
    y = MinibatchStandardDeviation(4)(x)
    np.testing.assert_array_equal(y[..., :4], x)
    groups = x.astype(np.float64).reshape(group, batch // group, 2, 3, 4)
    expected = np.sqrt(groups.var(0) + 1e-8).mean((1, 2, 3))
    np.testing.assert_allclose(y[..., 4], np.tile(expected, group)[:, None, None] * np.ones((1, 2, 3)), atol=1e-6)


def test_constant_noise_is_added_and_has_no_strength_at_first():
    layer = ConstantNoise()
    x = normal(2, 3, 4, 5)
    np.testing.assert_array_equal(layer(x), x.astype(np.float32))
    assert len(layer.trainable_variables) == 1
    layer.strength.assign(0.5)
    np.testing.assert_allclose(layer(x), x + 0.5 * layer.noise.numpy(), atol=1e-6)


def test_a_constant_is_repeated_and_a_gain_multiplies():
    constant, gain = LearntConstant((2, 3, 4)), LearntGain()
    maps = constant(normal(5, 7))
    np.testing.assert_array_equal(maps, np.tile(constant.constant.numpy(), (5, 1, 1, 1)))
    assert not np.any(gain(maps))
    gain.gain.assign(2.0)
    np.testing.assert_array_equal(gain(maps), 2 * maps)


def test_truncation_moves_to_the_average_of_training():
    layer = Truncation(psi=0.25, momentum=0.5)
    w = normal(6, 3)
    np.testing.assert_array_equal(layer(w, training=True), w.astype(np.float32))
    average = w.mean(0) / 2
    np.testing.assert_allclose(layer(w), average + 0.25 * (w - average), atol=1e-6)
    np.testing.assert_array_equal(Truncation()(w), w.astype(np.float32))


def test_style_mixing_replaces_the_last_styles_of_most_images():
    count, styles = 20_000, 5
    w, other, z = np.zeros((count, 2)), np.ones((count, 2)), normal(count, 8)
    layer = StyleMixing(styles, 0.9)
    assert not np.any(layer([w, other, z]))
    mixed = np.asarray(layer([w, other, z], training=True))
    np.testing.assert_array_equal(mixed, layer([w, other, z], training=True))
    np.testing.assert_array_equal(mixed[..., 0], mixed[..., 1])
    own = styles - mixed[..., 0].sum(-1)
    assert np.all(np.diff(mixed[..., 0]) >= 0)
    assert np.mean(own == styles) == pytest.approx(0.1, abs=0.01)
    for first in range(1, styles):
        assert np.mean(own == first) == pytest.approx(0.9 / 4, abs=0.01)
    assert abs(np.corrcoef(own, z[:, 0])[0, 1]) < 0.03
    assert not np.any(StyleMixing(styles, 0.0)([w, other, z], training=True))


def test_self_attention_is_the_papers_formula():
    """Equations 1 to 3, with keys and values of 2x2 pixels, as in the official code."""
    inputs = keras.Input((4, 6, 16))
    made = []

    def convolution(filters, size, **options):
        made.append(keras.layers.Conv2D(filters, size, **options))
        return made[-1]

    model = keras.Model(inputs, self_attention(inputs, convolution))
    x = normal(2, 4, 6, 16)
    np.testing.assert_allclose(model(x), x, atol=1e-6)
    model.get_layer("attention_gain").gain.assign(0.7)
    f, g, h, v = (layer.kernel.numpy().astype(np.float64)[0, 0] for layer in made)
    query = (x @ f).reshape(2, 24, 2)
    key, value = ((x @ k).reshape(2, 2, 2, 3, 2, -1).max((2, 4)).reshape(2, 6, -1) for k in (g, h))
    scores = np.exp(query @ key.transpose(0, 2, 1))
    attended = scores / scores.sum(-1, keepdims=True) @ value
    np.testing.assert_allclose(model(x), x + 0.7 * (attended @ v).reshape(x.shape), atol=1e-5)


def test_doubling_repeats_pixels():
    x = normal(2, 3, 4, 5).astype(np.float32)
    np.testing.assert_array_equal(doubled(tf.constant(x)), x.repeat(2, 1).repeat(2, 2))


@pytest.mark.parametrize(
    "layer",
    [
        Blur2D(1, 4.0),
        ConstantNoise(),
        EqualizedConv2D(3, 3, padding="same"),
        EqualizedDense(3, 0.1, bias_initializer="ones"),
        LearntConstant((2, 3, 4)),
        LearntGain(1.0),
        MinibatchStandardDeviation(2),
        ModulatedConv2D(3, 3, upsample=True),
        StyleMixing(3, 0.5),
        Truncation(0.7),
    ],
)
def test_the_arguments_come_back_from_the_config(layer):
    assert type(layer).from_config(layer.get_config()).get_config() == layer.get_config()


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (lambda: EqualizedDense(3, 0.0), "`multiplier` must be above 0. Received: multiplier=0.0"),
        (lambda: ModulatedConv2D(3, 2), "`kernel_size` must be odd.*Received: kernel_size=2"),
        (lambda: MinibatchStandardDeviation(0), "`group_size` must be at least 1. Received: group_size=0"),
        (lambda: StyleMixing(1), "`styles` must be at least 2.*Received: styles=1"),
    ],
)
def test_wrong_arguments_are_named(build, says):
    with pytest.raises(ValueError, match=says):
        build()
