"""R3GAN's networks and their layers, against NumPy float64 and the sizes of the official PyTorch code."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import keras_gan
from keras_gan.layers import (
    ClipInInference,
    GroupedConv2D,
    InterpolativeDownsampling2D,
    InterpolativeUpsampling2D,
    LearntBasis,
)
from keras_gan.networks import r3gan

RUNS = {"eager": lambda f: f, "xla": lambda f: tf.function(f, jit_compile=True)}


def normal(*shape):
    return np.random.default_rng(0).normal(size=shape)


def shaken(model):
    """Sets every weight at random, so that no block is the identity and no bias is 0."""
    rng = np.random.default_rng(1)
    for weight in model.weights:
        weight.assign(rng.normal(0, 0.3, weight.shape))
    return model


# ------------------------------------------------------------------ in NumPy


def relu(x):
    return np.where(x > 0, x, 0.2 * x)


def convolve(x, kernel):
    """The sum over a window, padded by zeros; the kernel's input channels are those of one group."""
    size, _, each, width = kernel.shape
    groups = x.shape[-1] // each
    x = np.pad(x, ((0, 0), (size // 2,) * 2, (size // 2,) * 2, (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(1, 2))
    windows = windows.reshape(*windows.shape[:3], groups, each, size, size)
    kernel = kernel.reshape(size, size, each, groups, width // groups)
    y = np.einsum("nhwgcij,ijcgd->nhwgd", windows, kernel)
    return y.reshape(*y.shape[:3], width)


def filtered(x, scale):
    """[1, 3, 3, 1] along both axes, at each place where it touches the image."""
    kernel = np.outer([1, 3, 3, 1], [1, 3, 3, 1])[:, :, None, None] * np.eye(x.shape[-1]) / scale
    x = np.pad(x, ((0, 0), (2, 2), (2, 2), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(x, (4, 4), axis=(1, 2))
    return np.einsum("nhwcij,ijcd->nhwd", windows, kernel)


def up(x):
    """Zeros between the pixels, then the filter."""
    n, height, width, channels = x.shape
    y = np.zeros((n, 2 * height, 2 * width, channels))
    y[:, ::2, ::2] = x
    return filtered(y, 16)[:, :-1, :-1]


def down(x):
    """The filter, then every other pixel."""
    return filtered(x, 64)[:, 1:-1:2, 1:-1:2]


def block(x, weights):
    first, first_bias, grouped, grouped_bias, last = (next(weights) for _ in range(5))
    y = relu(convolve(x, first) + first_bias)
    y = relu(convolve(y, grouped) + grouped_bias)
    return x + convolve(y, last)


def weights_of(model):
    return iter([w.astype(np.float64) for w in model.get_weights()])


# ------------------------------------------------------------------ the networks


@pytest.mark.parametrize("num_classes", [None, 3])
def test_the_networks_are_the_papers(num_classes):
    """Widths 32, 32, 32, 32, 16; the 1x1 convolution comes before the doubling, and after the halving."""
    shape, widths = (64, 64, 3), [32, 32, 32, 32, 16]
    generator = shaken(r3gan.generator(shape, 5, num_classes, filters=32))
    discriminator = shaken(r3gan.discriminator(shape, num_classes, filters=32))
    z, labels = normal(2, 5), np.array([2, 0])
    weights = weights_of(generator)
    x = z if num_classes is None else np.concatenate([z, next(weights)[labels]], axis=-1)
    x = (x @ next(weights))[:, None, None] * next(weights)
    x = block(x, weights)
    for before, width in itertools.pairwise(widths):
        x = up(x if before == width else convolve(x, next(weights)))
        x = block(x, weights)
    expected = convolve(x, next(weights))
    images = generator([z, labels] if num_classes else z, training=True)
    np.testing.assert_allclose(images, expected, atol=2e-4 * np.abs(expected).max())

    expected = np.clip(expected / np.abs(expected).max(), -1, 1)
    weights = weights_of(discriminator)
    if num_classes:
        embedding = discriminator.get_layer("label_embedding").kernel.numpy().astype(np.float64)
    x = block(convolve(expected, next(weights)), weights)
    for before, width in itertools.pairwise(widths[::-1]):
        x = down(x)
        x = block(x if before == width else convolve(x, next(weights)), weights)
    x = (x * next(weights)[..., 0]).sum((1, 2)) @ next(weights)
    x = (x * embedding[labels]).sum(-1, keepdims=True) if num_classes else x
    logits = discriminator([expected, labels] if num_classes else expected)
    np.testing.assert_allclose(logits, x, atol=2e-4 * np.abs(x).max())


@pytest.mark.parametrize(
    ("shape", "num_classes"), [((8, 8, 1), None), ((28, 28, 2), 4), ((256, 256, 3), None), ((48, 96, 4), 4)]
)
def test_shapes_and_ranges(shape, num_classes):
    generator = r3gan.generator(shape, 6, num_classes, filters=64, group_size=8)
    discriminator = r3gan.discriminator(shape, num_classes, filters=64, group_size=8)
    assert generator.output_shape == (None, *shape)
    assert discriminator.output_shape == (None, 1)
    labels = [keras.KerasTensor((2,), "int32")] if num_classes else []
    specs = [keras.KerasTensor((2, *shape)), *labels]
    assert discriminator.compute_output_spec(specs if labels else specs[0]).shape == (2, 1)


def test_at_first_every_block_is_the_identity_and_scaled_by_fixup():
    model = r3gan.discriminator((16, 16, 3), filters=64, blocks=2)
    sums = [layer for layer in model.layers if isinstance(layer, layers.Add)]
    assert len(sums) == 6
    pairs = [[*layer.input, layer.output] for layer in sums]
    values = keras.Model(model.inputs, pairs)([normal(8, 16, 16, 3).astype(np.float32)])
    for x, change, total in values:
        np.testing.assert_array_equal(change, np.zeros(change.shape))
        np.testing.assert_array_equal(total, x)
    # Fixup's factor for 6 blocks of 3 layers; LeakyReLU's own gain sqrt(2 / 1.04) is part of it.
    scale = np.sqrt(2 / 1.04) * 6**-0.25
    for layer, fan_in in (
        (model.layers[2], 64),
        (next(la for la in model.layers if isinstance(la, GroupedConv2D)), 144),
    ):
        assert float(np.std(layer.kernel.numpy())) == pytest.approx(scale / np.sqrt(fan_in), rel=0.05)


def test_images_are_clipped_but_not_in_training():
    generator = shaken(r3gan.generator((8, 8, 1), 4, filters=16))
    z = 3 * normal(8, 4)
    raw, images = generator(z, training=True).numpy(), generator(z).numpy()
    assert np.abs(raw).max() > 1
    np.testing.assert_array_equal(images, np.clip(raw, -1, 1))
    gan = keras_gan.GAN(generator, r3gan.discriminator((8, 8, 1), filters=16), latent_dim=4)
    assert gan.image_range == (-1, 1)
    assert np.abs(gan.generate(8)).max() <= 1


@pytest.mark.parametrize("build", [lambda s, **o: r3gan.generator(s, 8, **o), r3gan.discriminator])
def test_other_shapes_and_widths_are_refused(build):
    with pytest.raises(ValueError, match=r"Received: image_shape=\(30, 30, 1\)\. .* sizes are 28x28 and 32x32\.$"):
        build((30, 30, 1))
    with pytest.raises(
        ValueError, match=r"twice the width at each size, \[12, 12, 12, 12, 6\]. Received: group_size=16"
    ):
        build((64, 64, 3), filters=12)
    with pytest.raises(ValueError, match=r"`blocks` must be at least 0. Received: blocks=-1"):
        build((8, 8, 3), blocks=-1)


def test_in_half_precision_images_and_logits_are_float32():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        generator = r3gan.generator((8, 8, 3), 4, 3, filters=16)
        discriminator = r3gan.discriminator((8, 8, 3), 3, filters=16)
    finally:
        keras.config.set_dtype_policy("float32")
    labels = tf.constant([0, 1])
    images = generator([tf.ones((2, 4)), labels])
    assert generator.get_layer("unclipped").input.dtype == "bfloat16"
    assert images.dtype == discriminator([images, labels]).dtype == "float32"


@pytest.mark.usefixtures("without_seeds")
def test_the_three_formats_compute_the_same_images(tmp_path):
    generator = shaken(r3gan.generator((16, 16, 3), 5, 3, filters=16))
    for weight in generator.get_layer("unclipped").weights:
        weight.assign(weight / 20)
    discriminator = r3gan.discriminator((16, 16, 3), 3, filters=16)
    gan = keras_gan.GAN(generator, discriminator, latent_dim=5, num_classes=3, seed=0)
    images = gan.generate(8)
    assert np.mean(np.abs(images) < 1) > 0.5  # else parity would compare what is clipped
    assert images.std() > 0.05
    keras_gan.export.export_generator(gan, tmp_path, batch_sizes=[8])
    for name in ("saved_model.pb", "model.tflite", "model.onnx"):
        drawn = keras_gan.export.load(tmp_path / "gan" / "1" / name).generate(8)
        np.testing.assert_allclose(drawn, images, atol=1e-5)


def test_saved_networks_come_back(tmp_path):
    for model, inputs in (
        (r3gan.generator((28, 28, 1), 4, 3, filters=16), [normal(2, 4), np.array([0, 2])]),
        (r3gan.discriminator((28, 28, 1), 3, filters=16), [normal(2, 28, 28, 1), np.array([0, 2])]),
    ):
        shaken(model).save(tmp_path / "model.keras")
        loaded = keras.models.load_model(tmp_path / "model.keras")
        np.testing.assert_array_equal(loaded(inputs), model(inputs))


@pytest.mark.parametrize("run", ["eager", pytest.param("xla", marks=pytest.mark.slow)])
def test_a_gradient_penalty_has_the_right_gradient(run):
    """R1 of all but the last layer, which is in float32, in float64 against finite differences of it."""
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    try:
        whole = shaken(r3gan.discriminator((8, 8, 2), filters=16))
        model = keras.Model(whole.inputs, whole.get_layer("logits").input)
    finally:
        keras.config.set_floatx("float32")
        keras.config.set_dtype_policy("float32")
    x = tf.constant(normal(2, 8, 8, 2))
    variables = [v.value for v in model.trainable_variables]

    def penalty():
        with tf.GradientTape() as tape:
            tape.watch(x)
            features = tf.sin(model(x, training=True))
        return tf.reduce_sum(tape.gradient(features, x) ** 2)

    def gradient():
        with tf.GradientTape() as tape:
            r1 = penalty()
        return tape.gradient(r1, variables)

    found = RUNS[run](gradient)()
    rng = np.random.default_rng(3)
    directions = [rng.normal(size=v.shape) for v in variables]
    values = [v.numpy() for v in variables]

    def penalty_at(step):
        for v, value, direction in zip(variables, values, directions, strict=True):
            v.assign(value + step * direction)
        return float(penalty())

    expected = (penalty_at(1e-6) - penalty_at(-1e-6)) / 2e-6
    along = sum(float(np.sum(g * d)) for g, d in zip(found, directions, strict=True))
    assert along == pytest.approx(expected, rel=1e-5)


# ------------------------------------------------------------------ the layers


def test_resampling_is_the_filter():
    x = normal(2, 6, 4, 3)
    np.testing.assert_allclose(InterpolativeUpsampling2D(dtype="float64")(x), up(x), atol=1e-12)
    np.testing.assert_allclose(InterpolativeDownsampling2D(dtype="float64")(x), down(x), atol=1e-12)


@pytest.mark.parametrize("layer", [InterpolativeUpsampling2D(), InterpolativeDownsampling2D()])
def test_resampling_keeps_a_constant_within_the_border(layer):
    y = layer(np.full((1, 8, 8, 2), 0.7, np.float32)).numpy()
    np.testing.assert_allclose(y[:, 1:-1, 1:-1], 0.7, atol=1e-6)
    np.testing.assert_allclose(y, y[:, ::-1, ::-1], atol=1e-7)


def test_resampling_refuses_what_it_cannot_halve():
    for shape in ((7, 8, 1), (8, 7, 1)):
        with pytest.raises(ValueError, match=r"even height and width. Received: shape="):
            InterpolativeDownsampling2D()(keras.Input(shape))
        with pytest.raises(ValueError, match="even height and width"):
            InterpolativeDownsampling2D()(np.zeros((1, *shape)))
    for layer in (InterpolativeDownsampling2D(), InterpolativeUpsampling2D()):
        with pytest.raises(ValueError, match=r"known height and width. Received: shape="):
            layer(keras.Input((None, 8, 1)))


@pytest.mark.parametrize("options", [{"padding": "same"}, {"strides": 2}, {"dilation_rate": 2, "activation": "relu"}])
def test_a_grouped_convolution_is_kerass(options):
    ours = GroupedConv2D(12, 3, groups=3, bias_initializer="random_normal", **options)
    theirs = layers.Conv2D(12, 3, groups=3, **options)
    x = normal(2, 7, 7, 6).astype(np.float32)
    y = ours(x)
    theirs.build(x.shape)
    theirs.set_weights(ours.get_weights())
    np.testing.assert_allclose(y, theirs(x), atol=1e-5)
    assert ours(keras.Input((7, 7, 6))).shape == (None, *y.shape[1:])


def test_a_learnt_basis_is_multiplied_by_its_input():
    layer = LearntBasis(3)
    x = normal(2, 5).astype(np.float32)
    np.testing.assert_allclose(layer(x), np.einsum("nc,hwc->nhwc", x, layer.basis.numpy()), rtol=1e-6)
    with pytest.raises(ValueError, match=r"`size` must be.*Received: size=0"):
        LearntBasis(0)
    assert LearntBasis((2, 3))(x).shape == (2, 2, 3, 5)


@pytest.mark.parametrize(
    "layer",
    [
        ClipInInference(),
        GroupedConv2D(4, 3, groups=2, padding="same", name="g"),
        InterpolativeDownsampling2D(),
        LearntBasis(7),
    ],
)
def test_the_arguments_come_back_from_the_config(layer):
    assert type(layer).from_config(layer.get_config()).get_config() == layer.get_config()
