"""`keras-gan --version` and `keras-gan --version --verbose`."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import typer

import keras_gan

PACKAGES = (
    "tensorflow",
    "keras",
    "numpy",
    "onnx",
    "onnxruntime",
    "tf2onnx",
    "ai-edge-litert",
    "ai-edge-quantizer",
    "tensorflow-datasets",
    "starlette",
    "grpcio",
)


def print_version(ctx: typer.Context, wanted: bool) -> None:
    """Print the version, with `--verbose` everything that a bug report needs, and exit."""
    if not wanted:
        return
    typer.echo(f"keras-gan {keras_gan.__version__}")
    if ctx.params.get("verbose"):
        for name, value in environment().items():
            typer.echo(f"{name}: {value}")
    raise typer.Exit


def environment() -> dict[str, str]:
    """Return the versions, devices and settings that change how the library behaves.

    Returns:
        Printable values by name. It imports TensorFlow, if it is installed, to list devices.
    """
    found = {
        "python": f"{platform.python_version()} ({platform.python_implementation()})",
        "platform": platform.platform(),
        "processor": f"{platform.machine()}, {os.cpu_count()} cores",
    }
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    if found["tensorflow"] != "not installed":
        found |= tensorflow_facts()
    return found


def tensorflow_facts() -> dict[str, str]:
    """Return the devices that TensorFlow sees, and whether it uses oneDNN."""
    from keras_gan.cli.run import import_tensorflow
    from keras_gan.utils.onednn import onednn_is_on

    import_tensorflow()
    import keras
    import tensorflow as tf

    devices = [f"{device.device_type} {device.name}" for device in tf.config.list_physical_devices()]
    return {
        "devices": ", ".join(devices),
        "oneDNN": "on" if onednn_is_on() else "off",
        "TF_ENABLE_ONEDNN_OPTS": os.environ.get("TF_ENABLE_ONEDNN_OPTS", "not set"),
        "keras backend": keras.backend.backend(),
        "keras image_data_format": keras.config.image_data_format(),
    }


VersionOption = Annotated[
    bool,
    typer.Option("--version", help="Print the version and exit.", callback=print_version),
]
VerboseOption = Annotated[
    bool,
    typer.Option("--verbose", help="With --version: print versions, devices and settings too.", is_eager=True),
]
