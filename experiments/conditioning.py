"""Compares four uses of class labels on Fashion-MNIST: `python experiments/conditioning.py FOLDER [MINUTES] [NAMES]`.

Each GAN trains for MINUTES (default 8) of processor time. A classifier, trained on real images and tested on others,
then says how often a generated image has the requested class. FOLDER gets a grid of each and `results.json`.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import keras_gan

import keras
import numpy as np
import tensorflow as tf
from keras import layers

NAME = "fashion_mnist"
BATCH, LATENT, FILTERS = 64, 64, 32
IMAGES = 5000  # generated, as many of each class
SHAPE = (28, 28, 1)
# Name: network, use of the labels in the generator and in the discriminator. All have the same blocks.
USES = {
    "embedding": ("embedding", "embedding"),
    "conditional batch norm": ("batch_norm", "embedding"),
    "projection": ("batch_norm", "projection"),
    "auxiliary classifier": ("batch_norm", "auxiliary_classifier"),
}


class ProcessorTime(keras.callbacks.Callback):
    """Callback that stops the training after some processor time of this process.

    Args:
        seconds: Processor time in seconds.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.end = time.process_time() + seconds

    def on_train_batch_end(self, batch: int, logs: object = None) -> None:
        """Stops the training at the end of the time."""
        if time.process_time() >= self.end:
            self.model.stop_training = True


def classifier() -> tuple[keras.Model, float]:
    """Returns a classifier of images in [-1, 1], and its accuracy on the test split."""
    (x, y), (test_x, test_y) = (keras_gan.datasets.load_arrays(f"{NAME}:{split}") for split in ("train", "test"))
    model = keras.Sequential(
        [
            keras.Input(SHAPE),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(128, activation="relu"),
            layers.Dropout(0.3),
            layers.Dense(10),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, metrics=["accuracy"])
    scaled, test = x.astype(np.float32) / 127.5 - 1, test_x.astype(np.float32) / 127.5 - 1
    model.fit(scaled, y, batch_size=128, epochs=4, verbose=2)
    return model, model.evaluate(test, test_y, batch_size=500, verbose=0)[1]


def gan_of(use: tuple[str, str]) -> keras_gan.GAN:
    """Returns a compiled ResNet GAN with the hinge loss and spectral normalisation."""
    network = keras_gan.networks.resnet
    gan = keras_gan.GAN(
        network.generator(SHAPE, LATENT, 10, filters=FILTERS, max_filters=2 * FILTERS, conditioning=use[0]),
        network.discriminator(SHAPE, 10, filters=FILTERS, max_filters=2 * FILTERS, conditioning=use[1]),
        latent_dim=LATENT,
        num_classes=10,
        seed=0,
    )
    optimizers = (keras.optimizers.Adam(2e-4, beta_1=0.0, beta_2=0.9) for _ in range(2))
    gan.compile(*optimizers, loss="hinge", ema_momentum=0.995)
    return gan


def main(folder: Path, minutes: float, names: list[str]) -> None:
    """Trains the classifier and each GAN, and writes the results after each of them."""
    folder.mkdir(parents=True, exist_ok=True)
    judge, accuracy = classifier()
    results: dict[str, object] = {"minutes": minutes, "classifier accuracy on real test images": accuracy}
    labels = np.arange(IMAGES) % 10
    for name in names:
        keras.utils.set_random_seed(0)
        gan = gan_of(USES[name])
        data = keras_gan.datasets.load(NAME, batch_size=BATCH, labels=True)
        history = gan.fit(data, epochs=1000, verbose=2, callbacks=[ProcessorTime(60 * minutes)]).history
        images = gan.generate(IMAGES, labels=labels, seed=1)
        agrees = np.argmax(judge.predict(images, batch_size=500, verbose=0), axis=1) == labels
        own = {key: values[-1] for key, values in history.items() if key.startswith("class_")}
        results[name] = {
            "steps": int(gan.g_optimizer.iterations),
            "agreement": float(np.mean(agrees)),
            "of each class": [float(np.mean(agrees[labels == label])) for label in range(10)],
            **own,
        }
        columns = keras_gan.datasets.info(NAME).class_names
        grid = folder / f"{name.replace(' ', '_')}.png"
        keras_gan.images.save_grid(grid, images[:80], columns=10, column_titles=columns)
        gan.save(folder / f"{name.replace(' ', '_')}.keras")
        (folder / "results.json").write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
        print(name, results[name], flush=True)
        tf.keras.backend.clear_session()


if __name__ == "__main__":
    minutes = float(sys.argv[2]) if len(sys.argv) > 2 else 8.0
    main(Path(sys.argv[1]), minutes, sys.argv[3:] or list(USES))
