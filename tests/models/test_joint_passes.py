"""Real and generated images in one pass of the discriminator, and Adam in one operation: the same as apart."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from conftest import eagerly

import keras_gan
from keras_gan import networks
from keras_gan.models.fused_adam import fuse_adam
from keras_gan.networks.joint_passes import allows_joint_passes

SHAPE = (16, 16, 3)


def dcgan(normalization, num_classes=None):
    return networks.dcgan.discriminator((28, 28, 1), num_classes, filters=4, normalization=normalization)


def subclassed():
    class Subclass(keras.layers.Dense):
        """May do anything."""

    return keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Flatten(), Subclass(1)])


def batch_mean():
    x = keras.Input((4, 4, 1))
    return keras.Model(x, keras.layers.Dense(1)(keras.layers.Flatten()(x - keras.ops.mean(x, axis=0, keepdims=True))))


@pytest.mark.parametrize(
    ("network", "expected"),
    [
        (lambda: dcgan(None), True),
        (lambda: dcgan("layer", 3), True),
        (lambda: networks.r3gan.discriminator((8, 8, 1), 3, filters=16), True),
        (lambda: networks.cyclegan.discriminator((24, 24, 3), filters=4), True),
        (lambda: networks.cyclegan.generator(SHAPE, blocks=1, filters=4), True),
        (lambda: dcgan("batch"), False),
        (lambda: dcgan("spectral"), False),
        (lambda: networks.cyclegan.discriminator((24, 24, 3), filters=4, noise=0.1), False),
        (lambda: networks.mlp.discriminator((8, 8, 1)), False),  # dropout
        (subclassed, False),
        (batch_mean, False),
    ],
)
def test_only_networks_that_treat_each_image_alone_see_two_batches_at_once(network, expected):
    assert allows_joint_passes(network()) is expected


def steps(monkeypatch, make, data, apart):
    """The weights and losses after two steps."""
    with monkeypatch.context() as patch:
        if apart:
            for module in (keras_gan.models.gan, keras_gan.models.cyclegan):
                patch.setattr(module, "allows_joint_passes", lambda network: False)
        model = make()
        with eagerly():
            losses = [{name: float(value) for name, value in model.train_step(data).items()} for _ in range(2)]
    return losses, [
        weights for name in model.trained_networks.values() for weights in getattr(model, name).get_weights()
    ]


def gan(penalties, num_classes=None):
    keras.utils.set_random_seed(1)
    model = keras_gan.GAN(
        networks.r3gan.generator((8, 8, 1), 6, num_classes, filters=16),
        networks.r3gan.discriminator((8, 8, 1), num_classes, filters=16),
        latent_dim=6,
        num_classes=num_classes,
        seed=2,
    )
    sgd = keras.optimizers.SGD  # whose updates are proportional to the gradients
    model.compile(sgd(0.1), sgd(0.1), loss="relativistic", penalties=penalties)
    return model


def cyclegan():
    keras.utils.set_random_seed(1)
    network = networks.cyclegan
    generators = [network.generator(SHAPE, blocks=1, filters=4) for _ in range(2)]
    discriminators = [network.discriminator(SHAPE, receptive_field=16, filters=4) for _ in range(2)]
    model = keras_gan.CycleGAN(*generators, *discriminators, image_shape=SHAPE, seed=2)
    model.compile(*(keras.optimizers.SGD(0.1) for _ in range(4)))
    return model


R1, R2 = keras_gan.penalties.R1, keras_gan.penalties.R2


@pytest.mark.parametrize(
    ("make", "shape", "labels"),
    [
        (lambda: gan([R1(2.0), R2(3.0)]), (4, 8, 8, 1), None),
        (lambda: gan([R1(2.0)], 3), (4, 8, 8, 1), [0, 1, 2, 0]),
        (lambda: gan([R1(2.0, interval=2)]), (4, 8, 8, 1), None),
        (lambda: gan(["wgan_gp"]), (4, 8, 8, 1), None),
        (cyclegan, (2, *SHAPE), "y"),
    ],
    ids=["R1 and R2", "labels", "lazy R1", "WGAN-GP", "CycleGAN"],
)
def test_one_pass_gives_the_gradients_of_two(monkeypatch, make, shape, labels):
    random = np.random.default_rng(0)
    x, y = (tf.constant(random.uniform(-1, 1, shape), tf.float32) for _ in range(2))
    data = x if labels is None else (x, y if labels == "y" else tf.constant(labels))
    (losses, weights), (expected_losses, expected) = (steps(monkeypatch, make, data, apart) for apart in (False, True))
    for found, wanted in zip(losses, expected_losses, strict=True):
        assert found == pytest.approx(wanted, rel=1e-4, abs=1e-5)
    for found, wanted in zip(weights, expected, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-3, atol=1e-5)


def test_the_fused_adam_follows_the_equations_of_the_paper():
    weights = keras.Variable(np.array([1.0, -2.0, 0.5]))
    optimizer = keras.optimizers.Adam(0.1, beta_1=0.6, beta_2=0.9, epsilon=1e-3)
    optimizer.build([weights])
    fuse_adam(optimizer)
    theta, m, v = np.array([1.0, -2.0, 0.5]), np.zeros(3), np.zeros(3)
    step = tf.function(lambda gradient: optimizer.apply([gradient], [weights]))
    for t in range(1, 5):
        g = np.array([0.3, -1.0, 2.0]) * t
        step(tf.constant(g, tf.float32))
        m, v = 0.6 * m + 0.4 * g, 0.9 * v + 0.1 * g**2
        # Section 2 of the paper: the efficient order, in which epsilon is added to the uncorrected root.
        theta = theta - 0.1 * np.sqrt(1 - 0.9**t) / (1 - 0.6**t) * m / (np.sqrt(v) + 1e-3)
        np.testing.assert_allclose(weights.numpy(), theta, rtol=1e-5)
    graph = step.get_concrete_function(tf.TensorSpec(3)).graph.as_graph_def()
    assert [node.op for node in graph.node].count("ResourceApplyAdam") == 1
    assert int(optimizer.iterations) == 4


def test_other_optimizers_are_not_changed():
    for optimizer in (keras.optimizers.Adam(amsgrad=True), keras.optimizers.AdamW(), keras.optimizers.RMSprop()):
        optimizer.build([keras.Variable(np.zeros(2))])
        fuse_adam(optimizer)
        assert "update_step" not in vars(optimizer)
