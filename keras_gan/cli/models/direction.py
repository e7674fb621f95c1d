"""Directions of the latent space on the command line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    import numpy as np

    from keras_gan.export import Artifact
    from keras_gan.latent import Directions
    from keras_gan.models.gan import GAN


# Directions from images that the user labelled.
LABELLED = ("examples", "sorted")
_FILE = re.compile(r"seed-(\d+)-(\d+)\.png")


def find_directions(generator: GAN | Artifact, names: list[str]) -> dict[str, np.ndarray]:
    """Finds directions by name.

    Args:
        generator: The model.
        names: Names such as "sefa:INDEX", "pca:INDEX", "examples:WITH/WITHOUT" or "sorted:FOLDER". WITH and WITHOUT
            are lists of seeds, separated by commas. FOLDER has the folders "with" and "without" with images of
            `keras-gan sample --separate`.

    Returns:
        Float32 vectors of shape (latent_dim,) by name.

    Raises:
        typer.BadParameter: If a name is unknown.
        ValueError: If the file of directions is damaged.
    """
    known = _known(generator) if any(name.partition(":")[0] not in LABELLED for name in names) else {}
    return {name: _vector(name, known, generator.latent_dim) for name in names}


def _known(generator: GAN | Artifact) -> dict[str, Directions]:
    """Reads the directions beside an exported model, or finds those of a Keras model."""
    from keras_gan.export import Artifact

    if not isinstance(generator, Artifact):
        from keras_gan.export import directions_of
        from keras_gan.export.sources.generator import generator_of

        return directions_of(generator_of(generator), generator.latent_dim, generator.num_classes)
    from keras_gan.latent import load_directions

    try:
        return load_directions(generator.path.parent)
    except FileNotFoundError:
        return {}


def _vector(name: str, known: dict[str, Directions], latent_dim: int) -> np.ndarray:
    method, _, which = name.partition(":")
    if method == "examples":
        return _of_examples(name, which, latent_dim)
    if method == "sorted":
        return _of_folders(Path(which), latent_dim)
    if method not in known:
        there = ", ".join([*known, *LABELLED])
        raise typer.BadParameter(f"--direction must be one of {there}. Received: {name}")
    if not which.isdecimal() or int(which) >= len(known[method]):
        raise typer.BadParameter(
            f"--direction must be from {method}:0 to {method}:{len(known[method]) - 1}. Received: {name}"
        )
    vector: np.ndarray = known[method].vectors[int(which)]
    return vector


def _of_examples(name: str, seeds: str, latent_dim: int) -> np.ndarray:
    """Returns the direction between the mean z of two lists of seeds."""
    import numpy as np

    from keras_gan import latent

    try:
        present, absent = ([int(seed) for seed in side.split(",")] for side in seeds.split("/"))
        z = np.concatenate([latent.sample(1, latent_dim, seed) for seed in (*present, *absent)])
        return latent.attribute(z, np.arange(len(z)) < len(present))
    except ValueError as error:
        raise typer.BadParameter(
            f"--direction must be seeds such as examples:1,5/2,9. Received: {name} ({error})"
        ) from None


def _of_folders(folder: Path, latent_dim: int) -> np.ndarray:
    """Returns the direction between the mean z of the images in two folders, from the seeds in their names."""
    import numpy as np

    from keras_gan import latent

    rows: list[np.ndarray] = []
    present: list[bool] = []
    for name in ("with", "without"):
        found = [match for file in sorted((folder / name).glob("*.png")) if (match := _FILE.fullmatch(file.name))]
        if not found:
            raise typer.BadParameter(
                f"--direction sorted:FOLDER needs images of `keras-gan sample --separate`, such as seed-0-17.png, in "
                f"FOLDER/with and FOLDER/without. Received: none in {folder / name}"
            )
        seeds, indices = ([int(match[group]) for match in found] for group in (1, 2))
        rows.append(latent.normal(seeds, indices, latent_dim))
        present += [name == "with"] * len(found)
    return latent.attribute(np.concatenate(rows), np.asarray(present))
