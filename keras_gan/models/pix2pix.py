"""Pix2Pix: image-to-image translation learnt from pairs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from keras_gan.models.adversarial_model import scale_loss
from keras_gan.models.data_checks import split_pair
from keras_gan.models.translation_model import (
    Shape,
    TranslationModel,
    check_discriminator,
    checked_shape,
    translated_shape,
)


@keras.saving.register_keras_serializable("keras_gan")
class Pix2Pix(TranslationModel):
    """A generator from images of X to those of Y, learnt from pairs of them, and a discriminator of pairs.

    D tells (x, y) from (x, G(x)); G must convince it and be near y. One `train_step` updates D, then G through the new
    D. `fit()` reports

    - `d_loss`: the discriminator's objective,
    - `g_loss`: the generator's, `adversarial + l1_weight * l1`,
    - `adversarial` and `l1`: its terms, l1 = mean |G(x) - y| in units of the images' [-1, 1].

    In place of noise z the paper's generator has dropout, while it trains.

    Args:
        generator: A model from images of X, float32 (batch, height, width, channels) in [-1, 1], to images of Y of the
            same size.
        discriminator: A model from `[x, y]` to logits, (batch, 1) or a map of them; no sigmoid at its end.
        l1_weight: The paper's lambda. Defaults to 100.0.
        image_shape: (height, width, channels) of the images of X to train on. Defaults to `None`: that of the first
            images that `fit` is given.
        name: The model's name. Defaults to `"pix2pix"`.

    Raises:
        ValueError: If an argument is out of range, or the networks do not fit each other.

    Example:
    ```python
    network = keras_gan.networks.pix2pix
    pix2pix = keras_gan.Pix2Pix(network.generator((256, 256, 3)), network.discriminator((256, 256, 3)))
    pix2pix.compile()
    pix2pix.fit(keras_gan.datasets.load_paired("sketches", "photos", image_size=256), epochs=200)
    photos = pix2pix.translate(sketches)
    ```

    Reference:
        [Isola et al., 2017, Image-to-Image Translation with Conditional Adversarial
        Networks](https://arxiv.org/abs/1611.07004), equations 1, 3 and 4.
    """

    players = {"d_optimizer": "discriminator", "g_optimizer": "generator"}  # noqa: RUF012
    settings = ("l1_weight", "image_shape", "name")
    generators = {"g": "generator"}  # noqa: RUF012
    drawing = ("generator",)

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        l1_weight: float = 100.0,
        image_shape: Shape | None = None,
        name: str = "pix2pix",
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        if l1_weight < 0:
            raise ValueError(f"`l1_weight` must be at least 0. Received: l1_weight={l1_weight}")
        self.generator = generator
        self.discriminator = discriminator
        self.l1_weight = l1_weight
        self.trackers = {key: keras.metrics.Mean(name=key) for key in ("g_loss", "adversarial", "l1", "d_loss")}
        self.check_networks()
        self.built = True
        if image_shape is not None:
            self.set_image_shape(image_shape)

    def shapes_for(self, image_shape: Any) -> tuple[Shape, Shape]:
        """See that the networks fit images of a size, and each other; see `TranslationModel.shapes_for`."""
        x_shape = checked_shape(image_shape)
        y_shape = translated_shape("generator", self.generator, x_shape)
        check_discriminator("discriminator", self.discriminator, x_shape, y_shape)
        return x_shape, y_shape

    # ------------------------------------------------------------------ training

    def compile(
        self,
        d_optimizer: Any = None,
        g_optimizer: Any = None,
        loss: Any = "non_saturating",
        *,
        penalties: Any = (),
        ema_momentum: Any = None,
        jit_compile: bool | str = "auto",
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
    ) -> None:
        """Set how the game is played.

        Args:
            d_optimizer: The discriminator's optimizer, or its name. Defaults to the paper's `Adam(2e-4, beta_1=0.5)`.
            g_optimizer: The generator's. Defaults to another such.
            loss: The adversarial loss, as `keras_gan.losses.get` takes it. Defaults to `"non_saturating"`.
            penalties: What D's objective has besides, as `keras_gan.GAN.compile` takes it. Defaults to none.
            ema_momentum: Of the average of the generator's weights that `translate`, `evaluate` and exports use, as
                `keras_gan.GAN.compile` takes it. Defaults to `None`, no average.
            jit_compile: Compile the step with XLA. Defaults to `"auto"`: as Keras does, but not on a CPU alone.
            run_eagerly: Run the step without a graph, for debugging. Defaults to `False`.
            steps_per_execution: Steps run in one call of the graph. Defaults to 1.

        Raises:
            ValueError: If an argument is not one of those.
        """
        self.compile_players(
            loss,
            {"d_optimizer": d_optimizer, "g_optimizer": g_optimizer},
            jit_compile,
            penalties,
            ema_momentum,
            run_eagerly=run_eagerly,
            steps_per_execution=steps_per_execution,
        )

    def train_step(self, data: Any) -> dict[str, Any]:
        """Update the discriminator, then the generator through it.

        Args:
            data: (x_images, y_images), pairs.

        Returns:
            The metrics, by name.
        """
        x, y = (tf.cast(images, tf.float32) for images in split_pair(data))
        with tf.GradientTape() as tape:
            fake = self.generator(x, training=True)
            with tape.stop_recording():
                # The paper halves D's objective to slow D down; under Adam a factor changes nothing.
                critic = self._critic(x, training=True)
                d_loss, _, _ = self.update_discriminator("d_optimizer", critic, y, fake)
            adversarial, l1 = self._terms(x, y, fake, training=True)
            g_loss = adversarial + self.l1_weight * l1
            scaled_loss = scale_loss(g_loss, self.g_optimizer)
        self.apply_gradients_of(scaled_loss, tape, "g_optimizer")
        self.update_averages(x)
        return self._results(g_loss, adversarial, l1, d_loss)

    def test_step(self, data: Any) -> dict[str, Any]:
        """Measure all losses on held-out pairs, both networks in inference mode.

        Args:
            data: (x_images, y_images), pairs.

        Returns:
            The metrics, by name, without `d_penalty`.
        """
        x, y = (tf.cast(images, tf.float32) for images in split_pair(data))
        fake = self(x, training=False)
        critic = self._critic(x, training=False)
        d_loss = self.loss.discriminator_loss(critic(y), critic(fake))
        adversarial, l1 = self._terms(x, y, fake, training=False)
        results = self._results(adversarial + self.l1_weight * l1, adversarial, l1, d_loss)
        return {name: value for name, value in results.items() if name not in self.penalty_trackers}

    def _terms(self, x: Any, y: Any, fake: Any, training: bool) -> tuple[Any, Any]:
        """Equation 1's term of the generator, and equation 3."""
        critic = self._critic(x, training)
        adversarial = self.loss.generator_loss(critic(fake), critic(y) if self.loss.compares else None)
        return adversarial, tf.reduce_mean(tf.abs(tf.cast(fake, tf.float32) - y))

    def _critic(self, x: Any, training: bool) -> Callable[[Any], Any]:
        return lambda images: self.discriminator([x, images], training=training)

    def _results(self, *values: Any) -> dict[str, Any]:
        for tracker, value in zip(self.trackers.values(), values, strict=True):
            tracker.update_state(value)
        return self.get_metrics_result()

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        """What `fit()` reports, and resets at the start of each epoch."""
        return [*self.trackers.values(), *self.penalty_trackers.values()]
