"""The image-to-image networks, against the papers in NumPy float64 and the sizes of the official PyTorch code."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan.layers import SpectralNormalization, fold_spectral_normalization
from keras_gan.networks import cyclegan, patchgan, pix2pix
from keras_gan.networks.inspection import output_activation

BUILDERS = {
    "cyclegan_generator": cyclegan.generator,
    "cyclegan_discriminator": cyclegan.discriminator,
    "pix2pix_generator": pix2pix.generator,
    "pix2pix_discriminator": pix2pix.discriminator,
}


def count(model):
    return sum(int(np.prod(v.shape)) for v in model.trainable_variables)


def kinds(model, kind):
    return [layer for layer in model.layers if type(layer) is kind]


def pictures(*shape):
    return np.random.default_rng(0).uniform(-1, 1, shape).astype(np.float32)


def shaken(model):
    """Sets every weight at random, also biases and moving statistics, so that none is a neutral 0 or 1."""
    rng = np.random.default_rng(1)
    for weight in model.weights:
        values = rng.normal(0, 0.4, weight.shape)
        weight.assign(np.abs(values) + 0.5 if weight.name in ("gamma", "moving_variance") else values)
    return model


# ------------------------------------------------------------------ the papers' layers in NumPy


def convolve(x, layer, stride=1, padding=0):
    """The sum over a window, padded by zeros alike on all sides."""
    kernel, *bias = (weight.astype(np.float64) for weight in layer.get_weights())
    x = np.pad(x, ((0, 0), (padding, padding), (padding, padding), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel.shape[:2], axis=(1, 2))[:, ::stride, ::stride]
    return np.einsum("nhwcij,ijcd->nhwd", windows, kernel) + (bias[0] if bias else 0)


def spread(x, layer, padding, output_padding):
    """The transposed convolution by its definition: each pixel adds the kernel times itself, two pixels apart."""
    kernel, *bias = (weight.astype(np.float64) for weight in layer.get_weights())
    n, height, width, _ = x.shape
    size = kernel.shape[0]
    y = np.zeros((n, 2 * height + size, 2 * width + size, kernel.shape[2]))
    for i in range(height):
        for j in range(width):
            y[:, 2 * i : 2 * i + size, 2 * j : 2 * j + size] += np.einsum("nc,hwdc->nhwd", x[:, i, j], kernel)
    rows, columns = (2 * (length - 1) + size - 2 * padding + output_padding for length in (height, width))
    return y[:, padding : padding + rows, padding : padding + columns] + (bias[0] if bias else 0)


def instance_norm(x):
    return (x - x.mean((1, 2), keepdims=True)) / np.sqrt(x.var((1, 2), keepdims=True) + 1e-5)


def batch_norm(x, layer):
    gamma, beta, mean, variance = (weight.astype(np.float64) for weight in layer.get_weights())
    return (x - mean) / np.sqrt(variance + 1e-5) * gamma + beta


def reflect(x, padding):
    return np.pad(x, ((0, 0), (padding, padding), (padding, padding), (0, 0)), mode="reflect")


def relu(x, slope=0.0):
    return np.where(x > 0, x, slope * x)


def resnet(x, model):
    """C7s1, d, d, R..., u, u, c7s1; section 7.2 of CycleGAN."""
    first, *middle, last = kinds(model, keras.layers.Conv2D)
    x = relu(instance_norm(convolve(reflect(x, 3), first)))
    for layer in middle[:2]:
        x = relu(instance_norm(convolve(x, layer, stride=2, padding=1)))
    for one, two in zip(middle[2::2], middle[3::2], strict=True):
        y = relu(instance_norm(convolve(reflect(x, 1), one)))
        x = x + instance_norm(convolve(reflect(y, 1), two))
    for layer in kinds(model, keras.layers.Conv2DTranspose):
        x = relu(instance_norm(spread(x, layer, padding=1, output_padding=1)))
    return np.tanh(convolve(reflect(x, 3), last))


def u_net(x, model, norms):
    """Section 6.1.1 of pix2pix, as a recursion from the outside to the inside."""
    downs, ups = kinds(model, keras.layers.Conv2D), kinds(model, keras.layers.Conv2DTranspose)
    down_norms, up_norms = norms[: len(downs) - 2], norms[len(downs) - 2 :]

    def inner(x, level):
        y = convolve(relu(x, 0.2), downs[level], stride=2, padding=1)
        if level < len(downs) - 1:
            y = inner(down_norms[level - 1](y), level + 1)
        y = spread(relu(y), ups[-1 - level], padding=1, output_padding=0)
        return np.concatenate([x, up_norms[-level](y)], axis=-1)

    x = inner(convolve(x, downs[0], stride=2, padding=1), 1)
    return np.tanh(spread(relu(x), ups[-1], padding=1, output_padding=0))


def patches(x, model, halvings, normalize):
    first, *middle, last = kinds(model, keras.layers.Conv2D)
    x = relu(convolve(x, first, stride=2, padding=1), 0.2)
    for number, layer in enumerate(middle, start=1):
        x = convolve(x, layer, stride=2 if number < halvings else 1, padding=1)
        x = relu(normalize(x, number - 1), 0.2)
    return convolve(x, last, padding=1)


def test_the_cyclegan_generator_is_the_papers():
    model = shaken(cyclegan.generator((12, 16, 3), output_channels=2, blocks=2, filters=3))
    x = pictures(2, 12, 16, 3)
    np.testing.assert_allclose(model(x), resnet(x.astype(np.float64), model), atol=2e-5)


@pytest.mark.parametrize("normalization", ["instance", "batch"])
def test_the_pix2pix_generator_is_the_papers(normalization):
    model = shaken(pix2pix.generator((16, 32, 1), output_channels=2, filters=2, normalization=normalization))
    x = pictures(2, 16, 32, 1)
    norms = [instance_norm] * 5
    if normalization == "batch":
        norms = [lambda x, one=one: batch_norm(x, one) for one in kinds(model, keras.layers.BatchNormalization)]
    np.testing.assert_allclose(model(x), u_net(x.astype(np.float64), model, norms), atol=2e-5)


@pytest.mark.parametrize("build", [pix2pix.generator, pix2pix.discriminator])
def test_at_a_batch_of_one_instance_normalisation_is_the_papers_batch_normalisation(build):
    """Section 3.3 of the paper."""
    instance, batch = (build((32, 32, 1), filters=2, normalization=name) for name in ("instance", "batch"))
    weights = iter([w for w in instance.get_weights() if w.ndim > 1])
    for layer in batch.layers:
        if isinstance(layer, keras.layers.Conv2D | keras.layers.Conv2DTranspose):
            layer.kernel.assign(next(weights))
        elif isinstance(layer, keras.layers.BatchNormalization):
            layer.gamma.assign(np.ones(layer.gamma.shape))
    x = [pictures(1, 32, 32, 1)] * len(batch.inputs)
    x = x if len(x) > 1 else x[0]
    np.testing.assert_allclose(batch(x, training=True), instance(x, training=True), atol=2e-5)
    assert np.abs(batch(x) - instance(x)).max() > 1e-3


@pytest.mark.parametrize(("receptive_field", "halvings"), [(16, 1), (70, 3)])
def test_the_discriminators_are_the_papers(receptive_field, halvings):
    x, y = pictures(2, 37, 26, 3), pictures(2, 37, 26, 1)
    model = shaken(cyclegan.discriminator((37, 26, 3), receptive_field, filters=2))
    expected = patches(x.astype(np.float64), model, halvings, lambda x, _: instance_norm(x))
    np.testing.assert_allclose(model(x), expected, atol=1e-4)
    pairs = np.concatenate([x, y], axis=-1).astype(np.float64)
    model = shaken(pix2pix.discriminator((37, 26, 3), 1, receptive_field, filters=2))
    expected = patches(pairs, model, halvings, lambda x, _: instance_norm(x))
    np.testing.assert_allclose(model([x, y]), expected, atol=1e-4)
    model = shaken(pix2pix.discriminator((37, 26, 3), 1, receptive_field, filters=2, normalization="batch"))
    norms = kinds(model, keras.layers.BatchNormalization)
    expected = patches(pairs, model, halvings, lambda x, number: batch_norm(x, norms[number]))
    np.testing.assert_allclose(model([x, y]), expected, atol=1e-4)


def test_the_pixel_gan_judges_each_pixel_by_itself():
    model = shaken(pix2pix.discriminator((5, 4, 3), receptive_field=1, filters=2, normalization="batch"))
    x, y = pictures(1, 5, 4, 3), pictures(1, 5, 4, 3)
    changed = x.copy()
    changed[0, 2, 3] += 1
    differs = np.asarray(model([x, y]) != model([changed, y]))[0, ..., 0]
    assert differs[2, 3]
    assert differs.sum() == 1


# ------------------------------------------------------------------ sizes


@pytest.mark.parametrize(
    ("model", "parameters"),
    [
        (lambda: cyclegan.generator((256, 256, 3)), 11_378_179),  # resnet_9blocks
        (lambda: cyclegan.generator((128, 128, 3)), 7_837_699),  # resnet_6blocks
        (lambda: cyclegan.discriminator((256, 256, 3), 1), 8_705),  # pixel
        (lambda: cyclegan.discriminator((256, 256, 3)), 2_764_737),  # basic
        (lambda: cyclegan.discriminator((256, 256, 3), 286), 11_154_369),  # n_layers, 5 of them
        (lambda: pix2pix.generator((256, 256, 3), normalization="batch"), 54_413_955),  # unet_256
        (lambda: pix2pix.generator((128, 128, 1), 3, normalization="batch"), 41_826_947),  # unet_128
        (lambda: pix2pix.discriminator((256, 256, 3), normalization="batch"), 2_768_705),  # basic, 6 input channels
        (lambda: pix2pix.discriminator((256, 256, 3), 1, 1, normalization="batch"), 8_896),  # pixel, 4 input channels
    ],
)
def test_they_have_the_parameters_of_the_official_pytorch_code(model, parameters):
    assert count(model()) == parameters


@pytest.mark.parametrize(
    ("shape", "blocks"), [((128, 128, 3), 6), ((256, 252, 3), 6), ((256, 512, 3), 9), ((None, None, 3), 9)]
)
def test_the_cyclegan_generator_has_9_blocks_from_256_pixels(shape, blocks):
    assert len(kinds(cyclegan.generator(shape, filters=2), keras.layers.Add)) == blocks


@pytest.mark.parametrize("size", [(64, 64), (72, 100), (8, 12)])
def test_the_cyclegan_generator_keeps_every_size_divisible_by_4(size):
    model = cyclegan.generator((256, 256, 3), blocks=1, filters=4, output_channels=1)
    image = model(pictures(2, *size, 3))
    assert image.shape == (2, *size, 1)
    assert np.abs(image).max() <= 1


@pytest.mark.parametrize(("shape", "downs"), [((64, 64, 3), 6), ((128, 256, 3), 7), ((512, 512, 1), 8), ((4, 8, 1), 2)])
def test_the_u_net_goes_down_to_one_pixel_but_at_most_8_times(shape, downs):
    model = pix2pix.generator(shape, filters=2)
    assert len(kinds(model, keras.layers.Conv2D)) == len(kinds(model, keras.layers.Conv2DTranspose)) == downs
    assert len(kinds(model, keras.layers.Dropout)) == max(0, downs - 5)
    assert model.compute_output_shape((None, *shape)) == (None, *shape)


def test_the_u_nets_depth_can_be_chosen():
    model = pix2pix.generator((96, 160, 3), halvings=5, filters=2)
    assert model(pictures(1, 96, 160, 3)).shape == (1, 96, 160, 3)


@pytest.mark.parametrize("receptive_field", patchgan.HALVINGS)
def test_a_logit_sees_a_patch_of_the_stated_size(receptive_field):
    """Measures the gradient of one logit, without normalisation, whose statistics depend on the whole image."""
    size = 700 if receptive_field == 286 else 300
    images = keras.Input((None, None, 1))
    logits = patchgan.logits(images, (None, None, 1), receptive_field, 2, keras.layers.Identity, use_bias=True)
    model = keras.Model(images, logits)
    for weight in model.weights:
        weight.assign(tf.ones_like(weight) / 8)
    x = tf.ones((1, size, size, 1))
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = model(x)
        logit = y[0, y.shape[1] // 2, y.shape[2] // 2, 0]
    rows, columns = np.nonzero(tape.gradient(logit, x)[0, ..., 0])
    assert np.ptp(rows) + 1 == np.ptp(columns) + 1 == receptive_field
    assert rows.min() > 0
    assert rows.max() < size - 1


def test_there_are_30_by_30_logits_for_256_pixels():
    for model in (cyclegan.discriminator((256, 256, 3)), pix2pix.discriminator((256, 256, 3))):
        specs = [keras.KerasTensor((4, 256, 256, 3))] * len(model.inputs)
        assert model.compute_output_spec(specs if len(specs) > 1 else specs[0]).shape == (4, 30, 30, 1)


@pytest.mark.parametrize("receptive_field", patchgan.HALVINGS)
def test_the_smallest_image_that_is_accepted_gives_a_logit(receptive_field):
    smallest = 3 * 2 ** patchgan.HALVINGS[receptive_field] if receptive_field > 1 else 2
    model = cyclegan.discriminator((smallest, smallest, 1), receptive_field, filters=1)
    assert model(pictures(1, smallest, smallest, 1)).shape[1] >= 1
    if receptive_field > 1:
        with pytest.raises(ValueError, match="Use a smaller `receptive_field`"):
            cyclegan.discriminator((smallest - 1, smallest, 1), receptive_field)


# ------------------------------------------------------------------ what all of them have


def small(name):
    return BUILDERS[name]((32, 32, 3), filters=2)


def inputs(model):
    return pictures(2, 32, 32, 3) if len(model.inputs) == 1 else [pictures(2, 32, 32, 3), pictures(2, 32, 32, 3)]


@pytest.mark.parametrize("name", BUILDERS)
def test_outputs_are_named_and_float32_under_every_policy(name):
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = small(name)
    finally:
        keras.config.set_dtype_policy(policy)
    output = model(inputs(model), training=True)
    assert output.dtype == "float32"
    assert np.all(np.isfinite(output))
    assert model.name == name
    assert model.output_names == ["image" if "generator" in name else "logits"]
    assert output_activation(model) == ("tanh" if "generator" in name else "linear")
    assert all(layer.compute_dtype == "float16" for layer in model.layers[1:-1] if layer.weights)


@pytest.mark.parametrize("name", BUILDERS)
def test_a_saved_network_comes_back(name, tmp_path):
    model = shaken(small(name))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded(inputs(model)), model(inputs(model)))


@pytest.mark.slow
@pytest.mark.parametrize("name", BUILDERS)
def test_every_variable_has_a_gradient_and_xla_finds_the_same(name):
    """In inference mode, because dropout differs between XLA and the plain graph."""
    model = small(name)
    x = keras.tree.map_structure(tf.constant, inputs(model))

    def gradients():
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(model(x, training=False) - 1))
        return tape.gradient(loss, model.trainable_variables)

    for plain, compiled in zip(gradients(), tf.function(gradients, jit_compile=True)(), strict=True):
        assert plain is not None
        np.testing.assert_allclose(compiled, plain, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("name", BUILDERS)
def test_kernels_begin_with_a_deviation_of_002_and_biases_at_0(name):
    model = BUILDERS[name]((64, 64, 3), filters=16)
    kernels = np.concatenate([w.numpy().ravel() for w in model.weights if w.name == "kernel"])
    assert np.std(kernels) == pytest.approx(0.02, rel=0.02)
    assert abs(np.mean(kernels)) < 1e-3
    assert all(np.all(w.numpy() == 0) for w in model.weights if w.name in ("bias", "beta"))
    gammas = [w.numpy() for w in model.weights if w.name == "gamma"]
    if gammas:
        assert np.mean(np.concatenate(gammas)) == pytest.approx(1, abs=0.01)
        assert np.std(np.concatenate(gammas)) == pytest.approx(0.02, rel=0.3)


def test_dropout_is_the_u_nets_noise_while_it_trains():
    model = pix2pix.generator((64, 64, 3), filters=2)
    x = pictures(1, 64, 64, 3)
    assert np.any(model(x, training=True) != model(x, training=True))
    np.testing.assert_array_equal(model(x), model(x))


def test_translations_may_have_other_channels():
    generator = pix2pix.generator((32, 32, 1), output_channels=3, filters=2)
    discriminator = pix2pix.discriminator((32, 32, 1), output_channels=3, filters=2)
    x = pictures(1, 32, 32, 1)
    y = np.asarray(generator(x))
    assert y.shape == (1, 32, 32, 3)
    assert discriminator([x, y]).shape == (1, 2, 2, 1)


@pytest.mark.parametrize(
    ("build", "shape", "message"),
    [
        (cyclegan.generator, (66, 64, 3), "divisible by 4 and at least 8"),
        (cyclegan.generator, (4, 4, 3), "divisible by 4 and at least 8"),
        (cyclegan.generator, (64, 64), "must be .height, width, channels."),
        (cyclegan.generator, (64, 64, 0), "must be .height, width, channels."),
        (cyclegan.discriminator, (64, 23, 3), "at least 24"),
        (cyclegan.discriminator, (64, 64), "must be .height, width, channels."),
        (pix2pix.generator, (96, 96, 3), "divisible by 64.*set halvings=5"),
        (pix2pix.generator, (320, 320, 3), "divisible by 256.*set halvings=6"),
        (pix2pix.generator, (3, 3, 3), "divisible by 4"),
        (pix2pix.discriminator, (16, 16, 3), "at least 24"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(build, shape, message):
    with pytest.raises(ValueError, match=rf"`image_shape`.*{message}") as refusal:
        build(shape)
    assert f"Received: image_shape={shape}" in str(refusal.value)


@pytest.mark.parametrize("build", [cyclegan.discriminator, pix2pix.discriminator])
def test_other_receptive_fields_are_refused_with_a_list(build):
    with pytest.raises(ValueError, match=r"\[1, 16, 34, 70, 142, 286\]. Received: receptive_field=71"):
        build((256, 256, 3), receptive_field=71)


def test_a_u_net_of_one_halving_is_refused():
    with pytest.raises(ValueError, match=r"`halvings` must be at least 2. Received: halvings=1"):
        pix2pix.generator((64, 64, 3), halvings=1)


def test_an_untrained_residual_generator_leaves_images_as_they_are():
    images = np.random.default_rng(0).uniform(-1, 1, (2, 12, 16, 3)).astype(np.float32)
    model = cyclegan.generator((64, 64, 3), blocks=1, filters=4, residual=True)
    np.testing.assert_array_equal(model(images), images)
    model.get_layer("change").bias.assign([0.0, 0.5, -0.5])
    np.testing.assert_allclose(model(images), np.clip(images + np.array([0.0, 0.5, -0.5]), -1, 1), atol=1e-6)
    with pytest.raises(ValueError, match="output_channels=1"):
        cyclegan.generator((64, 64, 3), output_channels=1, residual=True)


# ------------------------------------------------------------------ what is normalised


@pytest.mark.parametrize("receptive_field", [1, 34])
@pytest.mark.parametrize("build", [cyclegan.discriminator, pix2pix.discriminator])
def test_a_discriminator_can_normalise_its_weights_or_nothing(build, receptive_field):
    plain = build((24, 24, 3), receptive_field=receptive_field, filters=4, normalization=None)
    spectral = build((24, 24, 3), receptive_field=receptive_field, filters=4, normalization="spectral")
    convolutions = kinds(plain, keras.layers.Conv2D)
    wrapped = kinds(spectral, SpectralNormalization)
    assert len(convolutions) == len(wrapped) == (3 if receptive_field == 1 else 4)
    for layer in [*convolutions, *(layer.layer for layer in wrapped)]:
        assert layer.use_bias
    for model in (plain, spectral):
        names = {type(layer).__name__ for layer in model.layers}
        assert not names & {"BatchNormalization", "InstanceNormalization", "Conv2D"} or model is plain
    folded = fold_spectral_normalization(spectral)
    plain.set_weights(folded.get_weights())
    x = [pictures(2, 24, 24, 3)] * len(plain.inputs)
    x = x if len(x) > 1 else x[0]
    np.testing.assert_allclose(plain(x), spectral(x), atol=1e-5)


@pytest.mark.parametrize(
    ("build", "known"),
    [
        (cyclegan.discriminator, "'instance', 'spectral', None"),
        (pix2pix.discriminator, "'instance', 'batch', 'spectral', None"),
        (pix2pix.generator, "'instance', 'batch'"),
    ],
)
def test_an_unknown_normalisation_is_refused(build, known):
    says = rf"`normalization` must be one of \[{known}\]. Received: normalization='layer'"
    with pytest.raises(ValueError, match=says):
        build((64, 64, 3), normalization="layer")
