"""CycleGAN: image-to-image translation between two domains, without pairs."""

from __future__ import annotations

import functools
import random
from typing import Any

import keras
import tensorflow as tf

from keras_gan import losses
from keras_gan.models.adversarial_model import scale_loss
from keras_gan.models.data_checks import split_pair
from keras_gan.models.image_pool import ImagePool
from keras_gan.models.translation_model import (
    Shape,
    TranslationModel,
    check_discriminator,
    checked_shape,
    translated_shape,
)

TERMS = ("adversarial_g", "adversarial_f", "cycle_x", "cycle_y", "identity_x", "identity_y")


@keras.saving.register_keras_serializable("keras_gan")
class CycleGAN(TranslationModel):
    """Two generators, G from X to Y and F from Y to X, learnt from two sets of images that correspond in no way.

    D_Y tells G's images from those of Y, D_X tells F's from those of X; F(G(x)) must be x again and G(F(y)) y. One
    `train_step` updates both generators, by the gradient of their common objective

        adversarial_g + adversarial_f + cycle_weight * (cycle_x + cycle_y + identity_weight * (identity_x + identity_y))

    and then both discriminators, on generated images of which half come from a pool of earlier ones. `fit()` reports

    - `g_loss`: that objective, and each of its terms unweighted: the two adversarial ones;
      `cycle_x` = mean |F(G(x)) - x|, `cycle_y` = mean |G(F(y)) - y|; `identity_x` = mean |F(x) - x|,
      `identity_y` = mean |G(y) - y|, in units of the images' [-1, 1];
    - `d_x_loss`, `d_y_loss`: the discriminators' objectives.

    Args:
        generator_g: G, a fully convolutional model from images of X, float32 (batch, height, width, channels) in
            [-1, 1], to images of Y of the same size.
        generator_f: F, from Y to X.
        discriminator_x: A model from images of X to logits, (batch, 1) or a map of them; no sigmoid at its end.
        discriminator_y: The same for Y.
        cycle_weight: The paper's lambda. Defaults to 10.0.
        identity_weight: Of the identity terms, relative to `cycle_weight`; 0 leaves them out, as must be where X and Y
            have other channels. Defaults to 0.5.
        pool_size: How many earlier images of each domain the discriminators may be shown again; 0 for none. Defaults
            to 50.
        image_shape: (height, width, channels) of the images of X to train on. Defaults to `None`: that of the first
            images that `fit` is given.
        seed: Fixes what the pools return. Defaults to `None`: drawn from Python's generator, which
            `keras.utils.set_random_seed` fixes.
        name: The model's name. Defaults to `"cyclegan"`.

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

    players = {  # noqa: RUF012
        "g_optimizer": "generator_g",
        "f_optimizer": "generator_f",
        "d_x_optimizer": "discriminator_x",
        "d_y_optimizer": "discriminator_y",
    }
    settings = ("cycle_weight", "identity_weight", "pool_size", "image_shape", "seed", "name")
    generators = {"g": "generator_g", "f": "generator_f"}  # noqa: RUF012
    drawing = ("generator_g", "generator_f")

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
        """What `fit()` reports, and resets at the start of each epoch."""
        unused = () if self.identity_weight else ("identity_x", "identity_y")
        trackers = {**self.trackers, **self.penalty_trackers}
        return [tracker for name, tracker in trackers.items() if name not in unused]

    def shapes_for(self, image_shape: Any) -> tuple[Shape, Shape]:
        """See that the networks fit images of a size, and each other; see `TranslationModel.shapes_for`."""
        x_shape = checked_shape(image_shape)
        y_shape = translated_shape("generator_g", self.generator_g, x_shape)
        back = translated_shape("generator_f", self.generator_f, y_shape)
        if back != x_shape:
            raise ValueError(f"`generator_f` must give images of X, {x_shape}, from those of Y. Received: {back}")
        if self.identity_weight and x_shape != y_shape:
            raise ValueError(
                "The identity terms need images of X and Y of one shape; pass identity_weight=0. "
                f"Received: identity_weight={self.identity_weight}, X {x_shape}, Y {y_shape}"
            )
        for role, shape in (("discriminator_x", x_shape), ("discriminator_y", y_shape)):
            check_discriminator(role, getattr(self, role), shape)
        return x_shape, y_shape

    def set_image_shape(self, image_shape: Any) -> None:
        """Fix the size of the images to train on, and make the pools.

        Args:
            image_shape: (height, width, channels) of the images of X.

        Raises:
            ValueError: If the networks do not fit it, or the pools hold images of another size.
        """
        x_shape, y_shape = self.shapes_for(image_shape)
        if self.image_shape is None:
            self.pool_x.build(x_shape)
            self.pool_y.build(y_shape)
            self.image_shape = x_shape
        elif self.image_shape != x_shape:
            raise ValueError(
                f"This model was begun with images of X of shape {self.image_shape}. Received: images of {x_shape}. "
                "Its generators translate images of any size; for training on another, make a new CycleGAN of them."
            )

    def load_weights(self, filepath: Any, *args: Any, **kwargs: Any) -> None:
        """Take up what `save_weights` wrote, the pools included.

        Args:
            filepath: As `keras.Model.load_weights`.
            *args: As `keras.Model.load_weights`.
            **kwargs: As `keras.Model.load_weights`.

        Raises:
            ValueError: If the size of the images is not known yet, and with it the pools.
        """
        if self.image_shape is None:
            raise ValueError(
                "The pools that were saved need to know the images' size: make the CycleGAN with image_shape=(height, "
                "width, channels). Received: image_shape=None"
            )
        super().load_weights(filepath, *args, **kwargs)

    # ------------------------------------------------------------------ training

    def compile(
        self,
        g_optimizer: Any = None,
        f_optimizer: Any = None,
        d_x_optimizer: Any = None,
        d_y_optimizer: Any = None,
        loss: Any = "least_squares",
        *,
        penalties: Any = (),
        ema_momentum: Any = None,
        jit_compile: bool | str = "auto",
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
    ) -> None:
        """Set how the game is played.

        Args:
            g_optimizer: G's optimizer, or its name. Defaults to the paper's `Adam(2e-4, beta_1=0.5)`; for its decay of
                the learning rate see `keras_gan.schedules.LinearDecay`.
            f_optimizer: F's. Defaults to another such.
            d_x_optimizer: D_X's. Defaults to another such.
            d_y_optimizer: D_Y's. Defaults to another such.
            loss: The adversarial loss, as `keras_gan.losses.get` takes it. By name `"least_squares"` is here the
                CycleGAN paper's, whose generators' term has no factor of one half. Defaults to `"least_squares"`.
            penalties: What both discriminators' objectives have besides, as `keras_gan.GAN.compile` takes it. Defaults
                to none.
            ema_momentum: Of the averages of G's and F's weights that `translate`, `evaluate` and exports use, as
                `keras_gan.GAN.compile` takes it. Defaults to `None`, no averages.
            jit_compile: Compile the step with XLA. Defaults to `"auto"`: as Keras does, but not on a CPU alone.
            run_eagerly: Run the step without a graph, for debugging. Defaults to `False`.
            steps_per_execution: Steps run in one call of the graph. Defaults to 1.

        Raises:
            ValueError: If an argument is not one of those.
        """
        self.compile_players(
            losses.LeastSquares(generator_weight=1.0) if loss == "least_squares" else loss,
            {
                "g_optimizer": g_optimizer,
                "f_optimizer": f_optimizer,
                "d_x_optimizer": d_x_optimizer,
                "d_y_optimizer": d_y_optimizer,
            },
            jit_compile,
            penalties,
            ema_momentum,
            run_eagerly=run_eagerly,
            steps_per_execution=steps_per_execution,
        )

    def train_step(self, data: Any) -> dict[str, Any]:
        """Update both generators, then both discriminators.

        Args:
            data: (x_images, y_images), as many of each.

        Returns:
            The metrics, by name.
        """
        x, y = (tf.cast(images, tf.float32) for images in split_pair(data))
        with tf.GradientTape() as tape:
            fake_x, fake_y, terms = self._translate_both(x, y, training=True)
            g_loss = self._objective(terms)
            scaled_loss = scale_loss(g_loss, self.g_optimizer)
        self.apply_gradients_of(scaled_loss, tape, "g_optimizer", "f_optimizer")
        self.update_averages(x)
        seed = self._seed_of_step()
        d_x_loss = self._update_discriminator("d_x_optimizer", x, self.pool_x.swap(fake_x, seed))
        d_y_loss = self._update_discriminator("d_y_optimizer", y, self.pool_y.swap(fake_y, ~seed))
        return self._results({"g_loss": g_loss, **terms, "d_x_loss": d_x_loss, "d_y_loss": d_y_loss})

    def test_step(self, data: Any) -> dict[str, Any]:
        """Measure all losses on held-out images, the networks in inference mode, without the pools.

        Args:
            data: (x_images, y_images), as many of each.

        Returns:
            The metrics, by name, without `d_penalty`.
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
        results = self._results({"g_loss": self._objective(terms), **terms, **d_losses})
        return {name: value for name, value in results.items() if name not in self.penalty_trackers}

    def _translate_both(self, x: Any, y: Any, training: bool) -> tuple[Any, Any, dict[str, Any]]:
        """F(y), G(x) and the generators' terms, equations 1 and 2."""
        g, f = (self.generator_g, self.generator_f) if training else self.translators.values()
        fake_y, fake_x = g(x, training=training), f(y, training=training)
        terms = {
            "adversarial_g": self._adversarial(self.discriminator_y, fake_y, y, training),
            "adversarial_f": self._adversarial(self.discriminator_x, fake_x, x, training),
            "cycle_x": _distance(f(fake_y, training=training), x),
            "cycle_y": _distance(g(fake_x, training=training), y),
        }
        if self.identity_weight:
            terms["identity_x"] = _distance(f(x, training=training), x)
            terms["identity_y"] = _distance(g(y, training=training), y)
        return fake_x, fake_y, terms

    def _adversarial(self, discriminator: keras.Model, fake: Any, real: Any, training: bool) -> Any:
        real_logits = discriminator(real, training=training) if self.loss.compares else None
        return self.loss.generator_loss(discriminator(fake, training=training), real_logits)

    def _objective(self, terms: dict[str, Any]) -> Any:
        """Equation 3, and the identity terms of section 5.2."""
        total = terms["adversarial_g"] + terms["adversarial_f"]
        total += self.cycle_weight * (terms["cycle_x"] + terms["cycle_y"])
        if self.identity_weight:
            total += self.cycle_weight * self.identity_weight * (terms["identity_x"] + terms["identity_y"])
        return total

    def _update_discriminator(self, optimizer: str, real: Any, fake: Any) -> Any:
        discriminator = getattr(self, self.players[optimizer])
        critic = functools.partial(discriminator, training=True)
        loss, _, _ = self.update_discriminator(optimizer, critic, real, fake)
        return loss

    def _seed_of_step(self) -> Any:
        """What the pools' coins depend on: the seed and the step, and both are saved."""
        return tf.stack([tf.cast(self.seed, tf.int64), tf.cast(self.d_x_optimizer.iterations, tf.int64)])

    def _results(self, values: dict[str, Any]) -> dict[str, Any]:
        for name, value in values.items():
            self.trackers[name].update_state(value)
        return self.get_metrics_result()


def _distance(a: Any, b: Any) -> Any:
    return tf.reduce_mean(tf.abs(tf.cast(a, tf.float32) - b))
