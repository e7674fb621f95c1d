"""`keras-gan walk`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from keras_gan.animation import check_animation_path
from keras_gan.cli.float_files import save_images
from keras_gan.cli.models import latent_file
from keras_gan.cli.models.generator import (
    LABEL_METAVAR,
    FormatOption,
    GeneratorPath,
    label_of,
    label_title,
    open_generator,
)
from keras_gan.cli.models.label_pictures import save_label_pictures
from keras_gan.cli.models.walk_animation import POINTS, save_walk
from keras_gan.utils.class_names import headings


def walk(
    model: GeneratorPath,
    output: Annotated[Path, typer.Option(help="Folder for the pictures.")] = Path("walk"),
    dimensions: Annotated[
        str | None,
        typer.Option(
            help="Dimensions of z, counted from 0, such as 0,5,17; or `all`.",
            show_default="the 10 that change the image most",
        ),
    ] = None,
    direction: Annotated[
        list[str] | None,
        typer.Option(
            help="Direction in z. sefa:0 is the strongest one that SeFa found, sefa:1 the next. pca:0 is that of PCA. "
            "examples:1,5/2,9 goes from the mean z of seeds 2 and 9 to that of seeds 1 and 5. sorted:FOLDER goes from "
            "the images in FOLDER/without to those in FOLDER/with, which `keras-gan sample --separate` wrote. Repeat "
            "for more.",
            show_default="none",
        ),
    ] = None,
    steps: Annotated[int, typer.Option(min=2, help="Number of images in a row.")] = 11,
    span: Annotated[
        float, typer.Option(min=0.1, help="Range of a row: from -SPAN to SPAN standard deviations of z.")
    ] = 3.0,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Seed of the random z.")] = 0,
    start: Annotated[
        Path | None,
        typer.Option(
            help="Folder or file of `keras-gan invert`. dimensions.png and directions.png begin with its first image.",
            show_default="a random z",
        ),
    ] = None,
    animation: Annotated[
        Path | None,
        typer.Option(help="GIF or MP4 file of a walk through random z that ends where it begins.", show_default="none"),
    ] = None,
    label: Annotated[
        str | None,
        typer.Option(
            help="Number or name of the class of all images, or attributes such as smile=1,age=0.3.",
            show_default="0",
            metavar=LABEL_METAVAR,
        ),
    ] = None,
    interpolations: Annotated[int, typer.Option(min=0, help="Number of rows in slerp.png and lerp.png.")] = 5,
    format: FormatOption = None,
) -> None:
    """Show what the dimensions of the latent vector z mean.

    dimensions.png has a row for each dimension of z. Along a row this dimension
    changes and the others stay fixed. directions.png has a row for each
    --direction. slerp.png and lerp.png have a row for each pair of random z, with
    the images between them: on an arc (slerp) or a straight line (lerp). For a
    model with codes or attributes there are pictures of their values too.

    To find the direction of a smile, write images with `keras-gan sample
    --separate`. Move some with a smile to faces/with, and some without to
    faces/without. Then use --direction sorted:faces.

    Examples:
      keras-gan walk run --dimensions 3,14,15 --output walk

      keras-gan walk exported/digits --direction sefa:0 --direction pca:0

      keras-gan walk digits --label 3 --animation walk.gif
    """
    import numpy as np

    from keras_gan import latent
    from keras_gan.cli.models.direction import find_directions

    if animation is not None:
        check_animation_path(animation)
    gan = open_generator(model, format)
    image_range = gan.image_range or (-1.0, 1.0)
    number = label_of(gan, label)
    begin = latent.sample(1, gan.latent_dim, seed)[0]
    if start is not None:
        begin, own = latent_file.load(start, gan.latent_dim)
        number = own if number is None else number
    if number is None and gan.num_classes is not None:
        number = 0
    if number is None and gan.num_attributes is not None:
        number = [0.0] * gan.num_attributes
    of_class = "" if number is None else label_title(gan, number)
    heading = of_class if headings(gan.class_names) or gan.num_attributes else ""
    prefix = f"{heading}: " if heading else ""

    def generate(z: np.ndarray) -> np.ndarray:
        return gan.generate_from_latent(z, number)

    if dimensions is None:
        chosen = _most_changing(generate, begin, span)
    elif dimensions == "all":
        chosen = list(range(gan.latent_dim))
    else:
        chosen = _parse(dimensions, gan.latent_dim)
    if of_class:
        Console(soft_wrap=True, highlight=False).print(f"All images are of {escape(of_class)} (--label {number})")
    vectors = find_directions(gan, direction or [])
    console = Console(soft_wrap=True, highlight=False)
    rows = [generate(latent.walk_dimension(begin, dimension, steps, span)) for dimension in chosen]
    titles = [f"{prefix}z[{dimension}]" for dimension in chosen]
    save_images(output / "dimensions.png", np.concatenate(rows), steps, image_range, titles)
    which = ", ".join(map(str, chosen))
    picture = escape(str(output / "dimensions.png"))
    console.print(f"[bold]{picture}[/]  dimensions {which}, from {-span:g} to {span:g}")
    if vectors:
        rows = [generate(latent.walk_direction(begin, vector, steps, span)) for vector in vectors.values()]
        save_images(
            output / "directions.png", np.concatenate(rows), steps, image_range, [f"{prefix}{name}" for name in vectors]
        )
        console.print(
            f"[bold]{escape(str(output / 'directions.png'))}[/]  {', '.join(vectors)}, from {-span:g} to {span:g}"
        )
    if animation is not None:
        save_walk(animation, generate, gan.latent_dim, seed, image_range)
        console.print(f"[bold]{escape(str(animation))}[/]  a walk through {POINTS} random z")
    save_label_pictures(gan, begin, number, (steps, span), output, prefix)
    ends = latent.sample(2 * interpolations, gan.latent_dim, seed)
    for name, path in (("slerp", latent.slerp), ("lerp", latent.lerp)) if interpolations else ():
        rows = [generate(path(ends[2 * i], ends[2 * i + 1], steps)) for i in range(interpolations)]
        titles = [heading] * len(rows) if heading else []
        save_images(output / f"{name}.png", np.concatenate(rows), steps, image_range, titles)
        console.print(f"[bold]{escape(str(output / f'{name}.png'))}[/]  from one z to another, {interpolations} pairs")


def _most_changing(generate, start, span, count: int = 10) -> list[int]:  # type: ignore[no-untyped-def]
    """The dimensions whose two ends give the most different images, the strongest first."""
    import numpy as np

    ends = np.repeat(start[None], 2 * len(start), axis=0)
    dimension = np.arange(len(start))
    ends[dimension, dimension] = -span
    ends[len(start) + dimension, dimension] = span
    low, high = np.split(generate(ends), 2)
    change = np.square(high - low).reshape(len(high), -1).mean(axis=1)
    return [int(i) for i in np.argsort(-change)[:count]]


def _parse(text: str, latent_dim: int) -> list[int]:
    try:
        chosen = [int(part) for part in text.split(",")]
    except ValueError:
        raise typer.BadParameter(f"--dimensions takes integers such as 0,5,17, or all. Received: {text}") from None
    if not all(0 <= dimension < latent_dim for dimension in chosen):
        raise typer.BadParameter(f"--dimensions must be from 0 to {latent_dim - 1}. Received: {text}")
    return chosen
