"""`keras-gan translate`."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from keras_gan.cli.image_files import ImageFile, find_images
from keras_gan.cli.models.translator import LEAST_SIZE, OpenTranslator, open_translator
from keras_gan.datasets.decoding.images import Unreadable, large_images, read
from keras_gan.datasets.decoding.skipped_files import abbreviate
from keras_gan.images import to_picture
from keras_gan.utils.files import atomic_path
from keras_gan.utils.tiling import Tiling


def translate(
    model: Annotated[
        Path,
        typer.Argument(
            help="Folder of a run, .keras file, folder of an exported model or of one version, .onnx or .tflite file.",
            show_default=False,
            metavar="MODEL",
        ),
    ],
    images: Annotated[Path, typer.Option("--input", help="Image, or folder of images.", show_default=False)],
    output: Annotated[
        Path,
        typer.Option(
            help="Folder for the PNGs. For one image, a path that ends in .png also works.", show_default=False
        ),
    ],
    generator: Annotated[
        str | None,
        typer.Option(
            help="Direction, for a Keras model: g from X to Y; f from Y to X (CycleGAN only).", show_default="g"
        ),
    ] = None,
    format: Annotated[
        str | None,
        typer.Option(
            help="Format, for an exported model: onnx, tflite or saved_model.",
            show_default="the first one whose runtime is installed",
        ),
    ] = None,
    tile: Annotated[
        int,
        typer.Option(
            min=0,
            help="Height and width of tiles, in pixels. Larger images are cut into tiles to save memory. 0 turns tiles "
            "off. TFLite files with fixed sizes use these.",
        ),
    ] = 512,
    overlap: Annotated[
        int, typer.Option(min=0, help="Overlap of tiles, in pixels. Tiles are blended there. At most half of a tile.")
    ] = 64,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace existing PNGs in OUTPUT.")] = False,
) -> None:
    r"""Translate images with a trained or exported CycleGAN or pix2pix model.

    For each image it writes a PNG of the same name, height and width to OUTPUT.
    Sub-folders are kept. Existing PNGs are not replaced. So after an
    interruption the same command continues.

    Large images are translated in tiles. CycleGAN's networks normalise each tile
    separately. If colours change between tiles, use a larger --tile or --overlap.

    Examples:
      keras-gan translate run --input photos --output paintings

      keras-gan translate run --generator f --input painting.jpg \
          --output photo.png

      keras-gan translate exported/monet-g --format tflite --input photos \
          --output paintings --tile 256
    """
    console = Console(soft_wrap=True, highlight=False)
    found = find_images(images, output)
    waiting = [image for image in found.images if overwrite or not image.destination.exists()]
    existing = len(found.images) - len(waiting)
    translated, began = 0, time.perf_counter()
    try:
        if waiting:
            with console.status("loading the model"):
                opened = open_translator(model, generator, format)
            tiling = Tiling(tile or None, overlap, opened.size_multiple, LEAST_SIZE, opened.image_sizes)
            began = time.perf_counter()
            for succeeded in _translate_each(waiting, opened, tiling, console):
                translated += succeeded
    except KeyboardInterrupt:
        how = "The same command without --overwrite" if overwrite else "The same command"
        console.print(f"\nInterrupted after {_images(translated)}. {how} continues.")
        raise typer.Exit(130) from None
    seconds = (time.perf_counter() - began) / max(translated, 1)
    where = escape(str(found.images[0].destination if images.is_file() else output))
    if translated:
        each = f"in {seconds:.3g} s" if translated == 1 else f"in {seconds:.3g} s each"
        console.print(f"{_images(translated)} translated {each}: [bold]{where}[/]")
    if existing:
        console.print(f"{_images(existing)} existed already: [bold]{where}[/]. --overwrite replaces them")
    if damaged := len(waiting) - translated:
        console.print(f"[yellow]{_images(damaged)} could not be read[/]; see above")
    if found.others:
        console.print(f"[dim]Skipped files that are not images: {escape(abbreviate(found.others))}[/]")
    if not translated and not existing:
        raise typer.Exit(1)


def _translate_each(
    images: Sequence[ImageFile], opened: OpenTranslator, tiling: Tiling, console: Console
) -> Iterator[bool]:
    """Translate images one by one, and yield `True` for each that could be read. Print the names of the others."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("images, time left"))
    hidden = not console.is_terminal
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True, disable=hidden) as bars:
        task = bars.add_task("", total=len(images))
        for number, image in enumerate(images):
            bars.update(task, description=escape(image.name), completed=number)
            try:
                with large_images():
                    pixels = read(image.source, None, opened.channels, image.name, opened.value_range)
                pixels = np.rint(pixels).astype(np.uint8)
            except Unreadable as error:
                console.print(f"[yellow]Skipped[/] {escape(error.description)}")
                yield False
                continue

            def show(done: int, tiles: int, before: int = number) -> None:
                bars.update(task, completed=before + done / tiles)

            try:
                pixels = tiling.translate(pixels, opened.network, show)
            except Exception as error:  # each runtime has its own errors
                raise RuntimeError(f"{image.name} could not be translated: {error}") from error
            _save(image.destination, pixels)
            yield True


def _save(path: Path, pixels: np.ndarray) -> None:
    with atomic_path(path) as temporary:
        to_picture(pixels).save(temporary, format="PNG")


def _images(number: int) -> str:
    return f"{number} image{'' if number == 1 else 's'}"
