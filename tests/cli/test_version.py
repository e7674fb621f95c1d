"""`keras-gan --version`, with everything that a bug report needs."""

import subprocess
import sys

from typer.testing import CliRunner

import keras_gan
from keras_gan.cli.app import app


def run(*arguments):
    command = [sys.executable, "-m", "keras_gan", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_the_version():
    assert run("--version") == f"keras-gan {keras_gan.__version__}\n"


def test_verbose_prints_versions_devices_and_settings_in_either_order():
    lines = dict(line.split(": ", 1) for line in run("--version", "--verbose").splitlines()[1:])
    assert lines["keras"][0].isdigit()
    assert "CPU" in lines["devices"]
    assert lines["oneDNN"] in {"on", "off"}
    other_order = CliRunner().invoke(app, ["--verbose", "--version"]).output
    assert len(other_order.splitlines()) == len(lines) + 1
