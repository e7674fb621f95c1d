"""Pix2Pix: translation of images, learnt from pairs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from keras_gan.models.network_checks import check_discriminator, check_image_shape, translated_shape
from keras_gan.models.pair_check import split_pair
from keras_gan.models.translation_model import TranslationModel
from keras_gan.models.update import minimize, update_discriminator
from keras_gan.typing import Critic, LossLike, MomentumLike, OptimizerLike, PenaltiesLike, Shape, Tensor


@keras.saving.register_keras_serializable("keras_gan")
class Pix2Pix(TranslationModel):
    """Pix2Pix: a generator from X to Y, trained on pairs of images, and a discriminator of pairs.

    The discriminator distinguishes (x, y) from (x, G(x)). The generator learns G(x) that look real to the discriminator
    and are similar to y. One `train_step` updates the discriminator, then the generator through the updated
    discriminator. `fit()` reports

    - `d_loss`: the loss of the discriminator;
    - `g_loss`: the objective of the generator, `adversarial + l1_weight * l1`;
    - `adversarial` and `l1`: its terms. `l1` = mean |G(x) - y|, for images in [-1, 1].

    The generator has no noise z as input. Instead, the paper's generator has dropout during training.

    Args:
        generator: Model from images of X, float32 (batch, height, width, channels) in [-1, 1], to images of Y of the
            same size.
        discriminator: Model from `[x, y]` to logits, (batch, 1) or a map of them, without a sigmoid at its end.
        l1_weight: Weight of the L1 term, the paper's lambda. Defaults to 100.0.
        image_shape: (height, width, channels) of the training images of X. Defaults to `None`: the shape of the first
            images in `fit`.
        name: Name of the model. Defaults to `"pix2pix"`.

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

    trained_networks = {"d_optimizer": "discriminator", "g_optimizer": "generator"}  # noqa: RUF012
    settings = ("l1_weight", "image_shape", "name")
    generators = {"g": "generator"}  # noqa: RUF012
    averaged_networks = ("generator",)

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

    def domain_shapes(self, image_shape: Sequence[int]) -> tuple[Shape, Shape]:
        """Returns the shapes of the images of X and of Y, after a check that the networks fit them."""
        x_shape = check_image_shape(image_shape)
        y_shape = translated_shape("generator", self.generator, x_shape)
        check_discriminator("discriminator", self.discriminator, x_shape, y_shape)
        return x_shape, y_shape

    # ------------------------------------------------------------------ training

    def compile(
        self,
        d_optimizer: OptimizerLike = None,
        g_optimizer: OptimizerLike = None,
        loss: LossLike = "non_saturating",
        *,
        penalties: PenaltiesLike = (),
        ema_momentum: MomentumLike = None,
        **kwargs: Any,
    ) -> None:
        """Configure the model for training.

        Args:
            d_optimizer: Optimizer of the discriminator, or its name. Defaults to the paper's `Adam(2e-4, beta_1=0.5)`.
            g_optimizer: Optimizer of the generator, or its name. Defaults to a second `Adam(2e-4, beta_1=0.5)`.
            loss: Adversarial loss, as `keras_gan.losses.get` takes it. Defaults to `"non_saturating"`.
            penalties: Penalties that the discriminator minimises in addition to its loss, as in
                `keras_gan.GAN.compile`. Defaults to none.
            ema_momentum: Momentum of the moving average of the generator's weights, as in `keras_gan.GAN.compile`.
                `translate`, `evaluate` and exports use the average. Defaults to `None`, no average.
            **kwargs: Arguments of `keras.Model.compile`: jit_compile, run_eagerly, steps_per_execution.

        Raises:
            ValueError: If an argument has an unsupported type or value.
        """
        self.compile_networks(
            loss,
            {"d_optimizer": d_optimizer, "g_optimizer": g_optimizer},
            penalties,
            ema_momentum,
            **kwargs,
        )

    def train_step(self, data: tuple[Tensor, Tensor]) -> dict[str, Tensor]:
        """Update the discriminator, then the generator through it.

        Args:
            data: (x_images, y_images), pairs.

        Returns:
            Dict of the metrics.
        """
        x, y = (tf.cast(images, tf.float32) for images in split_pair(data))
        with tf.GradientTape() as tape:
            fake = self.generator(x, training=True)
            with tape.stop_recording():
                # The paper halves this loss to slow the discriminator down; with Adam a factor has no effect.
                d_loss, _, _ = update_discriminator(self, "d_optimizer", self._critic(x, training=True), y, fake)
            adversarial, l1 = self._terms(x, y, fake, training=True)
            g_loss = adversarial + self.l1_weight * l1
        minimize(g_loss, tape, (self.g_optimizer, self.generator))
        self.update_averages(x)
        values = {"g_loss": g_loss, "adversarial": adversarial, "l1": l1, "d_loss": d_loss}
        return self.report(values, training=True)

    def test_step(self, data: tuple[Tensor, Tensor]) -> dict[str, Tensor]:
        """Measure all losses on held-out pairs, with both networks in inference mode.

        Args:
            data: (x_images, y_images), pairs.

        Returns:
            Dict of the metrics, without `d_penalty`.
        """
        x, y = (tf.cast(images, tf.float32) for images in split_pair(data))
        fake = self(x, training=False)
        critic = self._critic(x, training=False)
        d_loss = self.loss.discriminator_loss(critic(y), critic(fake))
        adversarial, l1 = self._terms(x, y, fake, training=False)
        g_loss = adversarial + self.l1_weight * l1
        values = {"g_loss": g_loss, "adversarial": adversarial, "l1": l1, "d_loss": d_loss}
        return self.report(values, training=False)

    def _terms(self, x: Tensor, y: Tensor, fake: Tensor, training: bool) -> tuple[Tensor, Tensor]:
        """Returns the generator's term of equation 1, and equation 3."""
        critic = self._critic(x, training)
        adversarial = self.loss.generator_loss(critic(fake), critic(y) if self.loss.compares else None)
        return adversarial, tf.reduce_mean(tf.abs(tf.cast(fake, tf.float32) - y))

    def _critic(self, x: Tensor, training: bool) -> Critic:
        """Returns the discriminator of pairs as a function of the second image."""
        return lambda images: self.discriminator([x, images], training=training)
