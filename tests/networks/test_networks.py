"""The networks' shapes, ranges and sizes, against the papers and the official PyTorch code."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_gan.layers import ImageNormalization, SpectralNormalization
from keras_gan.networks import dcgan, mlp
from keras_gan.networks.inspection import ends_in_sigmoid, output_activation


def count(model):
    return sum(int(np.prod(v.shape)) for v in model.trainable_variables)


@pytest.mark.parametrize(
    ("shape", "num_classes"),
    [((8, 8, 1), None), ((28, 28, 2), 5), ((32, 32, 3), None), ((48, 96, 4), 5), ((64, 40, 3), None)],
)
def test_dcgan_shapes_and_ranges(shape, num_classes):
    generator = dcgan.generator(shape, 10, num_classes, filters=8)
    discriminator = dcgan.discriminator(shape, num_classes, filters=8)
    z = np.random.default_rng(0).normal(size=(2, 10)).astype(np.float32)
    labels = [] if num_classes is None else [np.array([0, 4])]
    images = generator([z, *labels] if labels else z)
    assert images.shape == (2, *shape)
    assert float(keras.ops.max(keras.ops.abs(images))) <= 1
    assert discriminator([images, *map(keras.ops.convert_to_tensor, labels)] if labels else images).shape == (2, 1)
    assert output_activation(generator) == "tanh"
    assert output_activation(discriminator) == "linear"


def test_dcgan_is_initialised_as_the_paper_says():
    model = dcgan.generator((64, 64, 3), 100)
    kernels = [w for layer in model.layers for w in layer.weights if "kernel" in w.name]
    assert len(kernels) == 5
    for kernel in kernels:
        assert float(np.std(kernel.numpy())) == pytest.approx(0.02, rel=0.05)
        assert abs(float(np.mean(kernel.numpy()))) < 1e-3
    gammas = np.concatenate([w.numpy() for layer in model.layers for w in layer.weights if w.name == "gamma"])
    assert np.mean(gammas) == pytest.approx(1, abs=0.005)
    assert np.std(gammas) == pytest.approx(0.02, rel=0.1)
    kinds = [type(layer).__name__ for layer in model.layers]
    assert kinds.count("Conv2DTranspose") == 4
    assert kinds.count("BatchNormalization") == kinds.count("ReLU") == 4


@pytest.mark.parametrize("build", [lambda s: dcgan.generator(s, 8), dcgan.discriminator])
def test_dcgan_refuses_other_shapes(build):
    with pytest.raises(ValueError, match=r"Received: image_shape=\(30, 30, 1\)\. .* sizes are 28x28 and 32x32\.$"):
        build((30, 30, 1))


@pytest.mark.parametrize("shape", [(1, 1, 1), (5, 9, 3), (28, 28, 1)])
@pytest.mark.parametrize("num_classes", [None, 3])
def test_mlp_takes_any_shape(shape, num_classes):
    generator = mlp.generator(shape, 7, num_classes)
    discriminator = mlp.discriminator(shape, num_classes)
    labels = [] if num_classes is None else [np.array([0, 2])]
    z = np.ones((2, 7), np.float32)
    images = generator([z, *labels] if labels else z)
    assert images.shape == (2, *shape)
    assert discriminator([images, *map(keras.ops.convert_to_tensor, labels)] if labels else images).shape == (2, 1)


def test_mlp_has_the_papers_layers():
    generator, discriminator = mlp.generator((28, 28, 1), 100), mlp.discriminator((28, 28, 1))
    assert count(generator) == (100 * 1200 + 1200) + (1200 * 1200 + 1200) + (1200 * 784 + 784)
    assert count(discriminator) == (784 * 1200 + 1200) + (240 * 1200 + 1200) + (240 + 1)


def test_maxout_is_the_maximum_of_its_pieces():
    model = mlp.discriminator((2, 2, 1), units=3, pieces=4)
    x = np.random.default_rng(0).normal(size=(5, 2, 2, 1)).astype(np.float32)
    hidden = x.reshape(5, 4)
    for layer in [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)][:2]:
        kernel, bias = layer.get_weights()
        hidden = (hidden @ kernel + bias).reshape(5, 3, 4).max(-1)
    kernel, bias = model.layers[-1].get_weights()
    np.testing.assert_allclose(model(x), hidden @ kernel + bias, atol=1e-5)


def test_labels_change_images_and_logits():
    generator, discriminator = dcgan.generator((28, 28, 1), 8, 3, 8), dcgan.discriminator((28, 28, 1), 3, 8)
    z = np.ones((2, 8), np.float32)
    images = keras.ops.convert_to_numpy(generator([z, np.array([0, 1])]))
    assert np.abs(images[0] - images[1]).max() > 1e-5
    same = np.repeat(images[:1], 2, axis=0)
    logits = keras.ops.convert_to_numpy(discriminator([same, np.array([0, 1])]))
    assert abs(logits[0, 0] - logits[1, 0]) > 1e-6


# ------------------------------------------------------------------ what is normalised


@pytest.mark.parametrize(
    ("normalization", "kinds"),
    [
        ("batch", {"Conv2D": 3, "BatchNormalization": 2, "Dense": 1}),
        ("layer", {"Conv2D": 3, "ImageNormalization": 2, "Dense": 1}),
        ("spectral", {"SpectralNormalization": 4}),
        (None, {"Conv2D": 3, "Dense": 1}),
    ],
)
def test_a_dcgan_discriminator_has_the_normalisation_asked_for(normalization, kinds):
    model = dcgan.discriminator((32, 32, 3), filters=4, normalization=normalization)
    names = [type(layer).__name__ for layer in model.layers]
    counted = {name: names.count(name) for name in set(names) if name.endswith(("Normalization", "2D", "Dense"))}
    assert counted == kinds
    weighted = [getattr(layer, "layer", layer) for layer in model.layers if layer.name.startswith(("conv2d", "logits"))]
    assert [layer.use_bias for layer in weighted] == [normalization in ("spectral", None)] * 4
    images = np.random.default_rng(0).uniform(-1, 1, (4, 32, 32, 3)).astype(np.float32)
    assert not ends_in_sigmoid(model, images)
    together, alone = model(images, training=True), model(images[:1], training=True)
    by_itself = normalization in ("layer", None)
    if normalization != "spectral":  # whose every call in training normalises by another u
        assert np.allclose(together[:1], alone, atol=1e-6) is by_itself


def test_layer_normalisation_is_of_all_features_of_an_image():
    model = dcgan.discriminator((32, 32, 3), filters=4, normalization="layer")
    layer = next(layer for layer in model.layers if isinstance(layer, ImageNormalization))
    x = np.random.default_rng(0).normal(2, 3, (2, 8, 8, 8)).astype(np.float32)
    expected = (x - x.mean((1, 2, 3), keepdims=True)) / np.sqrt(x.var((1, 2, 3), keepdims=True) + 1e-5)
    np.testing.assert_allclose(layer(x), expected, atol=1e-5)
    layer.set_weights([np.arange(8), np.arange(8) + 1])
    np.testing.assert_allclose(layer(x), expected * np.arange(8) + np.arange(8) + 1, atol=1e-4)
    assert type(layer).from_config(layer.get_config()).get_config() == layer.get_config()


@pytest.mark.parametrize("jit_compile", [False, True])
def test_the_gradients_gradient_of_layer_normalisation_is_right(jit_compile):
    """Against finite differences of the gradient, at 12 features, where a wrong mean would show."""
    layer = ImageNormalization(dtype="float64")
    x, direction = (tf.constant(part) for part in np.random.default_rng(0).normal(size=(2, 2, 2, 2, 3)))

    def gradient(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            loss = tf.reduce_sum(layer(x) ** 3)
        return tape.gradient(loss, x)

    def second(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            along = tf.reduce_sum(gradient(x) * direction)
        return tape.gradient(along, x)

    layer(x)
    expected = (gradient(x + 1e-5 * direction) - gradient(x - 1e-5 * direction)) / 2e-5
    np.testing.assert_allclose(tf.function(second, jit_compile=jit_compile)(x), expected, rtol=1e-6, atol=1e-7)


def test_a_dcgan_generator_without_normalisation_has_biases_instead():
    model = dcgan.generator((28, 28, 1), 10, filters=8, normalization=None)
    weighted = [layer for layer in model.layers if layer.weights]
    assert [type(layer).__name__ for layer in weighted] == ["Dense", "Conv2DTranspose", "Conv2DTranspose"]
    assert [layer.use_bias for layer in weighted] == [True] * 3


def test_a_spectrally_normalised_mlp_has_the_papers_layers_and_weights():
    model = mlp.discriminator((28, 28, 1), 3, normalization="spectral")
    wrapped = [layer for layer in model.layers if isinstance(layer, SpectralNormalization)]
    assert [layer.layer.units for layer in wrapped] == [1200, 1200, 1]
    assert count(model) == count(mlp.discriminator((28, 28, 1), 3))


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (lambda n: dcgan.discriminator((28, 28, 1), normalization=n), r"\['batch', 'layer', 'spectral', None\]"),
        (lambda n: dcgan.generator((28, 28, 1), 8, normalization=n), r"\['batch', None\]"),
        (lambda n: mlp.discriminator((28, 28, 1), normalization=n), r"\[None, 'spectral'\]"),
    ],
)
def test_an_unknown_normalisation_is_an_error(build, says):
    with pytest.raises(ValueError, match=rf"`normalization` must be one of {says}. Received: normalization='spectrum'"):
        build("spectrum")
