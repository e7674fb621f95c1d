"""Fixtures for code of the documentation: what it starts from, at a small size."""

from __future__ import annotations

import functools
import re
import shutil
import threading

import authority
import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

import keras_gan
from keras_gan.networks import cyclegan, dcgan, mlp, pix2pix, r3gan
from keras_gan.serving.server import Options, Server

SIZE = 32  # pixels of images that pages show in 64 or 256
# Images and batches of `keras_gan.datasets`, where a page does not say.
DATA = {
    "load": {"limit": 32, "batch_size": 16},
    "load_unpaired": {"limit": 1},
    "load_paired": {"limit": 1},
}
# Options of networks, for both parts and for the generator alone.
NETWORKS = (
    (mlp, {"units": 16}, {}),
    (dcgan, {"filters": 4}, {}),
    (r3gan, {"filters": 16}, {}),
    (cyclegan, {"filters": 2}, {"blocks": 1}),
    (pix2pix, {"filters": 2}, {}),
)
# The pages' sizes, and those of the tests.
SMALLER = (
    (r"(?<!initial_)epochs=(?!2\b)\d+", "epochs=1"),
    (r"image_size=(?:256|64)\b", f"image_size={SIZE}"),
    (r"\((?:256, 256|64, 64)(, 3)?\)", rf"({SIZE}, {SIZE}\1)"),
    (r"\(256, 64, 64, 3\)", f"(16, {SIZE}, {SIZE}, 3)"),
    (r"limit=2000", "limit=96"),
    (r"generate\(2000", "generate(48"),
    (r"samples=\d+", "samples=8"),
    (r"batch_size=(?:32|64)", "batch_size=16"),
    (r"batch_size=4\b", "batch_size=1"),
    (r"filters=16, blocks=3", "filters=2, blocks=1"),
    # The README exports all formats.
    (r"\.export\(\"exported\", (?=name=|generator=)", '.export("exported", format="onnx", '),
    (r"\.export\(\"exported\"\)", '.export("exported", format="onnx")'),
    (r"\[-400:\]", "[-48:]"),
    (r"\[:-400\]", "[:-48]"),
)


def shortened(code: str) -> str:
    """The code with small sizes."""
    for pattern, smaller in SMALLER:
        code = re.sub(pattern, smaller, code)
    return code


@functools.cache
def prepared(folder):
    """The folder, with a run, an export, images in classes, and a key with its certificates."""
    folder.mkdir()
    networks = dcgan.generator((28, 28, 1), 128, 10, filters=4), dcgan.discriminator((28, 28, 1), 10, filters=4)
    gan = keras_gan.GAN(*networks, latent_dim=128, num_classes=10, seed=0)
    gan.compile()
    (folder / "run").mkdir()
    gan.save(folder / "run" / "gan.keras")
    keras_gan.export.export_generator(gan, folder / "exported", formats=["onnx"], name="digits")
    random = np.random.default_rng(0)
    for place in ("photos/cats", "photos/dogs", "monets/cats", "monets/dogs", "sketches/cats", "sketches/dogs"):
        (folder / place).mkdir(parents=True)
        for i in range(9):
            Image.fromarray(random.integers(0, 256, (40, 48, 3), np.uint8)).save(folder / place / f"{i}.png")
    key = authority.ec.generate_private_key(authority.ec.SECP256R1())
    issuer = authority.Authority()
    authority.write_key(folder / "key.pem", key)
    authority.write_certificates(folder / "chain.pem", issuer.issue(key), issuer.certificate)
    return folder


@pytest.fixture
def small(tmp_path_factory, tmp_path, monkeypatch):
    """A copy of that folder as the current one; sets of few images, small networks, and training without a graph."""
    shutil.copytree(prepared(tmp_path_factory.getbasetemp() / "documented"), tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    for function, options in DATA.items():
        load = getattr(keras_gan.datasets, function)
        monkeypatch.setattr(keras_gan.datasets, function, functools.partial(load, **options))
    for module, of_both, of_generator in NETWORKS:
        for part, options in (("generator", {**of_both, **of_generator}), ("discriminator", of_both)):
            monkeypatch.setattr(module, part, functools.partial(getattr(module, part), **options))
    fit = keras.Model.fit

    def fit_eagerly(*args, **kwargs):
        tf.config.run_functions_eagerly(True)
        try:
            return fit(*args, **kwargs)
        finally:
            tf.config.run_functions_eagerly(False)

    monkeypatch.setattr(keras.Model, "fit", fit_eagerly)
    yield tmp_path
    keras.mixed_precision.set_global_policy("float32")


@pytest.fixture
def server(small):
    """The address of a server of the exports."""
    server, up = Server(Options(small / "exported", rest_port=0, grpc_port=None)), threading.Event()
    thread = threading.Thread(target=server.run, args=(lambda _: up.set(),))
    thread.start()
    try:
        assert up.wait(60)
        yield f"http://127.0.0.1:{server.rest_port}"
    finally:
        server.stop()
        thread.join()
