"""Messages of the Python interface name the options of the command that was called."""

import sys

import pytest

from keras_gan.cli import app as app_module
from keras_gan.cli.flag_names import with_flags


@pytest.mark.parametrize(
    ("command", "text", "expected"),
    [
        (
            "train",
            "The images differ in size: expected `image_size`, to crop and resize. Received: image_size=None",
            "The images differ in size: expected --image-size, to crop and resize. Received: no --image-size",
        ),
        ("train", "Received: labels=True for a set", "Received: --labels for a set"),
        ("train", "Received: value_range=(3.0, 2.0) and 'x'", "Received: --value-range (3.0, 2.0) and 'x'"),
        (
            "train",
            "Resize the images, or --set generator.halvings=5",
            "Resize the images, or --set generator.halvings=5",
        ),
        ("train", "expected fit(batch_size=8), d_steps=2", "expected fit(batch_size=8), d_steps=2"),
        ("train", "`latent_dim` must be 3", "`latent_dim` must be 3"),
        (
            "export",
            "`image_sizes` must be pairs. Received: opset=99",
            "--image-size must be pairs. Received: --opset 99",
        ),
        ("deploy", "`storage_uri` must be a URI. Received: 's3'", "--storage-uri must be a URI. Received: 's3'"),
    ],
)
def test_arguments_become_options(command, text, expected):
    assert with_flags(text, [command, "run"]) == expected


def test_without_a_command_nothing_is_replaced():
    assert with_flags("`image_size` is wrong", ["--verbose"]) == "`image_size` is wrong"


def test_the_program_prints_options(tmp_path, monkeypatch, capsys):
    (tmp_path / "empty").mkdir()
    monkeypatch.setattr(sys, "argv", ["keras-gan", "deploy", str(tmp_path), "--to", "docker", "--name", "No"])
    version = tmp_path / "digits" / "1"
    version.mkdir(parents=True)
    (version / "saved_model.pb").write_bytes(b"")
    with pytest.raises(SystemExit):
        app_module.main()
    assert "--name must be at most 40" in capsys.readouterr().err
