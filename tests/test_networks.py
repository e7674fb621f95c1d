"""The networks' shapes, ranges and sizes, against the papers and the official PyTorch code."""

import keras
import numpy as np
import pytest

from keras_gan.networks import dcgan, mlp
from keras_gan.networks.inspection import output_activation


def count(model):
    return sum(int(np.prod(v.shape)) for v in model.trainable_variables)


@pytest.mark.parametrize("size", dcgan.SIZES)
@pytest.mark.parametrize(("channels", "num_classes"), [(1, None), (3, 5)])
def test_dcgan_draws_and_judges_every_size(size, channels, num_classes):
    shape = (size, size, channels)
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


def test_dcgan_at_64_pixels_has_the_parameters_of_the_official_pytorch_example():
    """3,576,704 and 2,765,568: pytorch/examples/dcgan with nz=100, ngf=ndf=64, nc=3."""
    assert count(dcgan.generator((64, 64, 3), 100)) == 3_576_704
    assert count(dcgan.discriminator((64, 64, 3))) == 2_765_568


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


@pytest.mark.parametrize("shape", [(30, 30, 1), (256, 256, 3), (64, 32, 3), (64, 64, 0), (64, 64)])
@pytest.mark.parametrize("build", [lambda s: dcgan.generator(s, 8), dcgan.discriminator])
def test_dcgan_refuses_other_shapes(shape, build):
    with pytest.raises(ValueError, match=r"28, 32, 64, 128.*Received"):
        build(shape)


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


def test_labels_change_what_is_drawn_and_how_it_is_judged():
    generator, discriminator = dcgan.generator((28, 28, 1), 8, 3, 8), dcgan.discriminator((28, 28, 1), 3, 8)
    z = np.ones((2, 8), np.float32)
    images = keras.ops.convert_to_numpy(generator([z, np.array([0, 1])]))
    assert np.abs(images[0] - images[1]).max() > 1e-5
    same = np.repeat(images[:1], 2, axis=0)
    logits = keras.ops.convert_to_numpy(discriminator([same, np.array([0, 1])]))
    assert abs(logits[0, 0] - logits[1, 0]) > 1e-6
