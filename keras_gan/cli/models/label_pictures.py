"""Pictures of what codes and attributes change."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from rich.console import Console
from rich.markup import escape

from keras_gan.cli.float_files import save_images

if TYPE_CHECKING:
    import numpy as np

    from keras_gan.export import Artifact
    from keras_gan.latent import Codes
    from keras_gan.models.gan import GAN

Picture: TypeAlias = "tuple[np.ndarray, int, list[str]]"


def save_label_pictures(
    gan: GAN | Artifact, start: np.ndarray, label: object, row: tuple[int, float], output: Path, prefix: str
) -> None:
    """Saves a picture of each kind of codes, and one of the attributes, for models that have them.

    Args:
        gan: The model.
        start: z of all images.
        label: Label of all images, or `None`.
        row: Number of images in a row, and the range of a continuous code, in standard deviations.
        output: Folder of the pictures.
        prefix: Text before the titles.
    """
    import numpy as np

    console, image_range = Console(soft_wrap=True, highlight=False), gan.image_range or (-1.0, 1.0)
    steps, span = row
    found = {} if gan.codes is None else code_rows(gan.codes, start, steps, span)
    for name, (z, columns, titles) in found.items():
        pictures = gan.generate_from_latent(z, label)
        save_images(output / f"{name}.png", pictures, columns, image_range, [f"{prefix}{one}" for one in titles])
        console.print(f"[bold]{escape(str(output / f'{name}.png'))}[/]  {', '.join(titles)}")
    if gan.num_attributes is not None:
        labels, names = attribute_rows_of(gan, label, steps)
        pictures = gan.generate_from_latent(np.repeat(start[None], len(labels), axis=0), labels)
        save_images(output / "attributes.png", pictures, steps, image_range, names)
        console.print(f"[bold]{escape(str(output / 'attributes.png'))}[/]  {', '.join(names)}, from -1 to 1")


def attribute_rows_of(gan: GAN | Artifact, label: object, steps: int) -> tuple[np.ndarray, list[str]]:
    """Returns attributes of which each changes along a row, from -1 to 1, and the name of each row.

    Args:
        gan: Model with attributes.
        label: Attributes of all images, apart from the one that changes.
        steps: Number of images in a row.
    """
    import numpy as np

    names = list(gan.attribute_names) or list(map(str, range(gan.num_attributes or 0)))
    labels = np.repeat(np.array([label], np.float32), steps * len(names), axis=0)
    for row in range(len(names)):
        labels[row * steps : (row + 1) * steps, row] = np.linspace(-1, 1, steps)
    return labels, names


def code_rows(codes: Codes, start: np.ndarray, steps: int, span: float) -> dict[str, Picture]:
    """Returns a picture of each kind of codes: z of all its images, the number of columns, and the title of each row.

    Args:
        codes: Codes at the start of z.
        start: z of all images, apart from the codes.
        steps: Number of values of a continuous code.
        span: Range of a continuous code, from -span to span.
    """
    import numpy as np

    from keras_gan import latent

    found = {}
    first, _ = codes.values(start[None])
    for code, count in enumerate(codes.categorical):
        # Each row has another z, and each column another value of the code.
        z = np.repeat(np.concatenate([start[None], latent.sample(4, len(start), seed=1)]), count, axis=0)
        values = np.repeat(first, len(z), axis=0)
        values[:, code] = np.arange(len(z)) % count
        titles = [f"code {code}, z {row}" for row in range(len(z) // count)]
        found[f"code-{code}"] = (codes.set(z, categorical=values), count, titles)
    if codes.continuous:
        place = sum(codes.categorical)
        rows = [latent.walk_dimension(start, place + code, steps, span) for code in range(codes.continuous)]
        titles = [f"continuous {code}" for code in range(codes.continuous)]
        found["codes-continuous"] = (np.concatenate(rows), steps, titles)
    return found
