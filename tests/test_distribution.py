"""Two replicas train as one device does, on two logical CPUs."""

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parent.parent

SCRIPT = """
    import contextlib, json, sys
    import numpy as np, tensorflow as tf
    replicas, d_steps, model, options = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], json.loads(sys.argv[4])
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    import keras, keras_gan
    keras.utils.set_random_seed(0)
    devices = ["CPU:0", "CPU:1"]
    scope = tf.distribute.MirroredStrategy(devices).scope() if replicas == 2 else contextlib.nullcontext()
    with scope:
        clip = options.pop("clip", {})
        optimizers = keras.optimizers.SGD(0.1, momentum=0.5, **clip), keras.optimizers.SGD(0.1, **clip)
        if options.pop("half", False):
            keras.config.set_dtype_policy("mixed_float16")
            optimizers = [keras.optimizers.LossScaleOptimizer(one, initial_scale=2.0**30) for one in optimizers]
        discriminator = keras_gan.networks.mlp.discriminator((4, 4, 1), units=8, dropout=0.0)
        if options.pop("spectral", False):
            inputs = keras.Input((4, 4, 1))
            dense = keras_gan.layers.SpectralNormalization(keras.layers.Dense(1))
            discriminator = keras.Model(inputs, dense(keras.layers.Flatten()(inputs)))
        gan = keras_gan.GAN(
            keras_gan.networks.mlp.generator((4, 4, 1), 5, units=8),
            discriminator,
            latent_dim=5,
            seed=1,
        )
        if model == "gan":
            gan.compile(*optimizers, d_steps=d_steps, **options)
        if model == "cyclegan":
            def conv(activation):
                inputs = keras.Input((None, None, 1))
                x = keras_gan.layers.InstanceNormalization()(keras.layers.Conv2D(3, 3, padding="same")(inputs))
                return keras.Model(inputs, keras.layers.Conv2D(1, 3, padding="same", activation=activation)(x))
            networks = [conv("tanh"), conv("tanh"), conv(None), conv(None)]
            gan = keras_gan.CycleGAN(*networks, pool_size=d_steps, image_shape=(4, 4, 1), seed=1)
            gan.compile(*(keras.optimizers.SGD(0.01) for _ in range(4)), **options)
    images = np.random.default_rng(0).uniform(-1, 1, (64, 4, 4, 1)).astype("float32")
    data = tf.data.Dataset.from_tensor_slices(images if model == "gan" else (images, -images))
    data = data.batch(16, drop_remainder=True)
    history = gan.fit(data, epochs=3 if model == "gan" else 1, verbose=0).history
    weights = np.concatenate([w.ravel() for w in gan.get_weights()])
    d_loss = history["d_loss" if model == "gan" else "d_x_loss"]
    for average in gan.averages.values():
        for variable in average.variables:
            copies = getattr(variable.value, "values", [variable.value])
            assert len(copies) == replicas
            for copy in copies[1:]:
                np.testing.assert_array_equal(copies[0].numpy(), copy.numpy())
    averages = [w.ravel() for average in gan.averages.values() for w in average.get_weights()]
    averages = np.concatenate([np.zeros(0), *averages])
    figures = [d_loss, history["g_loss"], history.get("d_penalty", [])]
    print(json.dumps([*figures, weights.astype(float).tolist(), averages.tolist()]))
"""


def train(replicas, d_steps, model="gan", **options):
    child = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(SCRIPT), str(replicas), str(d_steps), model, json.dumps(options)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert child.returncode == 0, child.stderr[-2000:]
    return json.loads(child.stdout.splitlines()[-1])


def test_two_replicas_equal_one_device():
    one, two = train(1, 1), train(2, 1)
    for a, b in zip(one, two, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)


def test_two_replicas_with_more_discriminator_steps_train():
    """A replica's minibatches are parts of its share of the batch, so images meet other noise than on one device."""
    assert np.isfinite(np.concatenate(train(2, 2))).all()


def test_two_replicas_of_a_cyclegan_equal_one_device():
    """With R1 and averages; up to rounding, which the absolute values of the cycle terms amplify."""
    one, two = (train(replicas, 0, "cyclegan", penalties="r1", ema_momentum=0.9) for replicas in (1, 2))
    for a, b in zip(one, two, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-4)


def test_two_replicas_of_a_cyclegan_share_a_pool():
    """The first replica's images fill it, so what D sees is not what it would see on one device."""
    assert np.isfinite(np.concatenate(train(2, 6, "cyclegan"))).all()


def test_two_replicas_with_r1_and_an_average_equal_one_device():
    """Neither draws random numbers."""
    one, two = (train(replicas, 1, penalties="r1", ema_momentum=0.9) for replicas in (1, 2))
    *_, penalties, weights, averages = one
    assert len(penalties) == 3
    assert 0 < len(averages) < len(weights)
    for a, b in zip(one, two, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)


def test_two_replicas_with_all_that_draws_random_numbers_train():
    """Each replica draws its own, so that they are others than on one device; the averages stay the same on both."""
    random = {"penalties": ["r1", "wgan_gp", "weight_clipping"], "augmentation": "diffaugment", "g_steps": 2}
    figures = train(2, 2, ema_momentum=0.9, **random)
    assert all(len(figure) > 0 and np.isfinite(figure).all() for figure in figures)


def test_what_an_optimizer_clips_is_the_gradient_of_all_replicas():
    for clip in ({"global_clipnorm": 1e-3}, {"clipnorm": 1e-3}, {"clipvalue": 1e-4}):
        one, two = (train(replicas, 1, clip=clip) for replicas in (1, 2))
        for a, b in zip(one, two, strict=True):
            np.testing.assert_allclose(a, b, atol=1e-6)


def test_a_scale_too_large_for_float16_leaves_two_replicas_equal_and_finite():
    _, _, _, weights, _ = train(2, 1, half=True)
    assert np.isfinite(weights).all()


def test_a_lazy_penalty_of_a_discriminator_that_writes_as_it_is_called():
    lazy = {"class_name": "R1", "module": "keras_gan", "registered_name": "keras_gan>R1", "config": {"interval": 2}}
    one, two = (train(replicas, 1, spectral=True, penalties=lazy) for replicas in (1, 2))
    for a, b in zip(one, two, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)
