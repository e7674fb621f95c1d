"""GAN: `fit()`, `generate()`, and the errors for mistakes of data and arguments."""

import contextlib

import keras
import numpy as np
import pytest
import tensorflow as tf
from conftest import small_gan

import keras_gan
from keras_gan.errors import KerasGANWarning

REPORTED = {"d_loss", "g_loss", "d_real", "d_fake", "g_grad_norm"}


def batches(*arrays, size=16):
    return tf.data.Dataset.from_tensor_slices(arrays if len(arrays) > 1 else arrays[0]).batch(size)


@pytest.mark.parametrize(("num_classes", "form"), [(None, "arrays"), (4, "arrays"), (4, "dataset"), (4, "generator")])
def test_fit_takes_what_keras_takes(images, labels, num_classes, form):
    gan = small_gan(num_classes)
    unused = "does not use the labels"
    with pytest.warns(KerasGANWarning, match=unused) if num_classes is None else contextlib.nullcontext():
        if form == "arrays":
            history = gan.fit(images, labels, batch_size=16, epochs=2, verbose=0)
        elif form == "dataset":
            history = gan.fit(batches(images, labels), epochs=2, verbose=0)
        else:
            forever = ((images[:16], labels[:16]) for _ in iter(int, 1))
            history = gan.fit(forever, steps_per_epoch=4, epochs=2, verbose=0)
    assert set(history.history) == REPORTED
    assert all(len(values) == 2 and np.isfinite(values).all() for values in history.history.values())
    assert 0 <= history.history["d_real"][0] <= 1
    assert 0 <= history.history["d_fake"][0] <= 1
    assert int(gan.g_optimizer.iterations) == 8


def test_images_alone_a_remainder_and_validation(images):
    gan = small_gan()
    history = gan.fit(batches(images[:40]), validation_data=batches(images[40:]), epochs=2, verbose=0)
    assert set(history.history) == REPORTED | {f"val_{name}" for name in REPORTED - {"g_grad_norm"}}
    history = gan.fit(images, batch_size=48, validation_split=0.25, verbose=0)
    assert "val_d_loss" in history.history
    assert set(gan.evaluate(images, verbose=0, return_dict=True)) == REPORTED - {"g_grad_norm"}


@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.usefixtures("eager_steps")
def test_arrays_with_more_discriminator_steps(images, labels, shuffle):
    """A remainder smaller than k would make an empty minibatch, whose mean is NaN."""
    gan = small_gan(4, d_steps=3)
    history = gan.fit(images[:49], labels[:49], batch_size=8, epochs=2, shuffle=shuffle, verbose=0).history
    assert np.isfinite(history["d_loss"]).all()
    assert (int(gan.d_optimizer.iterations), int(gan.g_optimizer.iterations)) == (12, 4)
    history = gan.fit(images, labels, batch_size=8, validation_split=0.25, verbose=0).history
    assert np.isfinite(history["val_d_loss"]).all()
    with pytest.raises(ValueError, match="at least 3 images"):
        gan.train_on_batch(images[:2], labels[:2])
    with pytest.raises(ValueError, match=r"`batch_size` must be at least 1\. Received: batch_size=0"):
        gan.fit(images, labels, batch_size=0, verbose=0)
    with pytest.raises(ValueError, match="generator"):
        gan.fit(((images, labels) for _ in range(3)), steps_per_epoch=3, verbose=0)


@pytest.mark.usefixtures("eager_steps")
def test_a_data_set_of_unknown_length_and_batch_with_more_discriminator_steps(images):
    gan = small_gan(d_steps=2)
    gan.fit(batches(images).filter(lambda x: True), verbose=0)
    assert int(gan.g_optimizer.iterations) == 2


class Batches(keras.utils.PyDataset):
    def __init__(self, *arrays):
        super().__init__()
        self.arrays = arrays

    def __len__(self):
        return 4

    def __getitem__(self, i):
        return tuple(array[16 * i : 16 * i + 16] for array in self.arrays)


@pytest.mark.usefixtures("eager_steps")
def test_a_pydataset_and_a_generator_are_checked_too(images, labels):
    assert int(small_gan(4).fit(Batches(images, labels), verbose=0).model.g_optimizer.iterations) == 4
    for spoil in (lambda x: x * 200, lambda x: x * np.nan):
        gan = small_gan()
        before = gan.get_weights()
        with pytest.raises(ValueError, match="Images must be"):
            gan.fit(Batches(spoil(images)), verbose=0)
        with pytest.raises(ValueError, match="Images must be"):
            gan.fit((batch for batch in [(spoil(images),)] * 3), steps_per_epoch=3, verbose=0)
        with pytest.raises(ValueError, match="Images must be"):
            gan.evaluate(spoil(images), verbose=0)
        with pytest.raises(ValueError, match="Images must be"):
            gan.evaluate(batches(spoil(images)), verbose=0)
        for a, b in zip(before, gan.get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)


class EndlessBatches(keras.utils.PyDataset):
    num_batches = None

    def __init__(self, images):
        super().__init__()
        self.images = images

    def __getitem__(self, i):
        return (self.images,)


@pytest.mark.usefixtures("eager_steps")
def test_a_pydataset_may_have_no_end(images):
    gan = small_gan()
    gan.fit(EndlessBatches(images[:16]), steps_per_epoch=3, verbose=0)
    assert int(gan.g_optimizer.iterations) == 3


def test_what_is_no_data_is_refused(images, labels):
    for wrong, says in ((list(images), "list"), ("digits", "str"), (None, "NoneType")):
        with pytest.raises(ValueError, match=f"Received: {says}"):
            small_gan().fit(wrong, verbose=0)
    with pytest.raises(ValueError, match="images alone"):
        small_gan(4).evaluate(images, verbose=0)
    with pytest.raises(ValueError, match=r"array of integers\. Received: list"):
        small_gan(4).fit(images, labels.tolist(), verbose=0)
    with pytest.raises(ValueError, match="10 labels, 64 images"):
        small_gan(d_steps=2).fit(images, labels[:10], verbose=0)
    for spoilt in (labels.astype(np.float32), np.eye(4, dtype=np.int32)[labels]):
        with pytest.raises(ValueError, match="Labels must be integers"):
            small_gan(4).fit(batches(images, spoilt), verbose=0)


def test_optimizers_that_a_gan_cannot_use_are_refused():
    for arguments in ({"use_ema": True}, {"gradient_accumulation_steps": 2}):
        with pytest.raises(ValueError, match=next(iter(arguments))):
            small_gan(d_optimizer=keras.optimizers.Adam(**arguments))


@keras.saving.register_keras_serializable("tests")
class Margin(keras_gan.losses.AdversarialLoss):
    def __init__(self, margin=1.0, mean=True):
        self.margin = margin
        self.mean = mean

    def discriminator_loss(self, real_logits, fake_logits):
        loss = keras.ops.relu(self.margin - real_logits) + keras.ops.relu(self.margin + fake_logits)
        return keras.ops.mean(loss) if self.mean else loss

    def generator_loss(self, fake_logits, real_logits=None):
        return -keras.ops.mean(fake_logits)


@pytest.mark.usefixtures("eager_steps")
def test_a_loss_of_the_users_own_trains_and_is_saved_with_its_arguments(images, tmp_path):
    gan = small_gan(loss=Margin(2.0))
    gan.fit(images, verbose=0)
    gan.save(tmp_path / "gan.keras")
    assert keras.models.load_model(tmp_path / "gan.keras").loss.margin == 2.0
    with pytest.raises(ValueError, match="must be a scalar"):
        small_gan(loss=Margin(mean=False)).fit(images, verbose=0)


def test_a_loss_that_hides_its_arguments_cannot_be_saved_unnoticed():
    class Hidden(Margin):
        def __init__(self, hidden):
            super().__init__()

    with pytest.raises(NotImplementedError, match="no attribute hidden"):
        Hidden(3).get_config()


def test_steps_are_counted_right_where_the_number_of_batches_is_unknown(images):
    """A graph that runs out of data in the middle of a step must not count that step."""
    gan = small_gan()
    gan.fit(batches(images).filter(lambda x: True), epochs=3, verbose=0)
    assert int(gan.d_optimizer.iterations) == int(gan.g_optimizer.iterations) == 12


@pytest.mark.usefixtures("eager_steps")
def test_evaluation_is_repeatable_and_changes_nothing(images):
    gan = small_gan()
    gan.fit(images, verbose=0)
    before = [w.copy() for w in gan.get_weights()]
    first = gan.evaluate(images, verbose=0, return_dict=True)
    assert gan.evaluate(images, verbose=0, return_dict=True) == first
    for a, b in zip(before, gan.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_ways_of_running_a_step_give_the_same_weights(images):
    ways = [{}, {"run_eagerly": True}, {"steps_per_execution": 3}]  # 8 steps an epoch: two are left over
    results = []
    for compile_arguments in ways:
        keras.utils.set_random_seed(1)
        gan = small_gan(**compile_arguments)
        gan.fit(images, batch_size=8, shuffle=False, verbose=0)
        results.append(gan.get_weights())
    for way, weights in zip(ways[1:], results[1:], strict=True):
        for a, b in zip(results[0], weights, strict=True):
            np.testing.assert_allclose(a, b, atol=2e-5, err_msg=str(way))


def test_jit_compile_trains(images):
    history = small_gan(jit_compile=True).fit(images, verbose=0).history
    assert np.isfinite(history["g_loss"]).all()


@pytest.mark.usefixtures("eager_steps")
def test_the_same_seed_trains_to_the_same_weights_and_another_seed_does_not(images):
    def weights(seed):
        keras.utils.set_random_seed(0)
        gan = small_gan(seed=seed)
        gan.fit(images, shuffle=False, verbose=0)
        return np.concatenate([w.ravel() for w in gan.generator.get_weights()])

    assert np.abs(weights(1) - weights(1)).max() < 1e-6
    assert np.abs(weights(1) - weights(2)).max() > 1e-5


@pytest.mark.usefixtures("eager_steps")
def test_a_callback_can_stop_the_training(images):
    class Stop(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = True

    assert len(small_gan().fit(images, epochs=5, verbose=0, callbacks=[Stop()]).epoch) == 1


def test_the_mixed_float16_policy_guards_both_optimizers(images):
    keras.config.set_dtype_policy("mixed_float16")
    try:
        gan = small_gan()
    finally:
        keras.config.set_dtype_policy("float32")
    assert isinstance(gan.d_optimizer, keras.optimizers.LossScaleOptimizer)
    assert isinstance(gan.g_optimizer, keras.optimizers.LossScaleOptimizer)
    before = gan.generator.get_weights()
    history = gan.fit(images, epochs=3, verbose=0).history
    assert np.isfinite(history["g_loss"]).all()
    assert history["g_grad_norm"][-1] < 100  # not multiplied by the loss scale of 32768
    assert any(np.abs(a - b).max() > 0 for a, b in zip(before, gan.generator.get_weights(), strict=True))
    assert gan.generate(2).dtype == np.float32


def test_generate_depends_on_seed_index_and_label_alone(images):
    gan = small_gan(4)
    drawn = gan.generate(10, seed=7)
    assert drawn.shape == (10, 8, 8, 1)
    assert drawn.dtype == np.float32
    assert np.abs(drawn).max() <= 1
    np.testing.assert_allclose(gan.generate(3, seed=7, batch_size=2), drawn[:3], atol=1e-6)
    assert np.abs(gan.generate(3, seed=8) - drawn[:3]).max() > 1e-3
    np.testing.assert_allclose(gan.generate(2, labels=[0, 1], seed=7), drawn[:2], atol=1e-6)
    np.testing.assert_array_equal(gan.generate(2, labels=3), gan.generate(2, labels=[3, 3]))
    assert gan.generate(0).shape == (0, 8, 8, 1)
    np.testing.assert_allclose(gan.predict([np.zeros((2, 6)), np.array([1, 2])], verbose=0).shape, (2, 8, 8, 1))


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda g: g.generate(2, labels=[0, 4]), "from 0 to 3"),
        (lambda g: g.generate(2, labels=[0]), "2 integers"),
        (lambda g: g.generate(2, labels=[0.5, 1.9]), "float64"),
        (lambda g: g.generate(2, labels=4), "2 integers from 0 to 3"),
        (lambda g: g.compile(d_steps=1.5), "d_steps=1.5"),
        (lambda g: g.generate(-1), "n=-1"),
        (lambda g: g.generate(1, seed=-1), "seed=-1"),
        (lambda g: g.generate(1, batch_size=0), "batch_size=0"),
        (lambda g: g.generate_from_latent(np.zeros((2, 5))), r"\(n, 6\).*\(2, 5\)"),
        (lambda g: g.compile(d_steps=0), "d_steps=0"),
        (lambda g: g.compile(loss="lsgan"), "must be one of"),
        (lambda g: g.compile(g_optimizer=g.d_optimizer, d_optimizer=g.d_optimizer), "the same one twice"),
        (lambda g: g.compile(g_optimizer=g.d_optimizer, d_optimizer="adam"), "of other weights"),
    ],
)
def test_wrong_arguments_are_named(call, says):
    with pytest.raises(ValueError, match=says):
        call(small_gan(4))


def test_labels_for_a_model_without_classes_are_refused():
    with pytest.raises(ValueError, match="num_classes=None"):
        small_gan().generate(2, labels=[0, 1])


MISTAKES = {
    "0..255": (lambda x: (x + 1) * 127.5, r"\[-1, 1\].*255.*images / 127.5 - 1"),
    "uint8": (lambda x: (x * 127).astype(np.uint8), "dtype uint8.*images / 127.5 - 1"),
    "NCHW": (lambda x: np.repeat(x, 3, -1).transpose(0, 3, 1, 2), "Received"),
    "no channel axis": (lambda x: x[..., 0], "images.*None"),
    "wrong channels": (lambda x: np.repeat(x, 3, -1), r"\(batch, 8, 8, 1\)"),
    "wrong size": (lambda x: x[:, :7], r"\(batch, 8, 8, 1\)"),
    "NaN": (lambda x: np.where(x > 0.999, np.nan, x).astype(np.float32), "finite.*NaN"),
    "infinity": (lambda x: np.where(x > 0.999, np.inf, x).astype(np.float32), "finite.*infinity"),
}


@pytest.mark.parametrize("form", ["array", "dataset"])
@pytest.mark.parametrize("mistake", MISTAKES)
@pytest.mark.usefixtures("eager_steps")
def test_mistakes_in_the_images_are_caught_before_any_weight_changes(images, mistake, form):
    spoil, says = MISTAKES[mistake]
    images[0, 0, 0, 0] = 1.0
    gan = small_gan()
    before = gan.get_weights()
    spoilt = spoil(images)
    with pytest.raises(ValueError, match=says):
        gan.fit(spoilt if form == "array" else batches(spoilt), verbose=0)
    for a, b in zip(before, gan.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_channels_first_is_recognised():
    gan = keras_gan.GAN(
        keras_gan.networks.mlp.generator((8, 8, 3), 6, units=4),
        keras_gan.networks.mlp.discriminator((8, 8, 3), units=4),
        6,
    )
    gan.compile()
    with pytest.raises(ValueError, match="channels first: transpose"):
        gan.fit(np.zeros((4, 3, 8, 8), np.float32), verbose=0)


def test_unbatched_images_are_recognised(images):
    with pytest.raises(ValueError, match="single images"):
        small_gan().fit(tf.data.Dataset.from_tensor_slices(images), verbose=0)


@pytest.mark.usefixtures("eager_steps")
def test_a_batch_later_in_the_epoch_is_checked_too(images):
    images[40] = np.nan
    gan = small_gan()
    with pytest.raises(ValueError, match="1 of 16"):
        gan.fit(batches(images), verbose=0)
    assert int(gan.d_optimizer.iterations) == int(gan.g_optimizer.iterations) == 2
    assert all(np.isfinite(w).all() for w in gan.get_weights())


@pytest.mark.parametrize("form", ["array", "dataset"])
@pytest.mark.usefixtures("eager_steps")
def test_images_in_0_to_1_are_warned_of(images, form):
    half = (images + 1) / 2
    with pytest.warns(KerasGANWarning, match=r"\[0, 1\]"):
        small_gan().fit(half if form == "array" else batches(half), verbose=0)


def test_empty_data_is_refused(images):
    gan = small_gan()
    with pytest.raises(ValueError, match="at least one image"):
        gan.fit(images[:0], verbose=0)
    with pytest.raises(ValueError, match="0 batches"):
        gan.fit(batches(images[:0]), verbose=0)
    gan.compile(d_steps=5)
    with pytest.raises(ValueError, match="5 batches"):
        gan.fit(batches(images), verbose=0)
    with pytest.raises(ValueError, match="160 images"):
        gan.fit(images, verbose=0)


@pytest.mark.parametrize("form", ["arrays", "dataset"])
@pytest.mark.usefixtures("eager_steps")
def test_labels_are_checked(images, labels, form):
    gan = small_gan(4)

    def fit(*arrays):
        gan.fit(*(arrays if form == "arrays" else (batches(*arrays),)), verbose=0)

    with pytest.raises(ValueError, match="from 0 to num_classes - 1 = 3"):
        fit(images, labels + 1)
    with pytest.raises(ValueError, match="images alone"):
        fit(images)


@pytest.mark.usefixtures("eager_steps")
def test_validation_data_is_checked(images):
    with pytest.raises(ValueError, match=r"127\.5"):
        small_gan().fit(images, validation_data=batches(images * 255), verbose=0)


def test_weights_of_samples_are_refused(images):
    with pytest.raises(ValueError, match="sample_weight"):
        small_gan().fit(images, sample_weight=np.ones(64), verbose=0)


def sequential(*layers, shape=(8, 8, 1)):
    return keras.Sequential([keras.Input(shape), keras.layers.Flatten(), *layers])


class Subclassed(keras.Model):
    def __init__(self, activation):
        super().__init__()
        self.flatten = keras.layers.Flatten()
        self.dense = keras.layers.Dense(1, activation=activation)

    def call(self, images):
        return self.dense(self.flatten(images))


@pytest.mark.parametrize(
    "discriminator",
    [
        lambda: sequential(keras.layers.Dense(1, activation="sigmoid")),
        lambda: sequential(keras.layers.Dense(1), keras.layers.Activation("sigmoid")),
        lambda: sequential(keras.layers.Dense(1, activation="sigmoid"), keras.layers.Reshape((1, 1))),
        lambda: keras.Sequential([sequential(keras.layers.Dense(1, activation=keras.ops.sigmoid))]),
        lambda: Subclassed("sigmoid"),
        lambda: sequential(keras.layers.Dense(1, activation=lambda x: 1 / (1 + keras.ops.exp(-x)))),
        lambda: sequential(keras.layers.Dense(1, activation="hard_sigmoid")),
        lambda: sequential(keras.layers.Dense(2, activation="softmax")),
        lambda: sequential(keras.layers.Dense(1, activation="sigmoid"), keras.layers.Dropout(0.1)),
    ],
)
def test_a_discriminator_that_ends_in_a_sigmoid_is_refused(discriminator):
    generator = keras_gan.networks.mlp.generator((8, 8, 1), 6, units=4)
    with pytest.raises(ValueError, match="ends in a sigmoid"):
        keras_gan.GAN(generator, discriminator(), latent_dim=6)


class Painter(keras.Model):
    def __init__(self, activation):
        super().__init__()
        self.dense = keras.layers.Dense(64, activation=activation)

    def call(self, z):
        return keras.ops.reshape(self.dense(z), (-1, 8, 8, 1))


def test_the_range_of_a_subclassed_generator_is_found():
    discriminator = keras_gan.networks.mlp.discriminator((8, 8, 1), units=4)
    assert keras_gan.GAN(Painter("sigmoid"), discriminator, 6).image_range == (0.0, 1.0)
    assert keras_gan.GAN(Painter("tanh"), discriminator, 6).image_range == (-1.0, 1.0)


def test_logits_are_not_taken_for_a_sigmoid():
    generator = keras_gan.networks.mlp.generator((8, 8, 1), 6, units=4)
    for discriminator in (Subclassed(None), Subclassed("tanh"), sequential(keras.layers.Dense(1))):
        keras_gan.GAN(generator, discriminator, latent_dim=6)


def test_networks_that_do_not_fit_are_refused():
    generator = keras_gan.networks.mlp.generator((8, 8, 1), 6, units=4)
    discriminator = keras_gan.networks.mlp.discriminator((8, 8, 1), units=4)
    for arguments, says in (
        ((generator, discriminator, 7), "latent_dim=7"),
        ((generator, keras_gan.networks.mlp.discriminator((8, 8, 3), units=4), 6), "`discriminator` must take inputs"),
        ((generator, sequential(keras.layers.Reshape((-1, 1))), 6, None), None),
        ((sequential(keras.layers.Dense(3), shape=(6,)), discriminator, 6), "num_classes=None and the generator"),
        ((sequential(keras.layers.Reshape((1, 2, 1, 3)), shape=(6,)), discriminator, 6), "must return images"),
        ((generator, discriminator, 0), "latent_dim=0"),
        ((generator, None, 6), "`discriminator` must be a keras.Model. Received: discriminator=None"),
        ((keras.Model, discriminator, 6), "`generator` must be a keras.Model"),
        ((generator, discriminator, 6, 0), "num_classes=0"),
        ((generator, discriminator, 6, 3), "num_classes=3"),
    ):
        if says is None:
            keras_gan.GAN(*arguments)
        else:
            with pytest.raises(ValueError, match=says):
                keras_gan.GAN(*arguments)


@pytest.mark.usefixtures("eager_steps")
def test_a_script_in_the_form_of_the_keras_guide():
    """Networks without input shapes, keywords in the guide's order, a remainder, images in [0, 1] for a sigmoid."""
    layers = keras.layers
    discriminator = keras.Sequential(
        [
            keras.Input(shape=(28, 28, 1)),
            layers.Conv2D(8, (3, 3), strides=(2, 2), padding="same"),
            layers.LeakyReLU(negative_slope=0.2),
            layers.GlobalMaxPooling2D(),
            layers.Dense(1),
        ],
        name="discriminator",
    )
    latent_dim = 16
    generator = keras.Sequential(
        [
            keras.Input(shape=(latent_dim,)),
            layers.Dense(7 * 7 * 8),
            layers.LeakyReLU(negative_slope=0.2),
            layers.Reshape((7, 7, 8)),
            layers.Conv2DTranspose(8, (4, 4), strides=(2, 2), padding="same"),
            layers.LeakyReLU(negative_slope=0.2),
            layers.Conv2DTranspose(8, (4, 4), strides=(2, 2), padding="same"),
            layers.LeakyReLU(negative_slope=0.2),
            layers.Conv2D(1, (7, 7), padding="same", activation="sigmoid"),
        ],
        name="generator",
    )
    digits = np.random.default_rng(0).uniform(0, 1, (50, 28, 28, 1)).astype("float32")
    dataset = tf.data.Dataset.from_tensor_slices(digits).shuffle(buffer_size=1024).batch(32)
    gan = keras_gan.GAN(discriminator=discriminator, generator=generator, latent_dim=latent_dim)
    gan.compile(
        d_optimizer=keras.optimizers.Adam(learning_rate=0.0003),
        g_optimizer=keras.optimizers.Adam(learning_rate=0.0003),
        loss_fn=keras.losses.BinaryCrossentropy(from_logits=True),
    )
    history = gan.fit(dataset, epochs=1, verbose=0).history
    assert set(history) == REPORTED
    assert gan.image_range == (0.0, 1.0)
    drawn = gan.generate(4)
    assert 0 <= drawn.min() <= drawn.max() <= 1
    with pytest.raises(ValueError, match=r"sigmoid.*images / 255.0"):
        gan.fit(dataset.map(lambda x: x * 255), verbose=0)
