"""`fit` on two replicas, in a second process that divides the processor into two devices.

Two logical devices of one CPU have to be set up before TensorFlow starts. The process is started once, as starting it
takes longer than most of what is tested in it.
"""

import contextlib
import functools
from concurrent.futures import ProcessPoolExecutor

import fork_server
import numpy as np
import pytest


def divide_the_processor():
    import tensorflow as tf

    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)


@functools.cache
def two_replicas():
    """One strategy for all tests: a second one would reuse the numbers of the first one's collective operations."""
    import tensorflow as tf

    return tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])


def networks(model, spectral):
    import keras

    import keras_gan

    def conv(activation):
        inputs = keras.Input((None, None, 1))
        x = keras_gan.layers.InstanceNormalization()(keras.layers.Conv2D(3, 3, padding="same")(inputs))
        return keras.Model(inputs, keras.layers.Conv2D(1, 3, padding="same", activation=activation)(x))

    if model == "cyclegan":
        return [conv("tanh"), conv("tanh"), conv(None), conv(None)]
    discriminator = keras_gan.networks.mlp.discriminator((4, 4, 1), units=8, dropout=0.0)
    if spectral:
        inputs = keras.Input((4, 4, 1))
        dense = keras_gan.layers.SpectralNormalization(keras.layers.Dense(1))
        discriminator = keras.Model(inputs, dense(keras.layers.Flatten()(inputs)))
    return [keras_gan.networks.mlp.generator((4, 4, 1), 5, units=8), discriminator]


def trained(replicas, d_steps, model="gan", half=False, spectral=False, **options):
    """Returns the metrics that `fit` reported, the weights and the averages."""
    import keras
    import tensorflow as tf

    import keras_gan

    keras.utils.set_random_seed(0)
    keras.config.set_dtype_policy("mixed_float16" if half else "float32")
    with two_replicas().scope() if replicas == 2 else contextlib.nullcontext():
        if model == "gan":
            optimizers = [keras.optimizers.SGD(0.1, momentum=m) for m in (0.5, 0.0)]
            if half:
                optimizers = [keras.optimizers.LossScaleOptimizer(one, initial_scale=2.0**30) for one in optimizers]
            gan = keras_gan.GAN(*networks(model, spectral), latent_dim=5, seed=1)
            gan.compile(*optimizers, d_steps=d_steps, **options)
        else:
            gan = keras_gan.CycleGAN(*networks(model, spectral), pool_size=d_steps, image_shape=(4, 4, 1), seed=1)
            gan.compile(*(keras.optimizers.SGD(0.01) for _ in range(4)), **options)
    images = np.random.default_rng(0).uniform(-1, 1, (64, 4, 4, 1)).astype("float32")
    data = tf.data.Dataset.from_tensor_slices(images if model == "gan" else (images, -images))
    data = data.batch(16, drop_remainder=True)
    history = gan.fit(data, epochs=3 if model == "gan" else 1, verbose=0).history
    for average in gan.averages.values():
        for variable in average.variables:
            copies = getattr(variable.value, "values", [variable.value])
            assert len(copies) == replicas
            for copy in copies[1:]:
                np.testing.assert_array_equal(copies[0].numpy(), copy.numpy())
    weights = np.concatenate([w.ravel() for w in gan.get_weights()])
    averages = [w.ravel() for average in gan.averages.values() for w in average.get_weights()]
    d_loss = history["d_loss" if model == "gan" else "d_x_loss"]
    return d_loss, history["g_loss"], history.get("d_penalty", []), weights, np.concatenate([np.zeros(0), *averages])


@pytest.fixture(scope="module")
def beside():
    """Calls a function of this module in the process with two devices."""
    with ProcessPoolExecutor(1, mp_context=fork_server.context(), initializer=divide_the_processor) as process:
        yield lambda function, *args, **kwargs: process.submit(function, *args, **kwargs).result()


@pytest.fixture(scope="module")
def train(beside):
    return lambda *args, **kwargs: beside(trained, *args, **kwargs)


def test_two_replicas_of_a_cyclegan_equal_one_device(train):
    """With R1 and averages. The cycle terms' absolute values amplify rounding errors."""
    one, two = (train(replicas, 0, "cyclegan", penalties="r1", ema_momentum=0.9) for replicas in (1, 2))
    for a, b in zip(one, two, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-4)


@pytest.mark.slow
def test_two_replicas_of_a_cyclegan_share_a_pool(train):
    """The first replica's images fill the pool, so D sees other images than on one device."""
    assert np.isfinite(np.concatenate(train(2, 6, "cyclegan"))).all()


def test_two_replicas_with_r1_and_an_average_equal_one_device(train):
    """Neither uses random numbers."""
    one, two = (train(replicas, 1, penalties="r1", ema_momentum=0.9) for replicas in (1, 2))
    *_, penalties, weights, averages = one
    assert len(penalties) == 3
    assert 0 < len(averages) < len(weights)
    for a, b in zip(one, two, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)


@pytest.mark.parametrize(
    "options",
    [
        {"penalties": ["wgan_gp"]},
        pytest.param({"penalties": ["r1", "wgan_gp", "weight_clipping"], "g_steps": 2}, marks=pytest.mark.slow),
    ],
    ids=["quick", "all"],
)
def test_two_replicas_with_random_numbers_train(train, options):
    """Random numbers differ between replicas, and from one device. The averages are equal on both replicas."""
    figures = train(2, 2, ema_momentum=0.9, augmentation="diffaugment", **options)
    assert all(len(figure) > 0 and np.isfinite(figure).all() for figure in figures)


def test_a_scale_too_large_for_float16_leaves_two_replicas_equal_and_finite(train):
    _, _, _, weights, _ = train(2, 1, half=True)
    assert np.isfinite(weights).all()


def test_a_lazy_penalty_of_a_discriminator_that_writes_as_it_is_called(train):
    lazy = {"class_name": "R1", "module": "keras_gan", "registered_name": "keras_gan>R1", "config": {"interval": 2}}
    one, two = (train(replicas, 1, spectral=True, penalties=lazy) for replicas in (1, 2))
    for a, b in zip(one, two, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)


def clipped_step(clip, scales):
    """Returns how far networks with a gradient of 100 move in an update that is clipped to 1.

    An optimizer with a scale of `None` scales no loss.
    """
    import keras
    import tensorflow as tf

    from keras_gan.models.update import minimize

    with two_replicas().scope():
        networks = [keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)]) for _ in scales]
        optimizers = [keras.optimizers.SGD(1.0, **{clip: 1.0}) for _ in scales]
        optimizers = [
            optimizer if scale is None else keras.optimizers.LossScaleOptimizer(optimizer, initial_scale=scale)
            for optimizer, scale in zip(optimizers, scales, strict=True)
        ]
        for optimizer, network in zip(optimizers, networks, strict=True):
            optimizer.build(network.trainable_variables)
    before = [network.get_weights()[0].item() for network in networks]

    def step():
        with tf.GradientTape() as tape:
            loss = sum(100 * tf.reduce_mean(network(tf.ones((2, 1)))) for network in networks)
        minimize(loss, tape, *zip(optimizers, networks, strict=True))

    tf.function(lambda: two_replicas().run(step))()
    return [a - network.get_weights()[0].item() for a, network in zip(before, networks, strict=True)]


@pytest.mark.parametrize("clip", ["global_clipnorm", "clipnorm", "clipvalue"])
def test_what_an_optimizer_clips_is_the_gradient_of_all_replicas(beside, clip):
    np.testing.assert_allclose(beside(clipped_step, clip, (None,)), [1], atol=1e-4)


def test_two_replicas_clip_the_true_gradient_at_different_loss_scales(beside):
    np.testing.assert_allclose(beside(clipped_step, "global_clipnorm", (2.0**10, 2.0**4)), [1, 1], atol=1e-4)


# ---------------------------------------------------------------------- parts of the models


def path_of_p():
    """ADA's p and r_t on both replicas, after each of five steps."""
    import tensorflow as tf

    from keras_gan import augmentations

    strategy = two_replicas()
    with strategy.scope():
        ada = augmentations.ADA(target=0.1, adjustment_images=100, interval=2)

    @tf.function
    def step(logits):
        def replica(logits):
            ada.augment(tf.zeros((2, 4, 4, 1)), tf.constant([0, 0], tf.int64))
            ada.update(logits)

        strategy.run(replica, [logits])

    def logits_of(context):
        """Logits: all negative on the first replica, all positive on the second, which has more of them."""
        replica = context.replica_id_in_sync_group
        return tf.fill((2 + 2 * replica, 1), 1.0) * (2.0 * replica - 1.0)

    path = []
    for _ in range(5):
        step(strategy.experimental_distribute_values_from_function(logits_of))
        path.append([float(v.numpy()) for w in (ada.p, ada.r_t) for v in strategy.experimental_local_results(w.value)])
    return np.array(path)


def test_replicas_share_the_p_of_ada(beside):
    """Each replica has part of the logits. r_t comes from all of them, (4 - 2) / 6, and p moves by all their images."""
    path = beside(path_of_p)
    np.testing.assert_allclose(path[:, 0], [0, 0.12, 0.12, 0.24, 0.24], atol=1e-6)
    np.testing.assert_array_equal(path[:, 0], path[:, 1])
    np.testing.assert_allclose(path[:, 2], [0, 1 / 3, 1 / 3, 1 / 3, 1 / 3], atol=1e-6)


def spectral_steps():
    """Returns the initial kernel and u, then after each of two steps both outputs and both copies of u."""
    import keras
    import tensorflow as tf

    import keras_gan

    keras.config.set_dtype_policy("float32")
    strategy = two_replicas()
    with strategy.scope():
        layer = keras_gan.layers.SpectralNormalization(keras.layers.Dense(3, dtype="float64"))
        layer.build((None, 4))
    begun = layer.kernel.numpy(), layer.u.numpy()
    step = tf.function(lambda: layer(np.ones((2, 4)), training=True))
    steps = []
    for _ in range(2):
        outputs = [output.numpy() for output in strategy.run(step).values]
        steps.append((outputs, [copy.numpy() for copy in layer.u.value.values]))
    return begun, steps


@pytest.mark.slow
def test_two_replicas_have_one_u_of_spectral_normalisation(beside):
    (kernel, u), steps = beside(spectral_steps)
    for (first, second), copies in steps:
        u = kernel.T @ (kernel @ u)
        u /= np.linalg.norm(u)
        np.testing.assert_array_equal(first, second)
        for copy in copies:
            np.testing.assert_allclose(copy, u, rtol=1e-10)
