"""Takes the pictures of the explorer and of the report in docs/, in a headless Chromium.

    make quickstart
    python experiments/screenshots.py quickstart   # about half a minute

The environment variable KERAS_GAN_CHROMIUM may name the program.
"""

import argparse
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from keras_gan.serving.options import Options
from keras_gan.serving.server import Server

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

IMAGES = Path(__file__).parent.parent / "docs" / "images"
# name: width, height, colours, settings in the link, scroll position
EXPLORER = {
    "explorer": (1280, 800, "light", "seed=13&along=sefa:0:-2.5", 0),
    "explorer-dark": (1280, 800, "dark", "label=3&seed=3&to=19&mix=0.5&tab=between", 0),
    "explorer-phone": (360, 740, "light", "seed=13&along=sefa:0:-2.5", 640),
}
REPORT = (1176, 1093)


def save(page: Page, name: str) -> None:
    """Saves what a page shows, with few colours."""
    path = IMAGES / f"{name}.png"
    page.screenshot(path=path)
    Image.open(path).convert("RGB").quantize(128).save(path, optimize=True)
    print(f"{path}  {path.stat().st_size // 1000} kB")


def take_explorer(browser: Browser, address: str, name: str) -> None:
    """Takes one picture of the explorer."""
    width, height, colours, link, scrolled = EXPLORER[name]
    with browser.new_page(color_scheme=colours, viewport={"width": width, "height": height}) as page:
        page.goto(f"{address}/#{link}")
        for part in (".picture", "#grid", ".controls"):
            page.wait_for_selector(f"{part}[aria-busy=false]")
        page.evaluate("(y) => scrollTo(0, y)", scrolled)
        page.evaluate("document.querySelector('#timing').value = ''")  # a time of this machine under load
        save(page, name)


@contextmanager
def served(models: Path) -> Iterator[str]:
    """Serves a folder of models, and yields the address."""
    server, up = Server(Options(models, rest_port=0, grpc_port=None)), threading.Event()
    thread = threading.Thread(target=server.run, args=(lambda _: up.set(),))
    thread.start()
    try:
        up.wait()
        yield f"http://127.0.0.1:{server.rest_port}"
    finally:
        server.stop()
        thread.join()


def main(quickstart: Path) -> None:
    """Takes all pictures of what `make quickstart` made."""
    chromium = os.environ.get("KERAS_GAN_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with served(quickstart / "exported") as address, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name in EXPLORER:
            take_explorer(browser, address, name)
        with browser.new_page(viewport={"width": REPORT[0], "height": REPORT[1]}) as page:
            page.goto((quickstart / "run" / "report.html").resolve().as_uri())
            save(page, "report")
        browser.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("quickstart", type=Path, help="folder that `make quickstart` wrote")
    main(parser.parse_args().quickstart)
