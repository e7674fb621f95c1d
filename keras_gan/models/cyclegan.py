"""CycleGAN: translation of images between two domains, without pairs."""

from __future__ import annotations

import functools
import random
from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from keras_gan import losses
from keras_gan.models.image_pool import ImagePool
from keras_gan.models.network_checks import check_discriminator, cycle_shapes
from keras_gan.models.pair_check import split_pair
from keras_gan.models.translation_model import TranslationModel
from keras_gan.models.update import minimize, update_discriminator
from keras_gan.networks.joint_passes import allows_joint_passes
from keras_gan.typing import LossLike, MomentumLike, OptimizerLike, PenaltiesLike, Shape, Tensor

TERMS = ("adversarial_g", "adversarial_f", "cycle_x", "cycle_y", "identity_x", "identity_y")


@keras.saving.register_keras_serializable("keras_gan")
class CycleGAN(TranslationModel):
    """CycleGAN: generators G from X to Y and F from Y to X, trained on images that form no pairs.

    The discriminator D_Y distinguishes images of G from images of Y. D_X distinguishes images of F from images of X.
    F(G(x)) must be similar to x, and G(F(y)) to y. One `train_step` updates both generators by the gradient of one
    objective,

        adversarial_g + adversarial_f + cycle_weight * (cycle_x + cycle_y + identity_weight * (identity_x + identity_y))

    then both discriminators. Half of the generated images that they see come from a pool of earlier ones. `fit()`
    reports

    - `g_loss`: that objective;
    - `adversarial_g`, `adversarial_f`: its adversarial terms;
    - `cycle_x` = mean |F(G(x)) - x|, `cycle_y` = mean |G(F(y)) - y|;
    - `identity_x` = mean |F(x) - x|, `identity_y` = mean |G(y) - y|;
    - `d_x_loss`, `d_y_loss`: the losses of the discriminators.

    Args:
        generator_g: G, a fully convolutional model from images of X, float32 (batch, height, width, channels) in
            [-1, 1], to images of Y of the same size.
        generator_f: F, a fully convolutional model from images of Y to images of X of the same size.
        discriminator_x: Model from images of X to logits, (batch, 1) or a map of them, without a sigmoid at its end.
        discriminator_y: Model from images of Y to logits, without a sigmoid at its end.
        cycle_weight: Weight of the cycle terms, the paper's lambda. Defaults to 10.0.
        identity_weight: Weight of the identity terms, relative to `cycle_weight`. 0 turns them off. It must be 0 if X
            and Y have different numbers of channels. Defaults to 0.5.
        pool_size: Number of earlier generated images in the pool of each domain. 0 turns the pools off. Defaults to 50.
        image_shape: (height, width, channels) of the training images of X. Defaults to `None`: the shape of the first
            images in `fit`.
        seed: Integer that determines which images the pools return. Defaults to `None`: a random number from Python's
            `random`. `keras.utils.set_random_seed` makes it reproducible.
        name: Name of the model. Defaults to `"cyclegan"`.

    Raises:
        ValueError: If an argument is out of range, or the networks do not fit each other.

    Example:
    ```python
    network = keras_gan.networks.cyclegan
    shape = (256, 256, 3)
    cyclegan = keras_gan.CycleGAN(
        network.generator(shape), network.generator(shape), network.discriminator(shape), network.discriminator(shape)
    )
    cyclegan.compile()
    cyclegan.fit(keras_gan.datasets.load_unpaired("photos", "monets", image_size=256), epochs=200)
    monets = cyclegan.translate(photos)
    ```

    Reference:
        [Zhu et al., 2017, Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial
        Networks](https://arxiv.org/abs/1703.10593), equations 1 to 3 and section 5.2 for the identity term.
    """

    trained_networks = {  # noqa: RUF012
        "g_optimizer": "generator_g",
        "f_optimizer": "generator_f",
        "d_x_optimizer": "discriminator_x",
        "d_y_optimizer": "discriminator_y",
    }
    settings = ("cycle_weight", "identity_weight", "pool_size", "image_shape", "seed", "name")
    generators = {"g": "generator_g", "f": "generator_f"}  # noqa: RUF012
    averaged_networks = ("generator_g", "generator_f")

    def __init__(
        self,
        generator_g: keras.Model,
        generator_f: keras.Model,
        discriminator_x: keras.Model,
        discriminator_y: keras.Model,
        cycle_weight: float = 10.0,
        identity_weight: float = 0.5,
        pool_size: int = 50,
        image_shape: Shape | None = None,
        seed: int | None = None,
        name: str = "cyclegan",
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        if cycle_weight < 0 or identity_weight < 0 or pool_size < 0:
            raise ValueError(
                "`cycle_weight`, `identity_weight` and `pool_size` must be at least 0. "
                f"Received: cycle_weight={cycle_weight}, identity_weight={identity_weight}, pool_size={pool_size}"
            )
        self.generator_g = generator_g
        self.generator_f = generator_f
        self.discriminator_x = discriminator_x
        self.discriminator_y = discriminator_y
        self.cycle_weight = cycle_weight
        self.identity_weight = identity_weight
        self.pool_size = pool_size
        self.seed = random.randrange(2**31) if seed is None else seed
        self.pool_x = ImagePool(pool_size, name="pool_x")
        self.pool_y = ImagePool(pool_size, name="pool_y")
        names = ("g_loss", *TERMS, "d_x_loss", "d_y_loss")
        self.trackers = {key: keras.metrics.Mean(name=key) for key in names}
        self.check_networks()
        self.built = True
        if image_shape is not None:
            self.set_image_shape(image_shape)

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        """The metrics that `fit()` reports and resets at the start of each epoch."""
        unused = () if self.identity_weight else ("identity_x", "identity_y")
        return [metric for metric in super().metrics if metric.name not in unused]

    def domain_shapes(self, image_shape: Sequence[int]) -> tuple[Shape, Shape]:
        """Returns the shapes of the images of X and of Y, after a check that the networks fit them."""
        x_shape, y_shape = cycle_shapes(self.generator_g, self.generator_f, image_shape)
        if self.identity_weight and x_shape != y_shape:
            raise ValueError(
                "The identity terms need images of X and Y of one shape; pass identity_weight=0. "
                f"Received: identity_weight={self.identity_weight}, X {x_shape}, Y {y_shape}"
            )
        check_discriminator("discriminator_x", self.discriminator_x, x_shape)
        check_discriminator("discriminator_y", self.discriminator_y, y_shape)
        return x_shape, y_shape

    def set_image_shape(self, image_shape: Sequence[int]) -> None:
        """Set the size of the training images, and create the pools."""
        x_shape, y_shape = self.domain_shapes(image_shape)
        self.pool_x.build_for(x_shape)
        self.pool_y.build_for(y_shape)
        self.image_shape = x_shape

    # ------------------------------------------------------------------ training

    def compile(
        self,
        g_optimizer: OptimizerLike = None,
        f_optimizer: OptimizerLike = None,
        d_x_optimizer: OptimizerLike = None,
        d_y_optimizer: OptimizerLike = None,
        loss: LossLike = "least_squares",
        *,
        penalties: PenaltiesLike = (),
        ema_momentum: MomentumLike = None,
        **kwargs: Any,
    ) -> None:
        """Configure the model for training.

        Args:
            g_optimizer: Optimizer of G, or its name. Defaults to the paper's `Adam(2e-4, beta_1=0.5)`. For the paper's
                decay of the learning rate see `keras_gan.schedules.LinearDecay`.
            f_optimizer: Optimizer of F, or its name. Defaults to another `Adam(2e-4, beta_1=0.5)`.
            d_x_optimizer: Optimizer of D_X, or its name. Defaults to another `Adam(2e-4, beta_1=0.5)`.
            d_y_optimizer: Optimizer of D_Y, or its name. Defaults to another `Adam(2e-4, beta_1=0.5)`.
            loss: Adversarial loss, as `keras_gan.losses.get` takes it. Defaults to `"least_squares"`. Here this name
                means the loss of the CycleGAN paper, whose generator term has no factor 1/2.
            penalties: Penalties that both discriminators minimise in addition to their losses, as in
                `keras_gan.GAN.compile`. Defaults to none.
            ema_momentum: Momentum of the moving averages of G's and F's weights, as in `keras_gan.GAN.compile`.
                `translate`, `evaluate` and exports use the averages. Defaults to `None`, no averages.
            **kwargs: Arguments of `keras.Model.compile`: jit_compile, run_eagerly, steps_per_execution.

        Raises:
            ValueError: If an argument has an unsupported type or value.
        """
        self.compile_networks(
            losses.LeastSquares(generator_weight=1.0) if loss == "least_squares" else loss,
            {
                "g_optimizer": g_optimizer,
                "f_optimizer": f_optimizer,
                "d_x_optimizer": d_x_optimizer,
                "d_y_optimizer": d_y_optimizer,
            },
            penalties,
            ema_momentum,
            **kwargs,
        )

    def train_step(self, data: tuple[Tensor, Tensor]) -> dict[str, Tensor]:
        """Update both generators, then both discriminators.

        Args:
            data: (x_images, y_images), the same number of each.

        Returns:
            Dict of the metrics.
        """
        x, y = (tf.cast(images, tf.float32) for images in split_pair(data))
        with tf.GradientTape() as tape:
            fake_x, fake_y, terms = self._translate_both(x, y, training=True)
            g_loss = self._objective(terms)
        minimize(g_loss, tape, (self.g_optimizer, self.generator_g), (self.f_optimizer, self.generator_f))
        self.update_averages(x)
        seed = self._pool_seed()
        d_x_loss = self._discriminator_step("d_x_optimizer", x, self.pool_x.swap(fake_x, seed))
        d_y_loss = self._discriminator_step("d_y_optimizer", y, self.pool_y.swap(fake_y, ~seed))
        return self.report({"g_loss": g_loss, **terms, "d_x_loss": d_x_loss, "d_y_loss": d_y_loss}, training=True)

    def test_step(self, data: tuple[Tensor, Tensor]) -> dict[str, Tensor]:
        """Measure all losses on held-out images, with the networks in inference mode and without the pools.

        Args:
            data: (x_images, y_images), the same number of each.

        Returns:
            Dict of the metrics, without `d_penalty`.
        """
        x, y = (tf.cast(images, tf.float32) for images in split_pair(data))
        fake_x, fake_y, terms = self._translate_both(x, y, training=False)
        d_losses = {
            name: self.loss.discriminator_loss(network(real, training=False), network(fake, training=False))
            for name, network, real, fake in (
                ("d_x_loss", self.discriminator_x, x, fake_x),
                ("d_y_loss", self.discriminator_y, y, fake_y),
            )
        }
        return self.report({"g_loss": self._objective(terms), **terms, **d_losses}, training=False)

    def _translate_both(self, x: Tensor, y: Tensor, training: bool) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
        """Returns F(y), G(x) and the terms of the generators' objective, equations 1 and 2."""
        g, f = (self.generator_g, self.generator_f) if training else self.translators.values()
        if self.identity_weight and training and all(allows_joint_passes(network) for network in (g, f)):
            # One pass each: a kernel's gradient is then computed twice in a step instead of three times.
            fake_y, same_y = tf.split(g(tf.concat([x, y], 0), training=True), 2)
            fake_x, same_x = tf.split(f(tf.concat([y, x], 0), training=True), 2)
        else:
            fake_y, fake_x = g(x, training=training), f(y, training=training)
            same_x = f(x, training=training) if self.identity_weight else None
            same_y = g(y, training=training) if self.identity_weight else None
        terms = {
            "adversarial_g": self._adversarial(self.discriminator_y, fake_y, y, training),
            "adversarial_f": self._adversarial(self.discriminator_x, fake_x, x, training),
            "cycle_x": _distance(f(fake_y, training=training), x),
            "cycle_y": _distance(g(fake_x, training=training), y),
        }
        if self.identity_weight:
            terms["identity_x"] = _distance(same_x, x)
            terms["identity_y"] = _distance(same_y, y)
        return fake_x, fake_y, terms

    def _adversarial(self, discriminator: keras.Model, fake: Tensor, real: Tensor, training: bool) -> Tensor:
        real_logits = discriminator(real, training=training) if self.loss.compares else None
        return self.loss.generator_loss(discriminator(fake, training=training), real_logits)

    def _objective(self, terms: dict[str, Tensor]) -> Tensor:
        """Equation 3, and the identity terms of section 5.2."""
        total = terms["adversarial_g"] + terms["adversarial_f"]
        total += self.cycle_weight * (terms["cycle_x"] + terms["cycle_y"])
        if self.identity_weight:
            total += self.cycle_weight * self.identity_weight * (terms["identity_x"] + terms["identity_y"])
        return total

    def _discriminator_step(self, optimizer: str, real: Tensor, fake: Tensor) -> Tensor:
        discriminator = getattr(self, self.trained_networks[optimizer])
        critic = functools.partial(discriminator, training=True)
        joint = critic if allows_joint_passes(discriminator) else None
        d_loss, _, _ = update_discriminator(self, optimizer, critic, real, fake, joint)
        return d_loss

    def _pool_seed(self) -> Tensor:
        return tf.stack([tf.cast(self.seed, tf.int64), tf.cast(self.d_x_optimizer.iterations, tf.int64)])


def _distance(a: Tensor, b: Tensor) -> Tensor:
    return tf.reduce_mean(tf.abs(tf.cast(a, tf.float32) - b))
