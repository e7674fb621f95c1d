"""`keras-gan walk`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from keras_gan.cli.generator import FormatOption, GeneratorPath, open_generator


def walk(
    model: GeneratorPath,
    output: Annotated[Path, typer.Option(help="The folder to write to.")] = Path("walk"),
    dimensions: Annotated[
        str | None,
        typer.Option(help="Which entries of z, such as 0,5,17; or `all`.", show_default="the 10 that change most"),
    ] = None,
    direction: Annotated[
        list[str] | None,
        typer.Option(
            help="sefa:0, ..., pca:0, ...; or examples:1,5/2,9, from the mean z of seeds 2 and 9 to that of 1 and 5. "
            "May be given more than once.",
            show_default="none",
        ),
    ] = None,
    steps: Annotated[int, typer.Option(min=2, help="Images in a row.")] = 11,
    span: Annotated[float, typer.Option(min=0.1, help="From -SPAN to SPAN, in standard deviations.")] = 3.0,
    seed: Annotated[
        int, typer.Option(min=0, max=2**31 - 1, help="The z to start from, and the ends of the interpolations.")
    ] = 0,
    label: Annotated[
        int | None, typer.Option(min=0, help="The class, for a model with labels.", show_default="the first")
    ] = None,
    interpolations: Annotated[int, typer.Option(min=0, help="Pairs of z to go between.")] = 5,
    format: FormatOption = None,
) -> None:
    """Walk through the latent space: what does a dimension of z mean?

    dimensions.png has a row for each dimension, moved step by step with the others fixed; directions.png one for each
    --direction. slerp.png and lerp.png have a row for each pair of z: along the arc, and along the straight line
    between them.

    Examples:
      keras-gan walk run --dimensions 3,14,15 --output walk
      keras-gan walk exported/digits --direction sefa:0 --direction pca:0
    """
    import numpy as np

    from keras_gan import images, latent
    from keras_gan.cli.direction import find_directions

    gan = open_generator(model, format)
    image_range = gan.image_range or (-1.0, 1.0)
    if label is None and gan.num_classes is not None:
        label = 0

    def draw(z: np.ndarray) -> np.ndarray:
        return gan.generate_from_latent(z, None if label is None else [label] * len(z))

    start = latent.sample(1, gan.latent_dim, seed)[0]
    if dimensions is None:
        chosen = _most_changing(draw, start, span)
    elif dimensions == "all":
        chosen = list(range(gan.latent_dim))
    else:
        chosen = _parse(dimensions, gan.latent_dim)
    vectors = find_directions(model, gan, direction or [])
    console = Console(soft_wrap=True, highlight=False)
    rows = [draw(latent.walk_dimension(start, dimension, steps, span)) for dimension in chosen]
    titles = [f"z[{dimension}]" for dimension in chosen]
    images.save_grid(output / "dimensions.png", np.concatenate(rows), steps, image_range, titles)
    which = ", ".join(map(str, chosen))
    picture = escape(str(output / "dimensions.png"))
    console.print(f"[bold]{picture}[/]  dimensions {which}, from {-span:g} to {span:g}")
    if vectors:
        rows = [draw(latent.walk_direction(start, vector, steps, span)) for vector in vectors.values()]
        images.save_grid(output / "directions.png", np.concatenate(rows), steps, image_range, list(vectors))
        picture = escape(str(output / "directions.png"))
        console.print(f"[bold]{picture}[/]  {', '.join(vectors)}, from {-span:g} to {span:g}")
    ends = latent.sample(2 * interpolations, gan.latent_dim, seed)
    for name, path in (("slerp", latent.slerp), ("lerp", latent.lerp)) if interpolations else ():
        rows = [draw(path(ends[2 * i], ends[2 * i + 1], steps)) for i in range(interpolations)]
        images.save_grid(output / f"{name}.png", np.concatenate(rows), steps, image_range)
        console.print(f"[bold]{escape(str(output / f'{name}.png'))}[/]  from one z to another, {interpolations} pairs")


def _most_changing(draw, start, span, count: int = 10) -> list[int]:  # type: ignore[no-untyped-def]
    """The dimensions whose two ends differ most in the picture, most first."""
    import numpy as np

    ends = np.repeat(start[None], 2 * len(start), axis=0)
    dimension = np.arange(len(start))
    ends[dimension, dimension] = -span
    ends[len(start) + dimension, dimension] = span
    low, high = np.split(draw(ends), 2)
    change = np.square(high - low).mean(axis=(1, 2, 3))
    return [int(i) for i in np.argsort(-change)[:count]]


def _parse(text: str, latent_dim: int) -> list[int]:
    try:
        chosen = [int(part) for part in text.split(",")]
    except ValueError:
        raise typer.BadParameter(f"--dimensions takes integers such as 0,5,17, or all. Received: {text}") from None
    if not all(0 <= dimension < latent_dim for dimension in chosen):
        raise typer.BadParameter(f"--dimensions must be from 0 to {latent_dim - 1}. Received: {text}")
    return chosen
