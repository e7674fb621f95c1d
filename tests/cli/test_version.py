"""`keras-gan --version`, with everything that a bug report needs."""

import os
import subprocess
import sys

from typer.testing import CliRunner

import keras_gan
from keras_gan.cli.app import app
from keras_gan.utils import onednn


def run(*arguments):
    command = [sys.executable, "-m", "keras_gan", *arguments]
    environment = {name: value for name, value in os.environ.items() if name != onednn.SWITCH}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


def test_the_version():
    assert run("--version") == f"keras-gan {keras_gan.__version__}\n"


def test_verbose_prints_versions_devices_and_settings_in_either_order():
    lines = dict(line.split(": ", 1) for line in run("--version", "--verbose").splitlines()[1:])
    assert lines["keras"][0].isdigit()
    assert "CPU" in lines["devices"]
    assert lines["oneDNN"] in {"on", "off"}
    if onednn.is_supported() and not onednn.has_gpu():
        assert lines["oneDNN"] == "on"  # the command imports keras_gan, which enables it, before TensorFlow
    other_order = CliRunner().invoke(app, ["--verbose", "--version"]).output
    assert len(other_order.splitlines()) == len(lines) + 1
