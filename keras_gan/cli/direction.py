"""Directions of the latent space on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from keras_gan.cli.exported import is_keras

if TYPE_CHECKING:
    import numpy as np

    from keras_gan.export import Artifact
    from keras_gan.latent import Directions
    from keras_gan.models.gan import GAN


def find_directions(path: Path, generator: GAN | Artifact, names: list[str]) -> dict[str, np.ndarray]:
    """The directions that someone named.

    Args:
        path: The model's, as it was given.
        generator: The model.
        names: Each "sefa:INDEX", "pca:INDEX", or "examples:WITH/WITHOUT", where both are seeds between commas.

    Returns:
        Float32 vectors (latent_dim,) by their names.

    Raises:
        typer.BadParameter: If a name says nothing, or there is no such direction.
        ValueError: If the file of directions is damaged.
    """
    known = _known(path, generator) if any(not name.startswith("examples:") for name in names) else {}
    return {name: _vector(name, known, generator.latent_dim) for name in names}


def _known(path: Path, generator: GAN | Artifact) -> dict[str, Directions]:
    """Those beside an exported model; of a Keras model they are found now."""
    if is_keras(path):
        from keras_gan.export import directions_of
        from keras_gan.export.sources.generator import generator_of

        return directions_of(generator_of(generator), generator.latent_dim, generator.num_classes)
    from keras_gan.export import Artifact
    from keras_gan.latent import load_directions

    assert isinstance(generator, Artifact)
    try:
        return load_directions(generator.path.parent)
    except FileNotFoundError:
        return {}


def _vector(name: str, known: dict[str, Directions], latent_dim: int) -> np.ndarray:
    method, _, which = name.partition(":")
    if method == "examples":
        return _of_examples(name, which, latent_dim)
    if method not in known:
        there = f"one of {', '.join(known)} and examples" if known else "examples:..., as this model has no others"
        raise typer.BadParameter(f"--direction must be {there}. Received: {name}")
    if not which.isdecimal() or int(which) >= len(known[method]):
        raise typer.BadParameter(
            f"--direction must be from {method}:0 to {method}:{len(known[method]) - 1}. Received: {name}"
        )
    vector: np.ndarray = known[method].vectors[int(which)]
    return vector


def _of_examples(name: str, seeds: str, latent_dim: int) -> np.ndarray:
    """From the mean z of some seeds to that of others."""
    import numpy as np

    from keras_gan import latent

    try:
        present, absent = ([int(seed) for seed in side.split(",")] for side in seeds.split("/"))
        z = np.concatenate([latent.sample(1, latent_dim, seed) for seed in (*present, *absent)])
        return latent.attribute(z, np.arange(len(z)) < len(present))
    except ValueError as error:
        raise typer.BadParameter(
            f"--direction takes seeds such as examples:1,5/2,9. Received: {name}, of which: {error}"
        ) from None
