"""GAN: a generator against a discriminator, trained by Algorithm 1 of the GAN paper."""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_gan import augmentations, latent
from keras_gan.errors import KerasGANWarning
from keras_gan.models import minibatches
from keras_gan.models.adversarial_model import AUGMENTATION_OF_D, AUGMENTATION_OF_G, AdversarialModel, scale_loss
from keras_gan.models.data_checks import ImageChecks, split_batch
from keras_gan.models.network_checks import checked_image_shape
from keras_gan.networks.inspection import ends_in_sigmoid


@keras.saving.register_keras_serializable("keras_gan")
class GAN(AdversarialModel):
    """A generator that turns noise into images, and the discriminator that it learns from.

    One `train_step` is one iteration of the paper's Algorithm 1: `d_steps` updates of the discriminator, each on fresh
    real images and fresh noise, then one of the generator. All of `fit()` works; `fit()` reports

    - `d_loss`, `g_loss`: the two objectives; `d_penalty`: the penalties' sum, which D minimises besides,
    - `d_real`, `d_fake`: the mean probability of being real that D gives to real and to generated images; the mean
      logits where the loss knows no probability, as of hinge, Wasserstein, least-squares and relativistic ones,
    - `g_grad_norm`: the norm of the generator's gradient, which tells a generator that learns from one that cannot.

    Args:
        generator: A model from z, float32 (batch, latent_dim), to images, float32 (batch, height, width, channels) in
            [-1, 1] (in [0, 1] if it ends in a sigmoid). With `num_classes`, from `[z, labels]`.
        discriminator: A model from images to logits, (batch, 1) or a map of them; no sigmoid at its end. With
            `num_classes`, from `[images, labels]`.
        latent_dim: The length of z. Defaults to 128.
        num_classes: How many classes to draw by label; `None` for no labels. Defaults to `None`.
        seed: Fixes the noise of training, which is a function of the seed and the step alone. Defaults to `None`:
            drawn from Python's generator, which `keras.utils.set_random_seed` fixes.
        name: The model's name, and the one its exports are served under. Defaults to `"gan"`.

    Raises:
        ValueError: If the two networks do not fit each other or the arguments, or the discriminator ends in a sigmoid.

    Example:
    ```python
    gan = keras_gan.GAN(
        keras_gan.networks.dcgan.generator((28, 28, 1), latent_dim=128),
        keras_gan.networks.dcgan.discriminator((28, 28, 1)),
    )
    gan.compile(keras.optimizers.Adam(2e-4, beta_1=0.5), keras.optimizers.Adam(2e-4, beta_1=0.5))
    gan.fit(keras_gan.datasets.load("digits"), epochs=20)
    images = gan.generate(16, seed=0)
    ```

    Reference:
        [Goodfellow et al., 2014, Generative Adversarial Nets](https://arxiv.org/abs/1406.2661), algorithm 1.
    """

    players = {"d_optimizer": "discriminator", "g_optimizer": "generator"}  # noqa: RUF012
    settings = ("latent_dim", "num_classes", "seed", "name")
    compile_settings = ("d_steps", "g_steps", *AdversarialModel.compile_settings)
    compile_objects = ("augmentation", *AdversarialModel.compile_objects)
    drawing = ("generator",)

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        latent_dim: int = 128,
        num_classes: int | None = None,
        seed: int | None = None,
        name: str = "gan",
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        self.generator = generator
        self.discriminator = discriminator
        self.latent_dim = latent_dim
        self.num_classes = num_classes
        self.seed = random.randrange(2**31) if seed is None else seed
        self.image_shape = checked_image_shape(generator, discriminator, latent_dim, num_classes)
        z = tf.random.stateless_normal((16, latent_dim), seed=[0, 0])
        in_sigmoid = ends_in_sigmoid(generator, z if num_classes is None else [z, tf.zeros((16,), tf.int32)])
        self.image_range = (0.0, 1.0) if in_sigmoid else (-1.0, 1.0)
        self.d_loss_tracker = keras.metrics.Mean(name="d_loss")
        self.g_loss_tracker = keras.metrics.Mean(name="g_loss")
        self.d_real_tracker = keras.metrics.Mean(name="d_real")
        self.d_fake_tracker = keras.metrics.Mean(name="d_fake")
        self.g_grad_norm_tracker = keras.metrics.Mean(name="g_grad_norm")
        self.augmentation: augmentations.Augmentation | None = None
        self.augmentation_trackers: dict[str, keras.metrics.Metric] = {}
        self.built = True

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        """What `fit()` reports, and resets at the start of each epoch."""
        trackers = [self.d_loss_tracker, self.g_loss_tracker, self.d_real_tracker, self.d_fake_tracker]
        trackers += [*self.penalty_trackers.values(), *self.augmentation_trackers.values()]
        return [*trackers, self.g_grad_norm_tracker]

    @property
    def ema_generator(self) -> keras.Model | None:
        """The generator with averaged weights, which draws instead of `generator`; `None` without `ema_momentum`."""
        return self.averages.get("generator")

    # ------------------------------------------------------------------ training

    def compile(
        self,
        d_optimizer: Any = None,
        g_optimizer: Any = None,
        loss: Any = "non_saturating",
        *,
        penalties: Any = (),
        d_steps: int = 1,
        g_steps: int = 1,
        augmentation: Any = None,
        ema_momentum: Any = None,
        loss_fn: Any = None,
        jit_compile: bool | str = "auto",
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
    ) -> None:
        """Set how the game is played.

        Args:
            d_optimizer: The discriminator's optimizer, or its name. Defaults to `Adam(2e-4, beta_1=0.5)`, DCGAN's.
            g_optimizer: The generator's. Defaults to another such. Two learning rates are two optimizers'.
            loss: An adversarial loss, as `keras_gan.losses.get` takes it: `"minimax"`, `"hinge"`, ... Defaults to
                `"non_saturating"`.
            penalties: What D's objective has besides, as `keras_gan.penalties.get_all` takes it: a name such as
                `"wgan_gp"`, a `keras_gan.penalties.Penalty`, or several of them. Defaults to none.
            d_steps: The paper's k, discriminator updates before each generator update. Defaults to 1.
            g_steps: Generator updates after them. Defaults to 1.
            augmentation: What is done to all images before D sees them, in its own updates and in the generator's, as
                `keras_gan.augmentations.get` takes it: `"diffaugment"`, `"ada"`, or an object. Defaults to `None`.
            ema_momentum: Of the average of the generator's weights that `generate`, `evaluate` and exports draw with:
                a number such as 0.999, less at first lest the untrained weights be remembered, or a
                `keras_gan.schedules.HalfLife`. Defaults to `None`, no average.
            loss_fn: Another name for `loss`, for scripts written after the Keras guides. Defaults to `None`.
            jit_compile: Compile the step with XLA. Defaults to `"auto"`: as Keras does, but not on a CPU alone.
            run_eagerly: Run the step without a graph, for debugging. Defaults to `False`.
            steps_per_execution: Steps run in one call of the graph. Defaults to 1.

        Raises:
            ValueError: If an argument is not one of those.
        """
        for name, value in (("d_steps", d_steps), ("g_steps", g_steps)):
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise ValueError(f"`{name}` must be an integer, at least 1. Received: {name}={value}")
        self.compile_players(
            loss if loss_fn is None else loss_fn,
            {"d_optimizer": d_optimizer, "g_optimizer": g_optimizer},
            jit_compile,
            penalties,
            ema_momentum,
            run_eagerly=run_eagerly,
            steps_per_execution=steps_per_execution,
        )
        self.augmentation = augmentations.get(augmentation)
        if isinstance(self.augmentation, augmentations.ADA) and not self.loss.boundary:
            warnings.warn(
                "ADA takes a logit above 0 for D's word that an image is real, which it is not under this loss, so "
                "that its p means nothing. Use augmentation='diffaugment', or the loss 'non_saturating' or 'hinge'. "
                f"Received: loss={type(self.loss).__name__}",
                KerasGANWarning,
                stacklevel=2,
            )
        figures = {} if self.augmentation is None else self.augmentation.figures()
        self.augmentation_trackers = {name: keras.metrics.Mean(name=name) for name in figures}
        self.d_steps = d_steps
        self.g_steps = g_steps

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: Any = "auto",
        callbacks: Any = None,
        **kwargs: Any,
    ) -> keras.callbacks.History:
        """Train, as `keras.Model.fit`.

        With `d_steps` = k, each step takes k batches, so that every discriminator update has a full batch of its own.

        Args:
            x: Images, float32 (n, height, width, channels) in [-1, 1]; or a `tf.data.Dataset` of batches of them, or
                of (images, labels).
            y: Integer labels (n,), if `x` is an array. Used if the model has `num_classes`. Defaults to `None`.
            batch_size: The m of Algorithm 1, images in one discriminator update, if `x` is an array. Defaults to 32.
            epochs: The epoch to stop after. Defaults to 1.
            verbose: 0, 1, 2 or `"auto"`. Defaults to `"auto"`.
            callbacks: Keras callbacks, such as `keras_gan.callbacks.SampleGrid`. Defaults to `None`.
            **kwargs: As `keras.Model.fit`: validation_data, initial_epoch, steps_per_epoch, ...

        Returns:
            A `keras.callbacks.History`.

        Raises:
            ValueError: If images or labels have the wrong shape, dtype or range, or are not finite. No weight has
                changed by the batch that is complained of.
        """
        return super().fit(x, y, batch_size, epochs, verbose, callbacks, **kwargs)

    def checks_for(self, data: Any) -> ImageChecks:
        """What `data` must be for the model to learn from them; the same for all data."""
        return ImageChecks(self.image_shape, self.image_range, self.num_classes)

    def grouped(self, data: Any, batch_size: int, kwargs: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        """Batches that hold a minibatch for each discriminator update."""
        return (data, kwargs) if self.d_steps == 1 else minibatches.for_fit(data, batch_size, self.d_steps, kwargs)

    def train_step(self, data: Any) -> dict[str, Any]:
        """One iteration of Algorithm 1.

        The last discriminator update and the generator update share one forward pass of the generator: D sees the
        images as constants, G is then updated through the new D on the same noise, which saves a pass of G.

        Args:
            data: Images, or (images, labels): `d_steps` minibatches, one after the other on the first axis.

        Returns:
            The metrics, by name.
        """
        *first, last = minibatches.split(*self._images_and_labels(data), self.d_steps)
        for real, labels in first:
            self._update_discriminator(real, self._generate(self._sample_latent(real), labels), labels)
        real, labels = last
        for turn in range(self.g_steps):
            z = self._sample_latent(real, turn)
            with tf.GradientTape() as tape:
                fake = self._generate(z, labels)
                if turn == 0:
                    with tape.stop_recording():
                        self._update_discriminator(real, fake, labels)
                critic = self._critic(labels, AUGMENTATION_OF_G + turn)
                g_loss = self._generator_loss(critic, fake, real)
                scaled_loss = scale_loss(g_loss, self.g_optimizer)
            (g_grad_norm,) = self.apply_gradients_of(scaled_loss, tape, "g_optimizer")
            self.update_averages(real)
            self.g_loss_tracker.update_state(g_loss)
            self.g_grad_norm_tracker.update_state(g_grad_norm)
        return self.get_metrics_result()

    def _update_discriminator(self, real: Any, fake: Any, labels: Any) -> None:
        critic = self._critic(labels, AUGMENTATION_OF_D)
        d_loss, real_logits, fake_logits = self.update_discriminator("d_optimizer", critic, real, fake)
        self._track_discriminator(d_loss, real_logits, fake_logits)
        if self.augmentation is not None:
            self.augmentation.update(real_logits)
            for name, figure in self.augmentation.figures().items():
                self.augmentation_trackers[name].update_state(figure)

    def test_step(self, data: Any) -> dict[str, Any]:
        """Measure both losses on held-out images.

        Both networks are in inference mode, and the noise is the same at each evaluation.

        Args:
            data: Images, or (images, labels).

        Returns:
            The metrics, by name, without those of an update: `g_grad_norm`, `d_penalty` and the augmentation's.
        """
        real, labels = self._images_and_labels(data)
        batch = tf.cast(self.d_loss_tracker.count, tf.int64)
        z = tf.random.stateless_normal((minibatches.batch_size(real), self.latent_dim), seed=[~self.seed, batch])
        real_logits = self._discriminate(real, labels, training=False)
        fake_logits = self._discriminate(self._generate(z, labels, training=False), labels, training=False)
        self._track_discriminator(self.loss.discriminator_loss(real_logits, fake_logits), real_logits, fake_logits)
        self.g_loss_tracker.update_state(self.loss.generator_loss(fake_logits, real_logits))
        updates = {"g_grad_norm", *self.penalty_trackers, *self.augmentation_trackers}
        return {name: value for name, value in self.get_metrics_result().items() if name not in updates}

    # ------------------------------------------------------------------ drawing

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Draw images.

        Args:
            inputs: z, float32 (batch, latent_dim); or `[z, labels]`.
            training: Whether batch normalisation uses the batch's statistics; the generator itself then draws, not its
                average. Defaults to `False`.

        Returns:
            Images, float32 (batch, height, width, channels).
        """
        return (self.generator if training else self.drawn("generator"))(inputs, training=training)

    def generate(
        self, n: int, labels: Any = None, seed: int | None = 0, batch_size: int = 64, truncation: float = 1.0
    ) -> np.ndarray:
        """Draw `n` images.

        Image i depends on `seed`, i and its label alone, up to the rounding that a batch size brings. Every exported
        artifact draws the same images from the same seed.

        Args:
            n: How many.
            labels: Integers (n,), or one for all; for a model with `num_classes`. Defaults to each class in turn.
            seed: An integer from 0 to 2**31 - 1, or `None` for other images at each call. Defaults to 0.
            batch_size: Images drawn at once. Defaults to 64.
            truncation: What z is multiplied by; below 1 images are more alike and more typical. Defaults to 1.0.

        Returns:
            A float32 array (n, height, width, channels) in [-1, 1] (in [0, 1] if the generator ends in a sigmoid).

        Raises:
            ValueError: If an argument is out of range, or labels are given to a model without classes.

        Example:
        ```python
        images = gan.generate(16, seed=7)
        ```
        """
        return self.draw(latent.sample(n, self.latent_dim, seed, truncation), labels, batch_size)

    def draw(self, z: Any, labels: Any = None, batch_size: int = 64) -> np.ndarray:
        """Draw the images of given latent vectors.

        Args:
            z: Float32 (n, latent_dim).
            labels: As in `generate`.
            batch_size: Images drawn at once. Defaults to 64.

        Returns:
            A float32 array (n, height, width, channels) in [-1, 1] (in [0, 1] if the generator ends in a sigmoid).

        Raises:
            ValueError: If `z` or `labels` has the wrong shape, or `batch_size` is below 1.
        """
        if batch_size < 1:
            raise ValueError(f"`batch_size` must be at least 1. Received: batch_size={batch_size}")
        z = np.asarray(z, np.float32)
        if z.ndim != 2 or z.shape[1] != self.latent_dim:
            raise ValueError(f"`z` must be of shape (n, {self.latent_dim}). Received: shape {z.shape}")
        labels = self._labels_for(len(z), labels)
        images = [
            keras.ops.convert_to_numpy(
                self._generate(z[i : i + batch_size], labels[i : i + batch_size], training=False)
            )
            for i in range(0, len(z), batch_size)
        ]
        return np.concatenate(images).astype(np.float32) if images else np.zeros((0, *self.image_shape), np.float32)

    # ------------------------------------------------------------------ parts

    def _images_and_labels(self, data: Any) -> tuple[Any, Any]:
        images, labels = split_batch(data)
        if self.num_classes is None:
            return tf.cast(images, tf.float32), None
        return tf.cast(images, tf.float32), tf.cast(labels, tf.int32)

    def _sample_latent(self, images: Any, turn: int = 0) -> Any:
        """A z for each image: this replica's part of a global batch of noise.

        It depends on the seed, D's update count and the generator's turn alone, and all are saved.
        """
        n = minibatches.batch_size(images)
        replicas = tf.distribute.get_strategy().num_replicas_in_sync
        step = tf.cast(self.d_optimizer.iterations, tf.int64)
        z = tf.random.stateless_normal((n * replicas, self.latent_dim), seed=[self.seed - (turn << 32), step])
        if replicas == 1:
            return z
        replica = tf.distribute.get_replica_context().replica_id_in_sync_group
        return z[replica * n : (replica + 1) * n]

    def _generate(self, z: Any, labels: Any, training: bool = True) -> Any:
        return self(z if self.num_classes is None else [z, labels], training=training)

    def _discriminate(self, images: Any, labels: Any, training: bool = True) -> Any:
        return self.discriminator(images if self.num_classes is None else [images, labels], training=training)

    def _critic(self, labels: Any, stream: int) -> Callable[[Any], Any]:
        """D in training, of images augmented alike at each call."""
        if self.augmentation is None:
            return lambda images: self._discriminate(images, labels)
        augment, seed = self.augmentation.augment, self.seed_of_step("d_optimizer", stream)
        return lambda images: self._discriminate(augment(tf.cast(images, tf.float32), seed), labels)

    def _generator_loss(self, critic: Callable[[Any], Any], fake: Any, real: Any) -> Any:
        return self.loss.generator_loss(critic(fake), critic(real) if self.loss.compares else None)

    def _track_discriminator(self, d_loss: Any, real_logits: Any, fake_logits: Any) -> None:
        self.d_loss_tracker.update_state(d_loss)
        shown = tf.sigmoid if self.loss.probability else tf.identity
        self.d_real_tracker.update_state(shown(tf.cast(real_logits, tf.float32)))
        self.d_fake_tracker.update_state(shown(tf.cast(fake_logits, tf.float32)))

    def _labels_for(self, n: int, labels: Any) -> np.ndarray:
        if self.num_classes is None:
            if labels is not None:
                raise ValueError("`labels` need a model made with `num_classes`. Received: num_classes=None")
            return np.zeros(n, np.int32)
        labels = np.arange(n) % self.num_classes if labels is None else np.asarray(labels)
        labels = np.full(n, labels) if labels.ndim == 0 else labels
        integers = np.issubdtype(labels.dtype, np.integer)
        if labels.shape != (n,) or not integers or (n and not 0 <= labels.min() <= labels.max() < self.num_classes):
            raise ValueError(
                f"`labels` must be {n} integers from 0 to {self.num_classes - 1}. "
                f"Received: {labels.dtype.name} of shape {labels.shape}, {labels.ravel()[:8].tolist()}"
            )
        return labels.astype(np.int32)
