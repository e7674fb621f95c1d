"""The JavaScript code and the page of docs/guides/export.md, in Chromium and in Node with onnxruntime-web."""

import functools
import json
import os
import re
import shutil
import subprocess
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import export_models as models
import numpy as np
import pytest

from keras_gan.export import export_generator
from keras_gan.images import to_uint8
from keras_gan.networks import dcgan

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "guides" / "export.md"
PACKAGES = Path(os.environ.get("KERAS_GAN_EMOJI", ROOT / ".venv" / "references")).resolve() / "node_modules"
CHROMIUM = os.environ.get("KERAS_GAN_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
CLASSES, LATENT = 3, 8


def block(language):
    (code,) = re.findall(rf"^```{language}\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    return code


def test_no_size_is_part_of_the_code_for_phones():
    for language in ("swift", "javascript", "html"):
        assert not re.search(r"\b(28|32|64|128)\b", block(language))
    kotlin = "".join(re.findall(r"```kotlin\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL))
    assert "image_shape" in kotlin
    assert not re.search(r"\b(28|32|64|128)\b", kotlin)


@pytest.fixture(scope="module", params=[(1, None), (3, CLASSES), (4, None)], ids=["grey", "classes", "transparent"])
def site(request, tmp_path_factory):
    """A folder with the page, its code and the files of an export; and the bytes that Keras makes."""
    channels, classes = request.param
    folder = tmp_path_factory.mktemp("site")
    generator = models.lively(dcgan.generator((12, 20, channels), LATENT, classes, filters=4))
    gan = models.StandIn(generator, classes, name="site", latent_dim=LATENT)
    exported = export_generator(gan, folder / "exported", ["onnx"]).path
    for name in ("model_generate.onnx", "manifest.json"):
        shutil.copy(exported / name, folder / name)
    (folder / "generator.js").write_text(block("javascript"))
    (folder / "index.html").write_text(block("html"))
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "node_modules").symlink_to(PACKAGES)
    labels = None if classes is None else np.array([0, 2], np.int32)
    return folder, labels, to_uint8(gan.generate(2, labels, seed=7))


def as_rgba(images):
    """Return the pixels of a canvas that shows uint8 images."""
    if images.shape[-1] == 4:
        return images
    opaque = np.full((*images.shape[:-1], 1), 255, np.uint8)
    return np.concatenate([np.broadcast_to(images, (*images.shape[:-1], 3)), opaque], axis=-1)


@pytest.mark.reference
def test_the_page_shows_the_image_of_keras(site):
    folder, _, images = site
    playwright = pytest.importorskip("playwright.sync_api")
    handler = functools.partial(Quiet, directory=folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, playwright.sync_playwright() as driver:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{server.server_port}/index.html")
        height, width = images.shape[1:3]
        page.wait_for_function(f"document.querySelector('#image').width === {width}", timeout=60_000)
        data = page.evaluate(
            "(size) => Array.from(document.querySelector('#image').getContext('2d').getImageData(0, 0, ...size).data)",
            [width, height],
        )
        browser.close()
        server.shutdown()
    shown = np.array(data).reshape(height, width, 4)
    expected = as_rgba(images)[0].astype(int)
    visible = expected[..., 3] > 64  # a canvas keeps colours multiplied by their opacity
    assert np.abs(shown - expected)[visible].max() <= (1 if images.shape[-1] < 4 else 3)


@pytest.mark.reference
def test_node_makes_the_images_of_keras(site):
    folder, labels, images = site
    given = "undefined" if labels is None else json.dumps(labels.tolist())
    (folder / "run.js").write_text(
        "import * as ort from 'onnxruntime-web';\n"
        "import { readFile } from 'node:fs/promises';\n"
        "import { generate, toPixels } from './generator.js';\n"
        "const manifest = JSON.parse(await readFile('manifest.json'));\n"
        "const session = await ort.InferenceSession.create(await readFile('model_generate.onnx'));\n"
        f"const image = await generate(session, 2, 7, {given});\n"
        "console.log(JSON.stringify([0, 1].map((i) => Array.from(toPixels(image, manifest, i)))));\n"
    )
    done = subprocess.run(["node", "run.js"], cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    pixels = np.array(json.loads(done.stdout.strip().splitlines()[-1])).reshape(2, *images.shape[1:3], 4)
    assert np.abs(pixels - as_rgba(images).astype(int)).max() <= 1


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder without a log."""

    extensions_map = {**SimpleHTTPRequestHandler.extensions_map, ".mjs": "text/javascript", ".wasm": "application/wasm"}  # noqa: RUF012

    def log_message(self, *_):
        pass
