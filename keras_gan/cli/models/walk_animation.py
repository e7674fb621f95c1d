"""Animation of a walk through the latent space."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np

from keras_gan import latent
from keras_gan.animation import save_frames
from keras_gan.images import Range, over_checkerboard, to_uint8

POINTS = 6  # random z of an animation
FRAMES = 24  # from one z to the next
LEAST_SIZE = 128  # pixels of the longer side of a frame


def save_walk(
    path: Path, generate: Callable[[np.ndarray], np.ndarray], latent_dim: int, seed: int, image_range: Range
) -> None:
    """Writes an animation from one random z to the next on arcs, and back to the first.

    Args:
        path: GIF or MP4 file.
        generate: Function from z (n, latent_dim) to images.
        latent_dim: Length of z.
        seed: Seed of the random z.
        image_range: Values of black and of white.
    """
    points = latent.sample(POINTS, latent_dim, seed)
    arcs = [latent.slerp(points[i - 1], points[i], FRAMES + 1)[:-1] for i in range(POINTS)]
    pixels = over_checkerboard(to_uint8(generate(np.concatenate(arcs)), image_range))
    zoom = math.ceil(LEAST_SIZE / max(pixels.shape[1:3]))
    pixels = pixels.repeat(zoom, axis=1).repeat(zoom, axis=2)
    save_frames(path, np.repeat(pixels, 3, axis=-1) if pixels.shape[-1] == 1 else pixels)
