"""`keras-gan invert`."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress

from keras_gan.cli.image_files import find_images
from keras_gan.cli.models import latent_file
from keras_gan.cli.models.direction import find_directions
from keras_gan.cli.models.generator import LABEL_METAVAR, label_of
from keras_gan.cli.run import ModelPath, load_model
from keras_gan.utils.class_names import class_title

if TYPE_CHECKING:
    import numpy as np

    from keras_gan.models.gan import GAN

Space = Enum("Space", {"z": "z", "w": "w"}, type=str)


def invert(
    model: ModelPath,
    images: Annotated[
        Path,
        typer.Argument(help="Image, or folder of images. They are cropped and resized as for training."),
    ],
    output: Annotated[Path, typer.Option(help="Folder for the results.")] = Path("inverted"),
    label: Annotated[
        str | None,
        typer.Option(
            help="Number or name of the class of all images, for a model with classes.",
            show_default="the class that fits best",
            metavar=LABEL_METAVAR,
        ),
    ] = None,
    space: Annotated[
        Space,
        typer.Option(
            help="Space to search: z, or the output w of a StyleGAN2 mapping network, which fits more closely."
        ),
    ] = Space.z,
    direction: Annotated[
        list[str] | None,
        typer.Option(
            help="Direction in z to change the images along, as for `keras-gan walk`. Repeat for more.",
            show_default="none",
        ),
    ] = None,
    span: Annotated[
        float, typer.Option(min=0.1, help="Largest change along a direction, in standard deviations of z.")
    ] = 3.0,
    steps: Annotated[int, typer.Option(min=1, help="Number of steps of the search.")] = 300,
    starts: Annotated[int, typer.Option(min=1, help="Number of searches for each image. The best one counts.")] = 4,
    feature_weight: Annotated[
        float, typer.Option(min=0.0, help="Weight of the discriminator's features. 0 compares pixels only.")
    ] = 1.0,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Seed of the search.")] = 0,
) -> None:
    """Find the latent vectors of given images, to change the images with the generator.

    comparison.png has each image, the image that the generator makes of its
    latent vector, and the difference. latent.npz has the latent vectors, which
    `keras-gan walk --start` takes. edits.png has a row for each image and each
    --direction. NAME.png is the generator's image of NAME.

    The model must be a Keras model, so an exported file is not enough. A
    generator can only make images like its training images.

    Examples:
      keras-gan invert digits three.png

      keras-gan invert run photo.png --direction sefa:0 --span 2

      keras-gan walk run --start inverted --output walk
    """
    import numpy as np

    from keras_gan.images import save_grid, save_image
    from keras_gan.models.inversion import invert as find

    console = Console(soft_wrap=True, highlight=False)
    found = find_images(images, output)
    gan = load_model(model)
    if direction and space.value == "w":
        raise ValueError("--direction is in z. Received: --direction with --space w")
    targets = _read(gan, [one.source for one in found.images])
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("searching", total=steps)
        result = find(
            gan,
            targets,
            label_of(gan, label),
            space=space.value,
            steps=steps,
            starts=starts,
            feature_weight=feature_weight,
            seed=seed,
            progress=lambda number, _: bar.update(task, completed=number),
        )
    low, high = gan.image_range
    difference = low + np.abs(targets - result.images)
    for i, one in enumerate(found.images):
        save_image(one.destination, result.images[i], gan.image_range)
        kind = "" if result.labels is None else f", {class_title(int(result.labels[i]), gan.class_names)}"
        rms = (result.errors[i] ** 0.5) / (high - low)
        console.print(f"[bold]{escape(str(one.destination))}[/]  error {100 * rms:.1f} % of the range{escape(kind)}")
    folder = output if output.suffix.lower() != ".png" else output.parent
    rows = np.stack([targets, result.images, difference], axis=1).reshape(-1, *targets.shape[1:])
    save_grid(folder / "comparison.png", rows, 3, gan.image_range, column_titles=["image", "generated", "difference"])
    latent_file.save(folder / latent_file.FILENAME, result)
    written = ["comparison.png", latent_file.FILENAME]
    if direction:
        _save_edits(folder / "edits.png", gan, result.z, result.labels, direction, span)
        written.append("edits.png")
    console.print(f"In {escape(str(folder))}: [bold]{', '.join(written)}[/]")


def _read(gan: GAN, files: list[Path]) -> np.ndarray:
    """Reads images as the GAN was trained on, float32 in its range."""
    import numpy as np

    from keras_gan.datasets.decoding.images import read

    height, width, channels = gan.image_shape
    low, high = gan.image_range
    pixels = np.stack([read(file, (height, width), channels) for file in files]).astype(np.float32)
    scaled: np.ndarray = low + pixels / 255 * (high - low)
    return scaled.astype(np.float32)


def _save_edits(path: Path, gan: GAN, z: np.ndarray, labels: np.ndarray | None, names: list[str], span: float) -> None:
    import numpy as np

    from keras_gan import latent
    from keras_gan.images import save_grid

    vectors, steps = find_directions(gan, names), 9
    rows = [
        gan.generate_from_latent(
            latent.walk_direction(start, vector, steps, span), None if labels is None else int(labels[i])
        )
        for i, start in enumerate(z)
        for vector in vectors.values()
    ]
    save_grid(path, np.concatenate(rows), steps, gan.image_range, [*vectors] * len(z))
