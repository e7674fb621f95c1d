"""Takes the pictures of docs/guides/explorer.md in a headless Chromium.

    python experiments/explorer.py quickstart/exported   # about half a minute

The environment variable KERAS_GAN_CHROMIUM may name the program.
"""

import argparse
import os
import shutil
import threading
from pathlib import Path

from keras_gan.serving.options import Options
from keras_gan.serving.server import Server

from PIL import Image
from playwright.sync_api import Page, sync_playwright

IMAGES = Path(__file__).parent.parent / "docs" / "images"
# name: width, height, colours, settings in the link, scroll position
PICTURES = {
    "explorer": (1280, 800, "light", "seed=13&along=sefa:0:-2.5", 0),
    "explorer-dark": (1280, 800, "dark", "label=3&seed=3&to=19&mix=0.5&tab=between", 0),
    "explorer-phone": (360, 740, "light", "seed=13&along=sefa:0:-2.5", 640),
}


def take(page: Page, address: str, name: str) -> None:
    """Takes one picture, and reduces its size."""
    width, height, _, link, scrolled = PICTURES[name]
    page.set_viewport_size({"width": width, "height": height})
    page.goto(f"{address}/#{link}")
    for part in (".picture", "#grid", ".controls"):
        page.wait_for_selector(f"{part}[aria-busy=false]")
    page.evaluate("(y) => scrollTo(0, y)", scrolled)
    page.evaluate("document.querySelector('#timing').value = ''")  # a time of this machine under load
    path = IMAGES / f"{name}.png"
    page.screenshot(path=path)
    Image.open(path).convert("RGB").quantize(128).save(path, optimize=True)
    print(f"{path}  {path.stat().st_size // 1000} kB")


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("models", type=Path, help="folder of exported models; the first one is shown")
models = parser.parse_args().models
chromium = os.environ.get("KERAS_GAN_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
server, up = Server(Options(models, rest_port=0, grpc_port=None)), threading.Event()
serving = threading.Thread(target=server.run, args=(lambda _: up.set(),))
serving.start()
try:
    up.wait()
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name in PICTURES:
            with browser.new_page(color_scheme=PICTURES[name][2]) as page:
                take(page, f"http://127.0.0.1:{server.rest_port}", name)
        browser.close()
finally:
    server.stop()
    serving.join()
