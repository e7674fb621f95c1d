"""Losses, penalties, normalisations, augmentations and precisions together, in one GAN."""

import functools
import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf
from conftest import small_gan
from keras import layers

import keras_gan
from keras_gan.augmentations import ADA
from keras_gan.errors import KerasGANWarning
from keras_gan.schedules import HalfLife

LOSSES = keras_gan.losses.names()
PENALTIES = [name for name in keras_gan.penalties.names() if name != "path_length"]  # which needs a StyleGAN2

PRECISIONS = ("float32", "mixed_float16", "mixed_bfloat16")
SHAPE, LATENT = (4, 4, 1), 3
REAL = np.random.default_rng(0).uniform(-1, 1, (8, *SHAPE)).astype(np.float32)


def tiny_gan(spectral=False, precision="float32", seed=0):
    """Returns a GAN with few operations: a convolution, two dense layers."""
    wrapped = keras_gan.layers.SpectralNormalization if spectral else lambda layer: layer
    keras.config.set_dtype_policy(precision)
    try:
        z, images = keras.Input((LATENT,)), keras.Input(SHAPE)
        pixels = layers.Dense(16, activation="tanh", use_bias=False)(z)
        features = wrapped(layers.Conv2D(2, 3, activation="leaky_relu", use_bias=False))(images)
        logits = layers.Dense(1, use_bias=False, dtype="float32")(layers.Flatten()(features))
        generator = keras.Model(z, layers.Reshape(SHAPE, dtype="float32")(pixels))
    finally:
        keras.config.set_dtype_policy("float32")
    return keras_gan.GAN(generator, keras.Model(images, logits), LATENT, seed=seed)


@functools.cache
def begun(spectral, precision):
    """Returns a GAN to compile for each objective, and its initial weights."""
    keras.utils.set_random_seed(0)
    gan = tiny_gan(spectral, precision)
    return gan, gan.get_weights()


def updates(optimizer):
    """Returns the number of updates. An update whose float16 gradient overflows does not count."""
    return int(getattr(optimizer, "inner_optimizer", optimizer).iterations)


def trained(gan):
    return [v.numpy() for network in (gan.generator, gan.discriminator) for v in network.trainable_variables]


def check_steps(gan):
    """Two steps, or three if the gradient of the first one overflows."""
    half = isinstance(gan.g_optimizer, keras.optimizers.LossScaleOptimizer)
    before = trained(gan)
    for _ in range(3 if half else 2):
        gan.reset_metrics()
        logs = gan.train_on_batch(REAL, return_dict=True)
        overflown = {"g_grad_norm"} if half else set()
        assert np.isfinite([value for name, value in logs.items() if name not in overflown]).all(), logs
    assert updates(gan.d_optimizer) >= 1
    assert updates(gan.g_optimizer) >= 1
    moved = [np.abs(a - b).max() for a, b in zip(trained(gan), before, strict=True)]
    assert np.isfinite(moved).all()
    assert min(moved) > 0
    assert all(np.isfinite(weight).all() for weight in gan.get_weights())


def combinations():
    """Every combination. Quick are those of one network and one precision for each loss and penalty, in turn."""
    networks = list(itertools.product([False, True], PRECISIONS))
    for (i, loss), (j, penalty) in itertools.product(enumerate(LOSSES), enumerate([None, *PENALTIES])):
        for n, (spectral, precision) in enumerate(networks):
            marks = [] if (i + j) % len(networks) == n else [pytest.mark.slow]
            yield pytest.param(loss, penalty, spectral, precision, marks=marks)


@pytest.mark.parametrize(("loss", "penalty", "spectral", "precision"), combinations())
def test_every_combination_trains(loss, penalty, spectral, precision):
    gan, weights = begun(spectral, precision)
    gan.set_weights(weights)
    optimizers = (keras.optimizers.SGD(0.01) for _ in range(2))
    gan.compile(*optimizers, loss=loss, penalties=penalty, run_eagerly=True)
    check_steps(gan)


COMPILED = list(zip(LOSSES, itertools.cycle([*PENALTIES, None]), itertools.cycle(PRECISIONS), strict=False))


@pytest.mark.slow
@pytest.mark.parametrize(("loss", "penalty", "precision"), COMPILED)
def test_each_loss_and_each_penalty_trains_under_xla(loss, penalty, precision):
    gan = tiny_gan(spectral=precision != "float32", precision=precision)
    gan.compile(loss=loss, penalties=penalty, jit_compile=True)
    check_steps(gan)


# ---------------------------------------------------------------------- resuming


def lazily(penalty):
    options = {} if penalty == "weight_clipping" else {"interval": 2}
    return keras_gan.penalties.get(penalty, **options)


def ada():
    """ADA whose p moves fast, at every second update."""
    return ADA(target=-0.9, adjustment_images=50, interval=2, initial_p=0.2)


# Every loss, penalty, augmentation and precision occurs at least once, and every kind of state with the others.
RESUMED = [
    ("minimax", ["wgan_gp"], ada, True, "float32"),
    ("non_saturating", ["r1", "dragan"], None, False, "mixed_float16"),
    ("least_squares", ["r2"], ada, False, "mixed_bfloat16"),
    ("wasserstein", ["weight_clipping"], keras_gan.augmentations.DiffAugment, True, "mixed_float16"),
    ("hinge", ["dragan"], None, True, "mixed_bfloat16"),
    ("relativistic", ["r1", "r2"], ada, True, "mixed_float16"),
    ("relativistic_average", ["wgan_gp", "weight_clipping"], keras_gan.augmentations.DiffAugment, False, "float32"),
]


def next_losses(gan, steps):
    losses = []
    for _ in range(steps):
        gan.reset_metrics()
        losses.append({name: float(value) for name, value in gan.train_on_batch(REAL, return_dict=True).items()})
    return losses


@pytest.mark.filterwarnings("ignore:ADA counts logits above 0")
@pytest.mark.parametrize(("loss", "penalties", "augmentation", "spectral", "precision"), RESUMED)
def test_a_saved_model_goes_on_with_the_same_losses(loss, penalties, augmentation, spectral, precision, tmp_path):
    gan = tiny_gan(spectral, precision)
    gan.compile(
        loss=loss,
        penalties=[lazily(penalty) for penalty in penalties],
        augmentation=augmentation and augmentation(),
        ema_momentum=HalfLife(images=50, ramp_up=0.5),
        g_steps=2,
        run_eagerly=True,
    )
    next_losses(gan, 3)  # the next update has no penalty and is in the middle of ADA's interval
    gan.save(tmp_path / "gan.keras")
    resumed = keras.models.load_model(tmp_path / "gan.keras")
    if augmentation is ada:
        assert float(resumed.augmentation.p) == float(gan.augmentation.p) > 0.2
    if spectral:
        assert any(weight.name == "u" for weight in resumed.discriminator.weights)
    expected = next_losses(gan, 2)
    np.testing.assert_equal(next_losses(resumed, 2), expected)  # NaN equals NaN here
    assert "d_penalty" in expected[0]
    assert expected[0] != expected[1]
    np.testing.assert_array_equal(resumed.generate(4), gan.generate(4))
    for mine, theirs in zip(gan.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)


# ---------------------------------------------------------------------- inputs of D and of the losses


class Seen(layers.Layer):
    """Layer that keeps its inputs."""

    def __init__(self):
        super().__init__()
        self.kept = []

    def call(self, images):
        if tf.executing_eagerly():
            self.kept.append(images.numpy())
        return images


class Darker(keras_gan.augmentations.Augmentation):
    """Subtracts 5 from every pixel, and a random number from each image."""

    def augment(self, images, seed):
        return images - 5 - tf.random.stateless_uniform((len(images), 1, 1, 1), seed)


def test_all_that_d_sees_in_training_is_augmented_and_nothing_that_people_see():
    seen = Seen()
    images = keras.Input(SHAPE)
    discriminator = keras.Model(images, layers.Dense(1)(layers.Flatten()(seen(images))))
    generator = tiny_gan().generator
    gan = keras_gan.GAN(generator, discriminator, LATENT, seed=0)
    arguments = {"loss": "relativistic", "penalties": ["r1", "r2"], "g_steps": 2, "run_eagerly": True}
    gan.compile(augmentation=Darker(), **arguments)
    drawn = gan.generate(4)
    assert np.abs(drawn).max() <= 1
    seen.kept.clear()
    gan.train_on_batch(REAL)
    assert len(seen.kept) == 2 + 2 + 2 * 2  # real and generated: D's loss, its penalties, two updates of G
    assert all(-7 <= batch.min() <= batch.max() <= -4 for batch in seen.kept)
    d_real, d_fake, r1, r2, g_fake, g_real, g_fake_2, g_real_2 = seen.kept
    noise = [(REAL - batch)[:, 0, 0, 0] - 5 for batch in (d_real, g_real, g_real_2)]
    for one, other in itertools.combinations(noise, 2):
        assert np.abs(one - other).max() > 0.01  # each update has other random numbers
    np.testing.assert_array_equal(d_real, r1)  # one update changes an image in one way
    np.testing.assert_array_equal(d_fake, r2)
    np.testing.assert_allclose(
        d_fake + noise[0][:, None, None, None], g_fake + noise[1][:, None, None, None], atol=1e-5
    )
    assert np.abs(g_fake - g_fake_2).max() > 0.01
    assert np.abs(gan.generate(4)).max() <= 1
    seen.kept.clear()
    gan.evaluate(REAL, verbose=0)
    assert all(np.abs(batch).max() <= 1 for batch in seen.kept)


@keras.saving.register_keras_serializable("tests")
class Comparing(keras_gan.losses.Hinge):
    """A loss that keeps the arguments of `generator_loss`."""

    compares = True
    given = ()

    def generator_loss(self, fake_logits, real_logits=None):
        self.given = (fake_logits, real_logits)
        return super().generator_loss(fake_logits)


def test_a_loss_that_compares_is_given_the_new_ds_logits_of_the_real_images():
    gan = tiny_gan()
    loss = Comparing()
    gan.compile(keras.optimizers.SGD(0.5), keras.optimizers.SGD(0.5), loss=loss, run_eagerly=True)
    before = gan.discriminator(REAL).numpy()
    gan.train_on_batch(REAL)
    after = gan.discriminator(REAL).numpy()
    assert np.abs(after - before).max() > 1e-3
    np.testing.assert_allclose(loss.given[1], after, atol=1e-6)
    loss.compares = False
    gan.train_on_batch(REAL)
    assert loss.given[1] is None


# ---------------------------------------------------------------------- what is reported


@pytest.mark.usefixtures("eager_steps")
def test_what_updates_alone_have_is_in_the_history_and_not_in_evaluations(images):
    gan = small_gan(penalties="r1", augmentation=ada())
    history = gan.fit(images, validation_data=(images,), epochs=2, verbose=0).history
    own = {"d_penalty", "ada_p", "ada_r_t"}
    assert own <= set(history)
    assert not own & set(gan.evaluate(images, verbose=0, return_dict=True))
    assert not {f"val_{name}" for name in own} & set(history)
    assert all(value > 0 for value in history["d_penalty"])
    assert 0.2 < history["ada_p"][0] < history["ada_p"][1] <= 1
    gan.compile()
    assert not own & set(gan.fit(images, verbose=0).history)


# ---------------------------------------------------------------------- mistakes


def normalised_discriminator(normalisation):
    images = keras.Input((8, 8, 1))
    x = layers.Flatten()(normalisation(layers.Conv2D(2, 3)(images)))
    return keras.Model(images, layers.Dense(1)(x), name="normalised_critic")


@pytest.mark.parametrize("penalty", ["wgan_gp", "r1", "r2", "dragan"])
@pytest.mark.parametrize(
    "normalisation",
    [layers.BatchNormalization, layers.LayerNormalization, functools.partial(layers.GroupNormalization, 1)],
)
def test_a_penalty_that_is_wrong_through_a_layer_names_it(penalty, normalisation):
    generator = keras_gan.networks.mlp.generator((8, 8, 1), 6, units=4)
    gan = keras_gan.GAN(generator, normalised_discriminator(normalisation()), 6)
    with pytest.warns(KerasGANWarning) as caught:
        gan.compile(penalties=penalty)
    message = str(caught[0].message)
    assert type(normalisation()).__name__ in message
    assert type(keras_gan.penalties.get(penalty)).__name__ in message
    assert "normalised_critic" in message


@pytest.mark.parametrize(
    ("penalty", "normalisation"),
    [("weight_clipping", layers.BatchNormalization), ("wgan_gp", keras_gan.layers.InstanceNormalization)],
)
def test_a_penalty_that_is_right_says_nothing(penalty, normalisation):
    generator = keras_gan.networks.mlp.generator((8, 8, 1), 6, units=4)
    keras_gan.GAN(generator, normalised_discriminator(normalisation()), 6).compile(penalties=penalty)


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        ({"loss": "lsgan"}, LOSSES),
        ({"penalties": "gradient"}, PENALTIES),
        ({"penalties": ["r1", "r3"]}, PENALTIES),
        ({"augmentation": "flip"}, ("ada", "diffaugment")),
    ],
)
def test_a_name_that_is_not_known_is_answered_by_those_that_are(arguments, names):
    with pytest.raises(ValueError, match="Received") as caught:
        tiny_gan().compile(**arguments)
    assert all(repr(name) in str(caught.value) for name in names)


@pytest.mark.parametrize("steps", [0, -1, 1.0, True, "2", None])
@pytest.mark.parametrize("argument", ["d_steps", "g_steps"])
def test_numbers_of_steps_are_checked(argument, steps):
    with pytest.raises(ValueError, match=f"`{argument}` must be an integer, at least 1. Received: {argument}={steps}"):
        tiny_gan().compile(**{argument: steps})


# ---------------------------------------------------------------------- optimizers


@pytest.mark.parametrize("precision", ["float32", "mixed_float16"])
def test_gradients_are_clipped_where_the_optimizers_say_so(precision):
    """A step of rate 1 is the clipped gradient. `fit` reports the norm before clipping, without the loss scale."""
    gan = tiny_gan(precision=precision)
    optimizers = [keras.optimizers.SGD(1.0, clipnorm=1e-3), keras.optimizers.SGD(1.0, global_clipnorm=2e-3)]
    if precision == "mixed_float16":  # at the initial scale, 2^15, the first gradients may overflow
        optimizers = [keras.optimizers.LossScaleOptimizer(optimizer, 256.0) for optimizer in optimizers]
    gan.compile(*optimizers, penalties="r1", loss="hinge")
    before = trained(gan)
    logs = gan.train_on_batch(REAL, return_dict=True)
    assert updates(gan.d_optimizer) == updates(gan.g_optimizer) == 1
    of_g, *of_d = (a - b for a, b in zip(before, trained(gan), strict=True))
    for step in of_d:
        assert np.linalg.norm(step) == pytest.approx(1e-3, rel=1e-3)
    assert np.linalg.norm(of_g) == pytest.approx(2e-3, rel=1e-3)
    assert 4e-3 < float(logs["g_grad_norm"]) < 10


@pytest.mark.parametrize("loss", LOSSES)
def test_ada_warns_of_losses_whose_logits_have_no_boundary_at_zero(loss):
    gan = tiny_gan()
    if loss in {"minimax", "non_saturating", "hinge"}:
        gan.compile(loss=loss, augmentation="ada")
    else:
        with pytest.warns(KerasGANWarning, match="its p has no meaning"):
            gan.compile(loss=loss, augmentation="ada")
