"""Configs: validation, messages, YAML, overrides, resumed runs and the page that lists all fields."""

import importlib
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

from keras_gan.config import (
    ConfigError,
    CycleGANConfig,
    GANConfig,
    Pix2PixConfig,
    check_resume,
    dump,
    from_dict,
    load,
    networks,
    parse_override,
    reference,
    save,
    with_changes,
)
from keras_gan.config.fields import fields

ROOT = Path(__file__).parent.parent.parent


def changed(*overrides, start=None):
    """The config with `--set` applied."""
    return with_changes(start or GANConfig(), dict(parse_override(text) for text in overrides))


@pytest.mark.parametrize(
    ("override", "says"),
    [
        ("discriminator.filter=3", "not a field of the network dcgan. Did you mean discriminator.filters?"),
        ("filters=3", "filters is not a field. Did you mean generator.filters or discriminator.filters?"),
        (
            "d_optimizer.learningrate=1",
            "d_optimizer.learningrate is not a field. Did you mean d_optimizer.learning_rate?",
        ),
        ("d_optimizer.lr=1", "d_optimizer.lr is not a field. Fields: d_optimizer.name, d_optimizer.learning_rate"),
        ("data.x=1", "data.x is not a field. Fields: data.name, data.image_size"),
        ("l1_weight=1", "l1_weight is not a field"),
        ("generator.latent_dim=3", "generator.latent_dim is not a field of the network dcgan"),
        ("epochs=0", "epochs must be at least 1. Received: 0"),
        ("epochs=many", "epochs must be of type integer. Received: 'many'"),
        ("d_optimizer.beta_1=1", "d_optimizer.beta_1 must be below 1. Received: 1"),
        ("d_optimizer.learning_rate=.nan", "d_optimizer.learning_rate must be a finite number"),
        ("d_optimizer=sgd", "d_optimizer.name must be 'adam' or 'rmsprop'. Received: 'sgd'"),
        ("discriminator.filters=wide", "discriminator.filters must be int. Received: 'wide'"),
        ("discriminator.normalization=3", r"discriminator.normalization must be str \| None. Received: 3"),
        ("network=pix2pix", "network must be one of biggan, dcgan, .*r3gan.* Received: pix2pix"),
        ("network=../dcgan", "network must be one of"),
        ("model=vae", "model must be one of gan, cyclegan, pix2pix. Received: 'vae'"),
        (
            "ema={momentum: 0.9, half_life: 10}",
            "ema must have either momentum or half_life.*momentum=0.9, half_life=10",
        ),
        ("augmentation={adjustment_images: 3}", "augmentation.name is missing"),
        ("loss=[hinge", r"Expected YAML. Received: '\[hinge'"),
        ("loss", "--set must be path=value, such as discriminator.filters=32. Received: loss"),
        ("=3", "--set must be path=value"),
    ],
)
def test_what_is_wrong_is_named_with_what_was_expected(override, says):
    with pytest.raises(ValueError, match=says):
        changed(override)


def test_every_wrong_field_is_named():
    with pytest.raises(
        ConfigError, match=r"epochs must be .*seed must be .*epoch is not a field. Did you mean epochs\?"
    ):
        changed("epochs=0", "seed=-1", "epoch=3")


@pytest.mark.parametrize(
    ("overrides", "path", "expected"),
    [
        (["d_optimizer.learning_rate=2e-5"], "d_optimizer.learning_rate", 2e-5),
        (["penalties=r1"], "penalties", {"r1": {}}),
        (["penalties=[r1, r2]"], "penalties", {"r1": {}, "r2": {}}),
        (["penalties.r1=1e-3"], "penalties", {"r1": {"weight": 1e-3}}),
        (["penalties.r1.weight=0.5", "penalties.r1.interval=4"], "penalties", {"r1": {"weight": 0.5, "interval": 4}}),
        (["penalties={r1: null}", "penalties=null"], "penalties", {}),
        (["ema=0.9"], "ema.momentum", 0.9),
        (["ema.half_life=100"], "ema.half_life", 100),
        (["data=digits8x8", "data.labels=true"], "data.labels", True),
        (["augmentation=ada", "augmentation.interval=2"], "augmentation.options", {"interval": 2}),
        (["augmentation=ada", "augmentation=null"], "augmentation", None),
        (["discriminator.normalization=null"], "discriminator", {"normalization": None}),
        (["burn_in={}"], "burn_in", None),
    ],
)
def test_overrides_are_yaml_and_reach_their_field(overrides, path, expected):
    found = changed(*overrides)
    for name in path.split("."):
        found = getattr(found, name)
    assert found == expected


@pytest.mark.parametrize(
    "config",
    [
        GANConfig(),
        GANConfig(
            name="a: b # 'c'",
            data={"name": "photos [1]/é", "labels": True},
            loss={"name": "non_saturating", "label_smoothing": 0.1},
            penalties={"r1": {"weight": 1e-7}},
            ema=0.999,
            augmentation={"name": "ada", "transforms": ["blit", "geom"]},
            burn_in={"learning_rate": 0.25},
            discriminator={"normalization": None},
        ),
        CycleGANConfig(data={"x": "a", "y": "b", "shift": True}, generator={"residual": True}),
        Pix2PixConfig(data={"x": "a"}),
    ],
)
@pytest.mark.parametrize("comments", [False, True])
def test_a_config_survives_yaml(config, comments, tmp_path):
    (tmp_path / "a.yaml").write_text(dump(config, comments), encoding="utf-8")
    assert load(tmp_path / "a.yaml") == config
    assert from_dict(config.model_dump()) == config


def test_a_short_file_is_enough_and_an_error_names_the_file(tmp_path):
    (tmp_path / "short.yaml").write_text("model: gan\nloss: hinge\nepochs: 2\n")
    assert load(tmp_path / "short.yaml") == GANConfig(loss="hinge", epochs=2)
    (tmp_path / "wrong.yaml").write_text("model: gan\nepoch: 2\n")
    with pytest.raises(ConfigError, match=r"wrong.yaml: epoch is not a field. Did you mean epochs\?"):
        load(tmp_path / "wrong.yaml")


def test_saving_replaces_the_whole_file(tmp_path):
    file = tmp_path / "run" / "config.yaml"
    save(GANConfig(epochs=3), file)
    save(GANConfig(epochs=4), file)
    assert load(file).epochs == 4
    assert [path.name for path in file.parent.iterdir()] == ["config.yaml"]


def test_a_config_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        GANConfig().epochs = 3


def test_a_resumed_run_may_change_only_what_changes_no_step():
    before = GANConfig(penalties={"r1": {"weight": 0.5}})
    check_resume(before, changed("epochs=99", "health.rollback=2", "data.held_out=x", start=before), "resume it")
    now = changed("penalties=null", "batch_size=3", start=before)
    with pytest.raises(
        ConfigError, match=r"`resume it` uses it.*penalties.r1.weight None \(was 0.5\), batch_size 3 \(was 64\)"
    ):
        check_resume(before, now, "resume it")
    with pytest.raises(ConfigError, match=r"model cyclegan \(was gan\)"):
        check_resume(before, CycleGANConfig(), "resume it")


def test_domains_are_checked():
    CycleGANConfig(data={"x": "a", "y": "b"}).check_data()
    Pix2PixConfig(data={"x": "a"}).check_data()
    for config in (CycleGANConfig(data={"x": "a"}), CycleGANConfig(), Pix2PixConfig(data={"y": "a"})):
        with pytest.raises(ValueError, match="expected --x and --y"):
            config.check_data()
    with pytest.raises(ValueError, match="must be given together"):
        CycleGANConfig(data={"x": "a", "y": "b", "test_x": "c"})


@pytest.mark.parametrize("network", [*networks.available(True), *networks.available(False)])
@pytest.mark.parametrize("part", ["generator", "discriminator"])
def test_options_read_from_the_source_are_the_real_ones(network, part):
    function = getattr(importlib.import_module(f"keras_gan.networks.{network}"), part)
    real = {name: one.default for name, one in inspect.signature(function).parameters.items()}
    found = networks.arguments(network, part)
    assert list(found) == list(real)
    for name, option in networks.options(network, part).items():
        assert option.default == real[name]


@pytest.mark.parametrize("kind", [GANConfig, CycleGANConfig, Pix2PixConfig])
def test_every_field_is_described(kind):
    for field in fields(kind):
        assert field.description.endswith("."), field.path
        assert field.kind, field.path


def test_the_page_of_all_fields_is_up_to_date():
    """`python -m keras_gan.config > docs/api/config.md` writes it."""
    assert (ROOT / "docs" / "api" / "config.md").read_text(encoding="utf-8") == reference.markdown()


def test_no_tensorflow_is_needed():
    script = (
        "import sys; sys.modules['tensorflow'] = sys.modules['keras'] = None\n"
        "from keras_gan import config, presets\n"
        "for preset in presets.PRESETS.values():\n"
        "    config.with_changes(preset.config, {'epochs': 2})\n"
        "    config.dump(preset.config)\n"
    )
    child = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert child.returncode == 0, child.stderr
