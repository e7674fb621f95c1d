"""The code in the pages runs: every ```python block, in order, in one namespace a page, at a small size."""

from __future__ import annotations

import functools
import re
import shutil
import threading
import warnings

import authority
import keras
import numpy as np
import pytest
from conftest import eagerly
from pages import STORIES, blocks, name
from PIL import Image

import keras_gan
from keras_gan.errors import KerasGANWarning
from keras_gan.networks import cyclegan, dcgan, pix2pix, r3gan
from keras_gan.serving.server import Options, Server

IMAGES = 32  # of a packaged set
SIZE = 32  # pixels of translated images
# What pages say, and what runs here.
SMALLER = (
    (r"(?<!initial_)epochs=(?!2\b)\d+", "epochs=1"),
    (r"\b256\b(?=, 256|, 3|\)|,? ?\n)", str(SIZE)),
    (r"image_size=256|image_size=64", f"image_size={SIZE}"),
    (r"\(256, 64, 64, 3\)", f"(16, {SIZE}, {SIZE}, 3)"),
    (r"\(64, 64, 3\)", f"({SIZE}, {SIZE}, 3)"),
    (r"limit=2000", "limit=96"),
    (r"generate\(2000", "generate(48"),
    (r"samples=\d+", "samples=8"),
    (r"batch_size=(?:32|64)", "batch_size=16"),
    (r"\[-400:\]|\[:-400\]", lambda found: found.group(0).replace("400", "48")),
)
WITHOUT_CODE = {"guides/command_line", "guides/deploying", "guides/explorer", "guides/index", "how_it_works/index"}
# Pages that show how to measure or export in full take longer.
SLOW = {"docs/guides/export.md", "docs/guides/evaluation.md"}


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """A folder with what the pages start from: a run, an export, images and a key."""
    folder = tmp_path_factory.mktemp("pages")
    networks = dcgan.generator((28, 28, 1), 128, 10, filters=4), dcgan.discriminator((28, 28, 1), 10, filters=4)
    gan = keras_gan.GAN(*networks, latent_dim=128, num_classes=10, seed=0)
    gan.compile()
    (folder / "run").mkdir()
    gan.save(folder / "run" / "gan.keras")
    keras_gan.export.export_generator(gan, folder / "exported", formats=["onnx"], name="digits")
    random = np.random.default_rng(0)
    for place in ("photos/cats", "photos/dogs", "monets/cats", "monets/dogs"):
        (folder / place).mkdir(parents=True)
        for i in range(9):
            Image.fromarray(random.integers(0, 256, (40, 48, 3), np.uint8)).save(folder / place / f"{i}.png")
    key = authority.ec.generate_private_key(authority.ec.SECP256R1())
    issuer = authority.Authority()
    authority.write_key(folder / "key.pem", key)
    authority.write_certificates(folder / "chain.pem", issuer.issue(key), issuer.certificate)
    return folder


@pytest.fixture
def workplace(trained, tmp_path, monkeypatch):
    """A copy of it, as the current folder."""
    shutil.copytree(trained, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def _small(monkeypatch):
    """Packaged sets of few images, and networks of few filters."""
    load, load_unpaired = keras_gan.datasets.load, keras_gan.datasets.load_unpaired
    monkeypatch.setattr(keras_gan.datasets, "load", lambda *args, **kw: load(*args, **{"limit": IMAGES, **kw}))
    monkeypatch.setattr(
        keras_gan.datasets, "load_unpaired", lambda *args, **kw: load_unpaired(*args, **{"limit": 2, **kw})
    )
    for module, options in (
        (dcgan, {"filters": 4}),
        (r3gan, {"filters": 16}),
        (cyclegan, {"filters": 2}),
        (pix2pix, {"filters": 2}),
    ):
        monkeypatch.setattr(module, "discriminator", functools.partial(module.discriminator, **options))
        more = {"blocks": 1} if module is cyclegan else {}
        monkeypatch.setattr(module, "generator", functools.partial(module.generator, **options, **more))


@pytest.fixture
def served(workplace):
    """The address of a server of the exports."""
    server, up = Server(Options(workplace / "exported", rest_port=0, grpc_port=None)), threading.Event()
    thread = threading.Thread(target=server.run, args=(lambda _: up.set(),))
    thread.start()
    try:
        assert up.wait(60)
        yield f"http://127.0.0.1:{server.rest_port}"
    finally:
        server.end()
        thread.join()


def shortened(code: str) -> str:
    for pattern, smaller in SMALLER:
        code = re.sub(pattern, smaller, code)
    return code


def pages_with_code():
    for page in STORIES:
        if blocks(page, "python"):
            marks = [pytest.mark.slow] if name(page) in SLOW else []
            yield pytest.param(page, id=name(page), marks=marks)


@pytest.mark.usefixtures("_small")
@pytest.mark.parametrize("page", pages_with_code())
def test_the_code_of_a_page_runs(page, workplace, request):
    replaced = {}
    if name(page) == "docs/guides/client.md":
        replaced["http://127.0.0.1:8501"] = request.getfixturevalue("served")
    namespace = {"__name__": "page"}
    with warnings.catch_warnings(), eagerly():
        if name(page) == "docs/guides/training_health.md":
            warnings.simplefilter("ignore", KerasGANWarning)  # a training of one step is no good training
        for number, block in enumerate(blocks(page, "python"), 1):
            code = shortened(block)
            for text, other in replaced.items():
                code = code.replace(text, other)
            exec(compile(code, f"{name(page)}, block {number}", "exec"), namespace)
    keras.mixed_precision.set_global_policy("float32")


def test_pages_without_code_are_known():
    found = {name(page) for page in STORIES if not blocks(page, "python")}
    assert found == {f"docs/{page}.md" for page in WITHOUT_CODE}


@pytest.mark.slow
def test_the_first_script_of_the_readme_runs_as_printed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(blocks(STORIES[0], "python")[0], {"__name__": "page"})
    assert (tmp_path / "samples" / "epoch-0020.png").exists()
    assert (tmp_path / "exported" / "gan" / "1" / "model.tflite").exists()
