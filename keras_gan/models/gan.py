"""GAN: a generator and a discriminator, trained by Algorithm 1 of the GAN paper."""

from __future__ import annotations

import random
import warnings
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_gan import augmentations, latent
from keras_gan.errors import KerasGANWarning
from keras_gan.models import minibatches
from keras_gan.models.adversarial_model import AUGMENTATION_OF_D, AUGMENTATION_OF_G, PENALTIES_OF_G, AdversarialModel
from keras_gan.models.class_labels import labels_of
from keras_gan.models.data_check import split_batch
from keras_gan.models.image_check import ImageCheck
from keras_gan.models.network_checks import infer_image_shape
from keras_gan.models.update import minimize
from keras_gan.networks.inspection import ends_in_sigmoid
from keras_gan.networks.joint_passes import allows_joint_passes
from keras_gan.typing import (
    ArrayLike,
    AugmentationLike,
    Config,
    Critic,
    Data,
    Labels,
    LossLike,
    MomentumLike,
    OptimizerLike,
    PenaltiesLike,
    Tensor,
)
from keras_gan.utils.class_names import check_class_names, describe_classes


@keras.saving.register_keras_serializable("keras_gan")
class GAN(AdversarialModel):
    """Generative adversarial network: a generator of images and the discriminator that it learns from.

    One `train_step` is one iteration of the paper's Algorithm 1. It updates the discriminator `d_steps` times, each
    time on other real images and other noise, then the generator. `fit()` reports

    - `d_loss`, `g_loss`: the losses of both networks;
    - `d_penalty`, `g_penalty`: the sums of the penalties, which a network minimises in addition to its loss;
    - `d_real`, `d_fake`: the discriminator's mean output for real and for generated images. It is the probability that
      an image is real. For losses without probabilities, such as hinge and Wasserstein, it is the logit;
    - `g_grad_norm`: the norm of the generator's gradient. If it is near 0, the generator no longer learns.

    Args:
        generator: A model from z, float32 (batch, latent_dim), to images, float32 (batch, height, width, channels).
            They are in [-1, 1], or in [0, 1] if it ends in a sigmoid. With `num_classes`, a model from `[z, labels]`.
        discriminator: A model from images to logits, (batch, 1) or a map of them, without a sigmoid at its end. With
            `num_classes`, a model from `[images, labels]`.
        latent_dim: Length of z. Defaults to 128.
        num_classes: Number of classes; `None` for a model without labels. Defaults to `None`.
        class_names: Name of each class, in order, such as `keras_gan.datasets.info(name).class_names`. They are saved
            with the model and written into exports, and `generate` takes them as labels. Defaults to `None`.
        seed: Integer. Together with the number of the step, it determines the noise of training. Defaults to `None`: a
            random number from Python's `random`. `keras.utils.set_random_seed` makes it reproducible.
        name: Name of the model and, by default, of its exports. Defaults to `"gan"`.

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

    trained_networks = {"d_optimizer": "discriminator", "g_optimizer": "generator"}  # noqa: RUF012
    averaged_networks = ("generator",)
    has_generator_penalties = True
    settings = ("latent_dim", "num_classes", "class_names", "seed", "name")
    compile_settings = ("d_steps", "g_steps", *AdversarialModel.compile_settings)
    compile_objects = ("augmentation", *AdversarialModel.compile_objects)

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        latent_dim: int = 128,
        num_classes: int | None = None,
        seed: int | None = None,
        name: str = "gan",
        class_names: Sequence[str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        self.generator = generator
        self.discriminator = discriminator
        self.latent_dim = latent_dim
        self.num_classes = num_classes
        self.class_names = check_class_names(class_names, num_classes)
        self.seed = random.randrange(2**31) if seed is None else seed
        self.image_shape = infer_image_shape(generator, discriminator, latent_dim, num_classes)
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
        self._warned_of_labels = False
        self.built = True

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        """The metrics that `fit()` reports and resets at the start of each epoch."""
        trackers = [self.d_loss_tracker, self.g_loss_tracker, self.d_real_tracker, self.d_fake_tracker]
        trackers += [*self.penalty_trackers.values(), *self.augmentation_trackers.values()]
        return [*trackers, self.g_grad_norm_tracker]

    @property
    def ema_generator(self) -> keras.Model | None:
        """The averaged generator, which `generate` uses instead of `generator`; `None` without `ema_momentum`."""
        return self.averages.get("generator")

    # ------------------------------------------------------------------ training

    def compile(
        self,
        d_optimizer: OptimizerLike = None,
        g_optimizer: OptimizerLike = None,
        loss: LossLike = "non_saturating",
        *,
        penalties: PenaltiesLike = (),
        d_steps: int = 1,
        g_steps: int = 1,
        augmentation: AugmentationLike = None,
        ema_momentum: MomentumLike = None,
        loss_fn: LossLike | None = None,
        jit_compile: bool | str = "auto",
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
    ) -> None:
        """Configure the model for training.

        Args:
            d_optimizer: Optimizer of the discriminator, or its name. Defaults to `Adam(2e-4, beta_1=0.5)`.
            g_optimizer: Optimizer of the generator, or its name. Defaults to a second `Adam(2e-4, beta_1=0.5)`.
            loss: Adversarial loss, as `keras_gan.losses.get` takes it: `"minimax"`, `"hinge"`, ... Defaults to
                `"non_saturating"`.
            penalties: Penalties that the discriminator minimises in addition to its loss: a name such as `"wgan_gp"`,
                a `keras_gan.penalties.Penalty`, or several of them. The generator minimises those that are a
                `keras_gan.penalties.GeneratorPenalty`. Defaults to none.
            d_steps: Number of discriminator updates before each generator update, the paper's k. Defaults to 1.
            g_steps: Number of generator updates in each step. Defaults to 1.
            augmentation: Augmentation of all images that the discriminator sees, real or generated: `"diffaugment"`,
                `"ada"`, or a `keras_gan.augmentations.Augmentation`. Defaults to `None`.
            ema_momentum: Momentum of the moving average of the generator's weights, such as 0.999, or a
                `keras_gan.schedules.HalfLife`. `generate`, `evaluate` and exports use the averaged generator. A number
                is ramped up at the start so that the initial weights are forgotten. Defaults to `None`, no average.
            loss_fn: Adversarial loss that replaces `loss`. Scripts of the Keras guides use this name. Defaults to
                `None`.
            jit_compile: Boolean or `"auto"`. If `True`, XLA compiles the step. Defaults to `"auto"`: Keras decides if
                there is a GPU, and `False` otherwise.
            run_eagerly: Boolean. If `True`, the step runs without a graph, for debugging. Defaults to `False`.
            steps_per_execution: Number of steps in one call of the graph. Defaults to 1.

        Raises:
            ValueError: If an argument has an unsupported type or value.
        """
        for name, value in (("d_steps", d_steps), ("g_steps", g_steps)):
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise ValueError(f"`{name}` must be an integer, at least 1. Received: {name}={value}")
        self.compile_networks(
            loss if loss_fn is None else loss_fn,
            {"d_optimizer": d_optimizer, "g_optimizer": g_optimizer},
            jit_compile,
            penalties,
            ema_momentum,
            run_eagerly=run_eagerly,
            steps_per_execution=steps_per_execution,
        )
        for one in self.generator_penalties:
            one.check_generator(self.generator)
        self.augmentation = augmentations.get(augmentation)
        if isinstance(self.augmentation, augmentations.ADA) and not self.loss.boundary:
            warnings.warn(
                "ADA counts logits above 0 as real images, which is wrong for this loss, so its p has no meaning. "
                "Use augmentation='diffaugment', or the loss 'non_saturating' or 'hinge'. "
                f"Received: loss={type(self.loss).__name__}",
                KerasGANWarning,
                stacklevel=2,
            )
        reported = {} if self.augmentation is None else self.augmentation.statistics()
        self.augmentation_trackers = {name: keras.metrics.Mean(name=name) for name in reported}
        self.d_steps = d_steps
        self.g_steps = g_steps

    def fit(
        self,
        x: Data | None = None,
        y: ArrayLike | None = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: str | int = "auto",
        callbacks: Sequence[keras.callbacks.Callback] | None = None,
        **kwargs: Any,
    ) -> keras.callbacks.History:
        """Train as `keras.Model.fit` does.

        With `d_steps` = k each step takes k batches, so that every discriminator update has its own batch.

        Args:
            x: Images, float32 (n, height, width, channels) in the model's `image_range`: [-1, 1], or [0, 1] if the
                generator ends in a sigmoid. Or a `tf.data.Dataset` of batches of images, or of batches (images,
                labels).
            y: Integer labels (n,), if `x` is an array. Used if the model has `num_classes`. Defaults to `None`.
            batch_size: Number of images in one discriminator update, if `x` is an array. Defaults to 32.
            epochs: Number of epochs, including the `initial_epoch` epochs of an earlier call. Defaults to 1.
            verbose: Output in the terminal: 0 for none, 1 for a progress bar, 2 for a line per epoch. Defaults to
                `"auto"`, as in Keras.
            callbacks: Keras callbacks, such as `keras_gan.callbacks.SampleGrid`. Defaults to `None`.
            **kwargs: Arguments of `keras.Model.fit`: validation_data, initial_epoch, steps_per_epoch, ...

        Returns:
            A `keras.callbacks.History`.

        Raises:
            ValueError: If images or labels have the wrong shape, dtype or range, or are not finite. A wrong batch does
                not change the weights.
        """
        self._check_class_names(getattr(x, "class_names", ()))
        return super().fit(x, y, batch_size, epochs, verbose, callbacks, **kwargs)

    def predict(self, x: Any, *args: Any, **kwargs: Any) -> np.ndarray:
        """Generate images, as `keras.Model.predict` does. `generate` is easier.

        Args:
            x: z, float32 (n, latent_dim); or `[z, labels]` for a model with classes.
            *args: Arguments of `keras.Model.predict`.
            **kwargs: Arguments of `keras.Model.predict`.

        Raises:
            ValueError: If a model with classes gets z alone, or a model without classes gets labels.
        """
        is_pair = isinstance(x, list | tuple) and len(x) == 2
        if hasattr(x, "shape") or isinstance(x, list | tuple):
            if self.num_classes is not None and not is_pair:
                raise ValueError(
                    f"`predict` of a model with num_classes={self.num_classes} takes [z, labels]. Received: z alone. "
                    "`generate(n)` and `generate_from_latent(z)` choose each class in turn"
                )
            if self.num_classes is None and is_pair and all(hasattr(one, "shape") for one in x):
                raise ValueError("`predict` of a model without classes takes z. Received: [z, labels]")
        return super().predict(list(x) if is_pair else x, *args, **kwargs)

    def _check_class_names(self, names: Sequence[str]) -> None:
        """Adopts the class names of a data set of `keras_gan.datasets.load`, or compares them with those of the model.

        Raises:
            ValueError: If the names differ.
        """
        if self.num_classes is None or not names:
            return
        if not self.class_names and len(names) == self.num_classes:
            self.class_names = tuple(names)
        elif self.class_names and tuple(names) != self.class_names:
            raise ValueError(
                f"The data set must have the classes of the model: {describe_classes(self.class_names)}. "
                f"Received: {describe_classes(names)}"
            )

    def data_check(self, data: Data) -> ImageCheck:
        """Returns the check that images and labels have to pass."""
        return ImageCheck(self.image_shape, self.image_range, self.num_classes)

    def join_minibatches(self, data: Data, batch_size: int, kwargs: Config) -> tuple[Data, Config]:
        """Returns batches that hold a minibatch for each discriminator update, and the arguments of `fit`."""
        return (data, kwargs) if self.d_steps == 1 else minibatches.for_fit(data, batch_size, self.d_steps, kwargs)

    def train_step(self, data: Tensor | tuple[Tensor, ...]) -> dict[str, Tensor]:
        """Run one iteration of Algorithm 1.

        `fit()` calls it for each batch. `keras_gan/models/update.py` computes and applies the gradients.

        The last discriminator update and the first generator update share one forward pass of the generator. The
        discriminator sees its images as constants. The generator then learns through the updated discriminator.

        Args:
            data: Images, or (images, labels): `d_steps` minibatches, one after the other on the first axis.

        Returns:
            Dict of the metrics.
        """
        *first, last = minibatches.split(*self._images_and_labels(data), self.d_steps)
        for real, labels in first:
            self._discriminator_step(real, self._generate(self._sample_latent(real), labels), labels)
        real, labels = last
        for turn in range(self.g_steps):
            z = self._sample_latent(real, turn)
            with tf.GradientTape() as tape:
                fake = self._generate(z, labels)
                if turn == 0:
                    with tape.stop_recording():
                        self._discriminator_step(real, fake, labels)
                critic = self._critic(labels, AUGMENTATION_OF_G + turn)
                g_loss = self.loss.generator_loss(critic(fake), critic(real) if self.loss.compares else None)
                g_penalty = self._generator_penalty(z, labels, turn)
                objective = g_loss + g_penalty
            (g_grad_norm,) = minimize(objective, tape, (self.g_optimizer, self.generator))
            self.update_averages(real)
            self.g_loss_tracker.update_state(g_loss)
            if "g_penalty" in self.penalty_trackers:
                self.penalty_trackers["g_penalty"].update_state(g_penalty)
            self.g_grad_norm_tracker.update_state(g_grad_norm)
        return self.get_metrics_result()

    def _generator_penalty(self, z: Tensor, labels: Tensor | None, turn: int) -> Tensor:
        inputs, step = z if self.num_classes is None else [z, labels], self.g_optimizer.iterations
        seed = self.step_seed("g_optimizer", PENALTIES_OF_G + turn)
        return sum(one.of_generator(self.generator, inputs, step, seed) for one in self.generator_penalties)

    def _discriminator_step(self, real: Tensor, fake: Tensor, labels: Tensor | None) -> None:
        critic = self._critic(labels, AUGMENTATION_OF_D)
        joint = self._joint_critic(labels)
        d_loss, real_logits, fake_logits = self.update_discriminator("d_optimizer", critic, real, fake, joint)
        self._track_discriminator(d_loss, real_logits, fake_logits)
        if self.augmentation is not None:
            self.augmentation.update(real_logits)
            for name, value in self.augmentation.statistics().items():
                self.augmentation_trackers[name].update_state(value)

    def test_step(self, data: Tensor | tuple[Tensor, ...]) -> dict[str, Tensor]:
        """Measure both losses on held-out images.

        Both networks are in inference mode, and each evaluation uses the same noise.

        Args:
            data: Images, or (images, labels).

        Returns:
            Dict of the metrics, without those of an update: `g_grad_norm`, `d_penalty` and the augmentation's.
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

    # ------------------------------------------------------------------ generating

    def call(self, inputs: Tensor | list[Tensor], training: bool = False) -> Tensor:
        """Generate images.

        Args:
            inputs: z, float32 (batch, latent_dim); or `[z, labels]`.
            training: Boolean. If `True`, uses the generator itself instead of its average, and batch normalisation uses
                the statistics of the batch. Defaults to `False`.

        Returns:
            Images, float32 (batch, height, width, channels).
        """
        return (self.generator if training else self.inference_network("generator"))(inputs, training=training)

    def generate(
        self, n: int, labels: Labels = None, seed: int | None = 0, batch_size: int = 64, truncation: float = 1.0
    ) -> np.ndarray:
        """Generate `n` images.

        Image i depends only on `seed`, i and its label. Only rounding errors depend on the batch size. Every exported
        file generates the same images from the same seed.

        Args:
            n: Number of images.
            labels: Class of each image, integers or names (n,), or one for all images. For a model with `num_classes`
                only. Defaults to `None`: the classes 0, 1, 2, ... in turn.
            seed: Integer from 0 to 2**31 - 1, or `None` for other images at each call. Defaults to 0.
            batch_size: Number of images that are generated at once. Defaults to 64.
            truncation: Number that z is multiplied by. Below 1, images are more typical and vary less. Defaults to 1.0.

        Returns:
            A float32 array (n, height, width, channels) in [-1, 1] (in [0, 1] if the generator ends in a sigmoid).

        Raises:
            ValueError: If an argument is out of range, or labels are given to a model without classes.

        Example:
        ```python
        images = gan.generate(16, seed=7)
        ```
        """
        return self.generate_from_latent(latent.sample(n, self.latent_dim, seed, truncation), labels, batch_size)

    def generate_from_latent(self, z: ArrayLike, labels: Labels = None, batch_size: int = 64) -> np.ndarray:
        """Generate the images of latent vectors.

        Args:
            z: Latent vectors, float32 (n, latent_dim).
            labels: Class of each image, as in `generate`. Defaults to `None`: the classes in turn.
            batch_size: Number of images that are generated at once. Defaults to 64.

        Returns:
            A float32 array (n, height, width, channels) in [-1, 1] (in [0, 1] if the generator ends in a sigmoid).

        Raises:
            ValueError: If `z` or `labels` has the wrong shape, or `batch_size` is below 1.

        Example:
        ```python
        z = keras_gan.latent.sample(1, gan.latent_dim, seed=7)[0]
        images = gan.generate_from_latent(keras_gan.latent.walk_dimension(z, dimension=3))
        ```
        """
        if batch_size < 1:
            raise ValueError(f"`batch_size` must be at least 1. Received: batch_size={batch_size}")
        z = np.asarray(z, np.float32)
        if z.ndim != 2 or z.shape[1] != self.latent_dim:
            raise ValueError(f"`z` must be of shape (n, {self.latent_dim}). Received: shape {z.shape}")
        labels = labels_of(len(z), labels, self.num_classes, self.class_names)
        parts = [slice(i, i + batch_size) for i in range(0, len(z), batch_size)]
        images = [keras.ops.convert_to_numpy(self._generate(z[part], labels[part], training=False)) for part in parts]
        return np.concatenate(images).astype(np.float32) if images else np.zeros((0, *self.image_shape), np.float32)

    # ------------------------------------------------------------------ parts

    def _images_and_labels(self, data: Tensor | tuple[Tensor, ...]) -> tuple[Tensor, Tensor | None]:
        images, labels = split_batch(data)
        if labels is not None and self.num_classes is None and not self._warned_of_labels:
            self._warned_of_labels = True
            warnings.warn(
                "The model was made without `num_classes`, so it does not use the labels of the data. Make it and its "
                "networks with `num_classes`, or pass the images alone. Received: (images, labels)",
                KerasGANWarning,
                stacklevel=2,
            )
        return tf.cast(images, tf.float32), None if self.num_classes is None else tf.cast(labels, tf.int32)

    def _sample_latent(self, images: Tensor, turn: int = 0) -> Tensor:
        """Returns a z for each image: this replica's part of the noise of the global batch.

        It depends only on the seed, the discriminator's update count and the generator's turn, which are all saved.
        """
        n = minibatches.batch_size(images)
        replicas = tf.distribute.get_strategy().num_replicas_in_sync
        step = tf.cast(self.d_optimizer.iterations, tf.int64)
        z = tf.random.stateless_normal((n * replicas, self.latent_dim), seed=[self.seed - (turn << 32), step])
        if replicas == 1:
            return z
        replica = tf.distribute.get_replica_context().replica_id_in_sync_group
        return z[replica * n : (replica + 1) * n]

    def _generate(self, z: Tensor, labels: Tensor | None, training: bool = True) -> Tensor:
        return self(z if self.num_classes is None else [z, labels], training=training)

    def _discriminate(self, images: Tensor, labels: Tensor | None, training: bool = True) -> Tensor:
        return self.discriminator(images if self.num_classes is None else [images, labels], training=training)

    def _critic(self, labels: Tensor | None, stream: int) -> Critic:
        """Returns the discriminator in training mode, with the same augmentation at each call."""
        if self.augmentation is None:
            return lambda images: self._discriminate(images, labels)
        augment, seed = self.augmentation.augment, self.step_seed("d_optimizer", stream)
        return lambda images: self._discriminate(augment(tf.cast(images, tf.float32), seed), labels)

    def _joint_critic(self, labels: Tensor | None) -> Critic | None:
        """Returns the discriminator for real and generated images in one batch, or `None` if that changes its outputs.

        An augmentation transforms the two batches alike, so it needs them apart.
        """
        if self.augmentation is not None or not allows_joint_passes(self.discriminator):
            return None
        both = None if labels is None else tf.concat([labels, labels], 0)
        return lambda images: self._discriminate(images, both)

    def _track_discriminator(self, d_loss: Tensor, real_logits: Tensor, fake_logits: Tensor) -> None:
        self.d_loss_tracker.update_state(d_loss)
        shown = tf.sigmoid if self.loss.probability else tf.identity
        self.d_real_tracker.update_state(shown(tf.cast(real_logits, tf.float32)))
        self.d_fake_tracker.update_state(shown(tf.cast(fake_logits, tf.float32)))
