"""Every preset builds the model that its config describes, trains, and survives saving."""

import keras
import numpy as np
import pytest

import keras_gan
from keras_gan import config, penalties, presets
from keras_gan.presets import PRESETS
from keras_gan.presets.build import optimizer_of
from keras_gan.schedules import HalfLife

MODELS = {"gan": keras_gan.GAN, "cyclegan": keras_gan.CycleGAN, "pix2pix": keras_gan.Pix2Pix}
# Small sizes of networks that are large by default: arguments of the generator and of the discriminator.
SMALL = {
    "mlp": ({"units": 4}, {"units": 4}),
    "dcgan": ({"filters": 4}, {"filters": 4}),
    "r3gan": ({"filters": 4, "group_size": 4}, {"filters": 4, "group_size": 4}),
    "resnet": ({"filters": 2}, {"filters": 2}),
    "sagan": ({"filters": 2}, {"filters": 2}),
    "biggan": ({"filters": 2}, {"filters": 2}),
    "stylegan2": ({"filters": 2, "mapping_layers": 2}, {"filters": 2}),
    "wavegan": ({"filters": 2}, {"filters": 2}),
    "cyclegan": ({"filters": 4, "blocks": 1}, {"filters": 4, "receptive_field": 16}),
    "pix2pix": ({"filters": 4}, {"filters": 4, "receptive_field": 16}),
}


def small(name, **arguments):
    preset = PRESETS[name].config
    shape = (32, 32, 3) if preset.translates else (64, 1) if preset.network == "wavegan" else (28, 28, 1)
    generator, discriminator = SMALL.get(preset.network, ({}, {}))
    return presets.load(name, shape, generator=generator, discriminator=discriminator, **arguments)


def images_of(model, count, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, (count, *model.image_shape)).astype(np.float32)


def step(model):
    """One step, of two images for each update of a discriminator."""
    if isinstance(model, keras_gan.GAN):
        return model.train_on_batch(images_of(model, 2 * model.d_steps), return_dict=True)
    return model.train_on_batch(images_of(model, 2), images_of(model, 2, seed=1), return_dict=True)


# Each network is trained and saved in other tests too, so few presets are enough here.
QUICK = ("dcgan", "gan", "wgan_gp", "cyclegan", "pix2pix")


@pytest.mark.parametrize("name", [pytest.param(n, marks=[] if n in QUICK else [pytest.mark.slow]) for n in PRESETS])
def test_a_preset_builds_what_its_config_says_trains_and_survives_saving(name, tmp_path):
    preset = PRESETS[name].config
    # Graphs take longer to build than one step takes.
    model = small(name, seed=1, run_eagerly=name != "dcgan")
    assert isinstance(model, MODELS[preset.model])
    assert model.name == name
    for player in model.trained_networks:
        optimizer = getattr(model, player)
        expected = optimizer_of(preset, player)
        assert float(optimizer.learning_rate) == pytest.approx(expected.learning_rate, rel=1e-6)
        assert type(optimizer).__name__.lower() == expected.name
        if expected.name == "adam":
            assert (optimizer.beta_1, optimizer.beta_2) == (expected.beta_1, expected.beta_2)
    assert type(model.loss) is type(keras_gan.losses.get(preset.loss.name))
    assert [type(one) for one in model.penalties] == [type(penalties.get(one)) for one in preset.penalties]
    for one, options in zip(model.penalties, preset.penalties.values(), strict=True):
        assert {key: getattr(one, key) for key in options} == dict(options)
    for key in ("cycle_weight", "identity_weight", "pool_size", "l1_weight"):
        assert getattr(model, key, None) == getattr(preset, key, None)
    if preset.ema is None:
        assert model.ema_momentum is None
    else:
        assert isinstance(model.ema_momentum, HalfLife)
        assert model.ema_momentum.images == preset.ema.half_life
    if not preset.translates:
        assert (model.d_steps, model.g_steps, model.latent_dim) == (preset.d_steps, 1, preset.latent_dim)
    logs = step(model)
    assert np.isfinite(list(logs.values())).all(), logs
    of_generator = [isinstance(one, penalties.GeneratorPenalty) for one in model.penalties]
    assert ("d_penalty" in logs) == (False in of_generator)
    assert ("g_penalty" in logs) == (True in of_generator)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.get_compile_config() == model.get_compile_config()
    if not preset.translates:
        np.testing.assert_array_equal(loaded.generate(2), model.generate(2))
    else:
        images = images_of(model, 2)
        np.testing.assert_array_equal(loaded.translate(images), model.translate(images))


def test_the_presets_differ_and_have_a_reference():
    described = [preset.summary for preset in PRESETS.values()]
    assert len(set(described)) == len(described)
    for name, preset in PRESETS.items():
        assert preset.reference.startswith("https://")
        assert preset.config.name == name
    configs = [preset.config.model_copy(update={"name": ""}) for preset in PRESETS.values()]
    assert all(one != other for i, one in enumerate(configs) for other in configs[:i])


@pytest.mark.parametrize("name", ["gan", "dcgan", "sngan", "r3gan"])
def test_a_preset_generates_by_label(name):
    model = small(name, num_classes=3, run_eagerly=True)
    logs = model.train_on_batch(images_of(model, 3), np.arange(3, dtype=np.int32), return_dict=True)
    assert np.isfinite(list(logs.values())).all(), logs
    assert model.generate(3, labels=[2, 1, 0]).shape == (3, 28, 28, 1)


def test_arguments_override_the_preset():
    rate = keras.optimizers.schedules.ExponentialDecay(1e-3, 10, 0.5)
    own = {"penalties": "r1", "ema_momentum": 0.9, "d_steps": 1, "loss": "hinge", "augmentation": "diffaugment"}
    model = small("wgan_gp", learning_rate=rate, **own)
    assert [type(one) for one in model.penalties] == [penalties.R1]
    assert (model.ema_momentum, model.d_steps) == (0.9, 1)
    assert isinstance(model.loss, keras_gan.losses.Hinge)
    assert isinstance(model.augmentation, keras_gan.augmentations.DiffAugment)
    assert float(model.d_optimizer.learning_rate) == pytest.approx(1e-3)
    assert float(small("cyclegan_r1", learning_rate=1e-3).d_x_optimizer.learning_rate) == pytest.approx(1e-3)
    assert small("cyclegan", model={"cycle_weight": 3.0}).cycle_weight == 3.0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"name": "stylegan"}, "one of .*dcgan.*Received: stylegan"),
        (
            {"name": "cyclegan", "num_classes": 3},
            "cyclegan translates images and has no classes. Received: num_classes=3",
        ),
        ({"name": "dcgan", "image_shape": (30, 30, 1)}, "Received: image_shape=.*28x28 and 32x32"),
        ({"name": "dcgan", "loss": "lsgan"}, "`loss` must be one of .*Received: 'lsgan'"),
        ({"name": "dcgan", "penalties": "r3"}, "must be one of .*Received: 'r3'"),
    ],
)
def test_wrong_arguments_are_named(arguments, says):
    with pytest.raises(ValueError, match=says):
        presets.load(**{"image_shape": (28, 28, 1), **arguments})


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"g_stepz": 2}, "g_stepz"),
        ({"generator": {"filterz": 2}}, "filterz"),
        ({"discriminator": {"filterz": 2}}, "filterz"),
        ({"model": {"cycle_weight": 2}}, "cycle_weight"),
    ],
)
def test_an_argument_that_is_not_there_is_named(arguments, says):
    with pytest.raises((TypeError, ValueError), match=says):
        presets.load("dcgan", (28, 28, 1), **arguments)


@pytest.mark.parametrize("size", [64, 256])
def test_r3gan_generates_large_images(size):
    model = presets.load("r3gan", (size, size, 3))
    assert model.generator.output_shape == (None, size, size, 3)


def test_a_burn_in_eases_rates_penalties_and_the_average(tmp_path):
    model = small("r3gan", burn_in_steps=100, seed=0, run_eagerly=True)
    step(model)
    model.save(tmp_path / "model.keras")
    for one in (model, keras.models.load_model(tmp_path / "model.keras")):
        rates = [getattr(one, player)._learning_rate for player in one.trained_networks]
        for schedule in (*rates, *(penalty.weight for penalty in one.penalties)):
            assert schedule.steps == 100
        for at, rate, weight in ((0, 2e-4, 1.0), (50, 1.25e-4, 0.55), (100, 5e-5, 0.1), (1000, 5e-5, 0.1)):
            assert [float(schedule(at)) for schedule in rates] == pytest.approx([rate] * 2)
            assert [float(penalty.weight(at)) for penalty in one.penalties] == pytest.approx([weight] * 2)
        assert float(one.ema_momentum.images(100)) == pytest.approx(10_000)
        assert float(one.ema_momentum.images(0)) == 0


def test_a_burn_in_leaves_given_arguments_and_presets_without_one():
    model = small("r3gan", burn_in_steps=100, learning_rate=1e-3, penalties="r1", ema_momentum=0.9)
    assert float(model.d_optimizer.learning_rate) == pytest.approx(1e-3)
    assert [penalty.weight for penalty in model.penalties] == [penalties.R1().weight]
    assert model.ema_momentum == 0.9
    model = small("dcgan", burn_in_steps=100)
    assert not any(callable(getattr(model, player)._learning_rate) for player in model.trained_networks)
    with pytest.raises(ValueError, match=r"`steps` must be at least 1. Received: steps=0"):
        small("r3gan", burn_in_steps=0)


def test_a_gradient_penalty_leaves_batch_normalization_out():
    """The discriminator of `dcgan` has it by default; a penalty differentiates it twice."""

    def normalizations(**options):
        model = presets.build(config.GANConfig(generator={"filters": 4}, **options), (28, 28, 1))
        return [layer for layer in model.discriminator.layers if isinstance(layer, keras.layers.BatchNormalization)]

    small_d = {"filters": 4}
    assert normalizations(discriminator=small_d)
    assert not normalizations(discriminator=small_d, penalties="r1")
    assert normalizations(discriminator=small_d, penalties={"weight_clipping": {"limit": 0.1}})


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"penalties": "r3"}, r"^penalties.r3 must be one of dragan, orthogonal, path_length, r1, .*Received: r3$"),
        (
            {"penalties": {"r1": {"weigth": 1}}},
            r"penalties.r1.weigth is not a field. Did you mean penalties.r1.weight\?",
        ),
        ({"penalties": {"r1": -1}}, "penalties.r1: `weight` must be a finite number.*Received: weight=-1"),
        ({"augmentation": "flip"}, r"augmentation must be one of ada, diffaugment.*Received: flip"),
        ({"loss": {"name": "lsgan", "x": 1}}, "loss must be one of .*Received: lsgan"),
    ],
)
def test_parts_that_do_not_exist_are_named_when_the_model_is_built(options, says):
    with pytest.raises(ValueError, match=says):
        presets.build(config.GANConfig(network="mlp", **options), (8, 8, 1))


def test_options_of_losses_and_augmentations_reach_them():
    options = {"loss": {"name": "non_saturating", "label_smoothing": 0.1}}
    options["augmentation"] = {"name": "ada", "adjustment_images": 1000}
    gan = presets.build(config.GANConfig(network="mlp", **options, ema=0.9, g_steps=2), (8, 8, 1))
    assert gan.loss.label_smoothing == 0.1
    assert gan.augmentation.adjustment_images == 1000
    assert (gan.ema_momentum, gan.g_steps) == (0.9, 2)


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_states_what_was_measured_or_that_nothing_was(name):
    preset = PRESETS[name]
    lines = preset.lines()
    assert any("keras-gan train" in line for line in lines)
    assert (preset.result is None) == any("not measured" in line for line in lines)
    if preset.result is not None:
        assert f"--preset {name} " in preset.result.command
        assert any(preset.result.metric in line for line in lines)
    assert any(line.startswith("The paper states: ") for line in lines) == bool(preset.of_paper)
