"""Measures every loss with every stabiliser on two known distributions.

    python experiments/objectives.py                                  # rewrites docs/measurements/objectives.md
    python experiments/objectives.py --only grid:relativistic:r1+r2   # prints the result of one run

All runs take 18 to 40 minutes on two cores.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import multiprocessing
import os
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from page_blocks import rewrite

DOCS = Path(__file__).parent.parent / "docs"
PAGE = DOCS / "measurements" / "objectives.md"
BATCH, LATENT_DIM, WIDTH, SAMPLES = 128, 2, 128, 2500
STEPS = {"grid": 10_000, "ring": 2_500}
LOSSES = (
    "minimax",
    "non_saturating",
    "least_squares",
    "wasserstein",
    "hinge",
    "relativistic",
    "relativistic_average",
)
STABILISERS = ("none", "gp", "r1", "r1+r2", "sn")
ANGLES = 2 * np.pi * np.arange(8) / 8
CENTRES = {
    "grid": np.stack(np.meshgrid(*[np.linspace(-0.8, 0.8, 5)] * 2), -1).reshape(-1, 2),
    "ring": 0.8 * np.stack([np.cos(ANGLES), np.sin(ANGLES)], -1),
}
SIGMA = {"grid": 0.03, "ring": 0.03}
GAMMA = 5e-3, 2e-5  # first and last weight of R1 and R2, small because the modes are close to each other
PROTOCOL = f"""Each run has {STEPS["grid"]:,} steps on the grid, or {STEPS["ring"]:,} on the ring, with
batches of {BATCH} points. A step updates each network once.
Both networks have three hidden layers of {WIDTH} ReLUs, and z has
{LATENT_DIM} dimensions. The optimizer is Adam (beta_1 0.5, beta_2 0.99) with a learning rate that falls from 2e-3 to
1e-4. `ema_momentum` is 0.99 and the seed is 0. The modes are {2 * 0.8 / 4:.1f} apart on the grid.
Their standard deviation is {SIGMA["grid"]}. {SAMPLES:,} samples of the averaged generator are evaluated.
`gp` is WGAN-GP's penalty with weight 0.1. The weights of `r1` and `r2` fall from {GAMMA[0]} to {GAMMA[1]}.
`sn` is spectral normalisation of all of D, on data scaled by ten."""
SIDE = 150  # pixels of a picture of samples


def sample_real(name: str, n: int, seed: int) -> np.ndarray:
    """Returns points of the mixture, as images of one pixel and two channels."""
    random = np.random.default_rng(seed)
    centres = CENTRES[name][random.integers(0, len(CENTRES[name]), n)]
    points = centres + SIGMA[name] * random.standard_normal((n, 2))
    return np.clip(points, -1, 1).astype(np.float32).reshape(n, 1, 1, 2)


def captured(name: str, points: np.ndarray) -> tuple[int, float]:
    """Returns the number of modes with a sample within three standard deviations, and the share of such samples."""
    distances = np.linalg.norm(points[:, None] - CENTRES[name], axis=-1)
    near = distances.min(1) <= 3 * SIGMA[name]
    return len(set(distances.argmin(1)[near])), float(near.mean())


def network(inputs: tuple[int, ...], outputs: int, normalise: bool = False) -> Any:
    """Returns a network with three hidden layers."""
    from keras_gan.layers import SpectralNormalization

    import keras
    from keras import layers

    def dense(units: int) -> Any:
        layer = layers.Dense(units, kernel_initializer="he_normal")
        return SpectralNormalization(layer) if normalise else layer

    first = x = keras.Input(inputs)
    x = layers.Flatten()(x) if len(inputs) > 1 else x
    if normalise:  # a slope of at most 1 cannot separate modes this close to each other
        x = layers.Rescaling(10.0)(x)
    for _ in range(3):
        x = layers.ReLU()(dense(WIDTH)(x))
    x = dense(outputs)(x)
    return keras.Model(first, layers.Reshape((1, 1, 2))(x) if outputs == 2 else x)


def run(job: tuple[str, str, str]) -> tuple[str, str, str, int, float, np.ndarray]:
    """Trains one GAN. Returns the modes and samples of its averaged generator."""
    name, loss, stabiliser = job
    steps = STEPS[name]
    os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_NUM_INTRAOP_THREADS": "1"}
    import keras_gan
    from keras_gan import penalties

    import keras
    import tensorflow as tf

    keras.backend.clear_session()
    keras.utils.set_random_seed(0)
    gamma = keras_gan.schedules.CosineBurnIn(*GAMMA, steps)
    chosen = {
        "none": [],
        "gp": [penalties.WGANGP(weight=0.1)],
        "r1": [penalties.R1(weight=gamma)],
        "r1+r2": [penalties.R1(weight=gamma), penalties.R2(weight=gamma)],
        "sn": [],
    }[stabiliser]
    generator, discriminator = network((LATENT_DIM,), 2), network((1, 1, 2), 1, normalise=stabiliser == "sn")
    gan = keras_gan.GAN(generator, discriminator, latent_dim=LATENT_DIM, seed=0)
    rate = keras_gan.schedules.CosineBurnIn(2e-3, 1e-4, steps)
    gan.compile(
        keras.optimizers.Adam(rate, beta_1=0.5, beta_2=0.99),
        keras.optimizers.Adam(rate, beta_1=0.5, beta_2=0.99),
        loss,
        penalties=chosen,
        ema_momentum=0.99,
        steps_per_execution=100,
    )
    data = tf.data.Dataset.from_tensor_slices(sample_real(name, BATCH * 500, seed=1))
    gan.fit(data.repeat().batch(BATCH, drop_remainder=True), steps_per_epoch=steps, epochs=1, verbose=0)
    points = gan.generate(SAMPLES, seed=0).reshape(-1, 2)
    modes, share = captured(name, points)
    return name, loss, stabiliser, modes, share, points


def picture(name: str, results: dict[tuple[str, str], tuple[int, float, np.ndarray]]) -> Image.Image:
    """Returns a picture of the samples: a row for each loss, a column for each stabiliser, modes as circles."""
    left, top = 150, 20
    sheet = Image.new("RGB", (left + SIDE * len(STABILISERS), top + SIDE * len(LOSSES)), "white")
    draw = ImageDraw.Draw(sheet)
    for row, loss in enumerate(LOSSES):
        draw.text((4, top + row * SIDE + SIDE // 2), loss, "black")
        for column, stabiliser in enumerate(STABILISERS):
            draw.text((left + column * SIDE + SIDE // 2 - 10, 4), stabiliser, "black")
            origin = np.array([left + column * SIDE, top + row * SIDE])
            for x, y in origin + (CENTRES[name] + 1) / 2 * SIDE:
                r = 3 * SIGMA[name] / 2 * SIDE
                draw.ellipse((x - r, y - r, x + r, y + r), outline=(240, 150, 60))
            points = (results[loss, stabiliser][2] + 1) / 2 * SIDE
            for x, y in origin + points[(points >= 0).all(1) & (points < SIDE).all(1)]:
                draw.point((x, y), (20, 60, 160))
            draw.rectangle((*origin, *(origin + SIDE - 1)), outline=(220, 220, 220))
    return sheet


def table(results: dict[tuple[str, str], tuple[int, float, np.ndarray]]) -> str:
    """Returns the modes found and the share of samples within three standard deviations, as Markdown."""
    lines = [f"| | {' | '.join(STABILISERS)} |", f"|---|{'---|' * len(STABILISERS)}"]
    for loss in LOSSES:
        cells = (f"{modes}, {share:.0%}" for modes, share, _ in (results[loss, one] for one in STABILISERS))
        lines.append(f"| {loss} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    """Makes all runs, or one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help="one run, as DISTRIBUTION:LOSS:STABILISER")
    parser.add_argument("--jobs", type=int, default=2, help="parallel runs, each on one core")
    arguments = parser.parse_args()
    if arguments.only:
        name, loss, stabiliser = arguments.only.split(":")
        _, _, _, modes, share, _ = run((name, loss, stabiliser))
        print(f"{arguments.only}: {modes} of {len(CENTRES[name])} modes, {share:.1%} of samples within 3 sigma")
        return
    jobs = [(name, loss, one) for name in CENTRES for loss in reversed(LOSSES) for one in reversed(STABILISERS)]
    results: dict[str, dict[tuple[str, str], tuple[int, float, np.ndarray]]] = {name: {} for name in CENTRES}
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(arguments.jobs, context) as pool:
        for done in concurrent.futures.as_completed([pool.submit(run, job) for job in jobs]):
            name, loss, stabiliser, modes, share, points = done.result()
            results[name][loss, stabiliser] = modes, share, points
            print(f"{name:5} {loss:21} {stabiliser:6} {modes:3} modes {share:6.1%}", flush=True)
    for name, found in results.items():
        picture(name, found).save(DOCS / "images" / f"objectives-{name}.png", optimize=True)
    rewrite(PAGE, {"protocol": PROTOCOL, **{name: table(found) for name, found in results.items()}})


if __name__ == "__main__":
    main()
