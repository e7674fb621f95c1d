"""`keras-gan --version`, with everything that a bug report needs."""

import subprocess
import sys

import keras_gan


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
    assert len(run("--verbose", "--version").splitlines()) == len(lines) + 1
