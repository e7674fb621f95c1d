"""A generator with spectral normalisation is exported with plain kernels."""

import keras
import numpy as np
import onnx
import pytest
from conftest import eagerly

import keras_gan


@pytest.mark.usefixtures("without_seeds")
def test_the_exported_kernels_are_plain(tmp_path, images):
    z = keras.Input((6,))
    x = keras_gan.layers.SpectralNormalization(keras.layers.Dense(2 * 2 * 4, activation="relu"))(z)
    x = keras.layers.Reshape((2, 2, 4))(x)
    x = keras_gan.layers.SpectralNormalization(keras.layers.Conv2DTranspose(4, 4, strides=2, padding="same"))(x)
    x = keras.layers.Conv2DTranspose(1, 4, strides=2, padding="same", activation="tanh")(x)
    generator = keras.Model(z, x)
    gan = keras_gan.GAN(generator, keras_gan.networks.mlp.discriminator((8, 8, 1), units=4), latent_dim=6, seed=0)
    gan.compile()
    with eagerly():
        gan.fit(images, verbose=0)
    before = generator.get_weights()
    report = keras_gan.export.export_generator(gan, tmp_path, name="gan", batch_sizes=[4])
    for file in ("model.onnx", "model.tflite", ""):
        images = keras_gan.export.load(report.path / file).generate(4, seed=0)
        np.testing.assert_allclose(images, gan.generate(4, seed=0), atol=1e-5)
    graph = onnx.load(report.path / "model.onnx").graph
    assert {node.op_type for node in graph.node} <= {
        "Gemm",
        "MatMul",
        "Add",
        "Relu",
        "Reshape",
        "ConvTranspose",
        "Tanh",
        "Transpose",
        "Shape",
        "Cast",
        "Slice",
        "Concat",
        "Unsqueeze",
        "Squeeze",
        "Identity",
        "Gather",
    }
    for old, new in zip(before, generator.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
