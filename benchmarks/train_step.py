"""One DCGAN training step of keras_gan beside a plain script in the style of the Keras guides.

    python benchmarks/train_step.py                    # 28 and 64 pixels, XLA off and on, about ten minutes on 2 cores
    python benchmarks/train_step.py --sizes 28 --steps 200

Both train the same networks on the same batches by the compiled function that `fit()` calls. Single steps of the two
alternate, and each pair gives a ratio. So a machine whose speed drifts favours neither. The result is the median of the
ratios: 1.2 means that keras_gan is 1.2 times faster.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras_gan
from keras_gan.networks import dcgan

import keras
import numpy as np
import tensorflow as tf

LATENT = 128
WARM_UP = 3


class GuideGAN(keras.Model):
    """A GAN as in the Keras guides: it samples z twice, and D sees real and generated images in one batch."""

    def __init__(self, discriminator: keras.Model, generator: keras.Model) -> None:
        super().__init__()
        self.discriminator = discriminator
        self.generator = generator
        self.seed_generator = keras.random.SeedGenerator(0)
        self.d_loss_tracker = keras.metrics.Mean(name="d_loss")
        self.g_loss_tracker = keras.metrics.Mean(name="g_loss")
        self.built = True

    def compile(self, d_optimizer, g_optimizer, loss_fn, **kwargs) -> None:  # type: ignore[no-untyped-def]
        super().compile(**kwargs)
        self.d_optimizer = d_optimizer
        self.g_optimizer = g_optimizer
        self.loss_fn = loss_fn

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        return [self.d_loss_tracker, self.g_loss_tracker]

    def train_step(self, real):  # type: ignore[no-untyped-def]
        batch = tf.shape(real)[0]
        noise = keras.random.normal((batch, LATENT), seed=self.seed_generator)
        both = tf.concat([self.generator(noise, training=True), real], axis=0)
        targets = tf.concat([tf.ones((batch, 1)), tf.zeros((batch, 1))], axis=0)
        targets += 0.05 * keras.random.uniform(tf.shape(targets), seed=self.seed_generator)
        with tf.GradientTape() as tape:
            d_loss = self.loss_fn(targets, self.discriminator(both, training=True))
        gradients = tape.gradient(d_loss, self.discriminator.trainable_weights)
        self.d_optimizer.apply(gradients, self.discriminator.trainable_weights)
        noise = keras.random.normal((batch, LATENT), seed=self.seed_generator)
        with tf.GradientTape() as tape:
            judged = self.discriminator(self.generator(noise, training=True), training=True)
            g_loss = self.loss_fn(tf.zeros((batch, 1)), judged)
        gradients = tape.gradient(g_loss, self.generator.trainable_weights)
        self.g_optimizer.apply(gradients, self.generator.trainable_weights)
        self.d_loss_tracker.update_state(d_loss)
        self.g_loss_tracker.update_state(g_loss)
        return {m.name: m.result() for m in self.metrics}


def adam() -> keras.optimizers.Optimizer:
    return keras.optimizers.Adam(2e-4, beta_1=0.5)


def contenders(size: int, jit_compile: bool) -> dict[str, keras.Model]:
    """The two models, compiled alike; labels are swapped in the guides (1 is generated), which costs nothing."""
    shape = (size, size, 1 if size == 28 else 3)
    ours = keras_gan.GAN(dcgan.generator(shape, LATENT), dcgan.discriminator(shape), latent_dim=LATENT)
    ours.compile(adam(), adam(), jit_compile=jit_compile)
    guide = GuideGAN(dcgan.discriminator(shape), dcgan.generator(shape, LATENT))
    crossentropy = keras.losses.BinaryCrossentropy(from_logits=True)
    guide.compile(adam(), adam(), crossentropy, jit_compile=jit_compile)
    return {"keras_gan": ours, "guide": guide}


def measure(size: int, jit_compile: bool, batch: int, steps: int) -> None:
    """Print the medians of one comparison."""
    shape = (size, size, 1 if size == 28 else 3)
    images = np.random.default_rng(0).uniform(-1, 1, (4 * batch, *shape)).astype(np.float32)
    data = tf.data.Dataset.from_tensor_slices(images).batch(batch, drop_remainder=True).cache().repeat()
    models = contenders(size, jit_compile)
    batches = {name: iter(data) for name in models}
    times: dict[str, list[float]] = {name: [] for name in models}
    for i in range(WARM_UP + steps):
        for name in sorted(models, reverse=bool(i % 2)):
            model = models[name]
            model.make_train_function()
            began = time.perf_counter()
            model.train_function(batches[name])["g_loss"].numpy()
            times[name].append((time.perf_counter() - began) * 1000)
    ours, guide = (times[name][WARM_UP:] for name in ("keras_gan", "guide"))
    ratios = sorted(b / a for a, b in zip(ours, guide, strict=True))
    quarter = len(ratios) // 4
    print(
        f"{size} px  batch {batch}  XLA {'on ' if jit_compile else 'off'}  "
        f"keras_gan {statistics.median(ours):7.1f} ms  guide {statistics.median(guide):7.1f} ms  "
        f"ratio {statistics.median(ratios):.2f}  (middle half {ratios[quarter]:.2f} to {ratios[-1 - quarter]:.2f}, "
        f"{steps} pairs)",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[28, 64])
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--steps", type=int, default=120, help="pairs of steps at 28 pixels; a third at 64")
    arguments = parser.parse_args()
    print(f"tensorflow {tf.__version__}, keras {keras.__version__}, {os.cpu_count()} CPU cores")
    for size in arguments.sizes:
        for jit_compile in (False, True):
            measure(size, jit_compile, arguments.batch, arguments.steps if size <= 32 else arguments.steps // 3)


if __name__ == "__main__":
    main()
