"""Vectors and sequences in files: plots, arrays, tables and audio."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

if TYPE_CHECKING:
    import numpy as np

    from keras_gan.typing import Range


def save_images(
    path: Path,
    images: np.ndarray,
    columns: int | None = None,
    image_range: Range = (-1.0, 1.0),
    row_titles: Sequence[str] = (),
) -> None:
    """Saves images as a grid, and vectors or sequences as a plot.

    Args:
        path: PNG file to write.
        images: Images (n, height, width, channels), sequences or vectors.
        columns: Number of images in a row. Defaults to `None`, about as many as rows.
        image_range: The values of black and of white. Defaults to (-1.0, 1.0).
        row_titles: Titles of the rows of images. Plots have none. Defaults to none.
    """
    from keras_gan import images as images_lib
    from keras_gan import plots

    if images.ndim == 4:
        images_lib.save_grid(path, images, columns, image_range, row_titles)
    else:
        plots.save_plot(path, images, columns)


def write_floats(output: Path, values: np.ndarray, columns: int | None, separate: bool) -> None:
    """Writes numbers as `.npy` or `.csv`, as a plot, or one WAV file for each sequence.

    Args:
        output: File to write, or folder of WAV files.
        values: Vectors, sequences or images.
        columns: Number of curves in a row of a plot, or `None`.
        separate: Boolean. If `True`, `output` is a folder of WAV files.

    Raises:
        ValueError: If the values do not fit the kind of file.
    """
    import numpy as np

    from keras_gan import plots
    from keras_gan.utils.files import atomic_path

    if separate:
        for number, sequence in enumerate(values):
            plots.save_wav(output / f"{number:0{len(str(len(values) - 1))}d}.wav", sequence)
    elif output.suffix.lower() == ".png":
        plots.save_plot(output, values, columns)
    elif output.suffix.lower() == ".npy":
        with atomic_path(output) as temporary, temporary.open("wb") as file:
            np.save(file, values)
    elif values.ndim != 2:
        raise ValueError(
            f"--output must end in .npy or .png for these. Received: {output} for shape {values.shape[1:]}"
        )
    else:
        with atomic_path(output) as temporary:
            np.savetxt(temporary, values, delimiter=",", fmt="%.9g")
    kind = {2: "vectors", 3: "sequences"}.get(values.ndim, "images")
    Console(soft_wrap=True, highlight=False).print(
        f"{len(values)} {kind} of {'x'.join(map(str, values.shape[1:]))}: [bold]{escape(str(output))}[/]"
    )
