"""GAN: a generator and a discriminator, trained by Algorithm 1 of the GAN paper."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow as tf

from keras_gan import augmentations, latent
from keras_gan.losses import AuxiliaryLoss
from keras_gan.models import minibatches
from keras_gan.models.class_labels import labels_of
from keras_gan.models.compile_checks import check_at_least_1, warn_of_ada
from keras_gan.models.latent_model import LatentModel
from keras_gan.models.network_checks import check_networks, infer_image_range
from keras_gan.models.random_streams import AUGMENTATION_OF_D, AUGMENTATION_OF_G, PENALTIES_OF_G
from keras_gan.models.second_output import check_auxiliary_loss, logits_of, takes_labels, target_of
from keras_gan.models.transferable_model import TransferableModel
from keras_gan.models.update import minimize, update_discriminator
from keras_gan.networks.joint_passes import allows_joint_passes
from keras_gan.penalties import GeneratorPenalty
from keras_gan.typing import (
    AugmentationLike,
    Config,
    Critic,
    Data,
    LossLike,
    MomentumLike,
    OptimizerLike,
    PenaltiesLike,
    Tensor,
)
from keras_gan.utils.attributes import check_attribute_names
from keras_gan.utils.class_names import check_class_names


@keras.saving.register_keras_serializable("keras_gan")
class GAN(TransferableModel, LatentModel):
    """Generative adversarial network: a generator of images and the discriminator that it learns from.

    One `train_step` is one iteration of the paper's Algorithm 1. It updates the discriminator `d_steps` times, each
    time on other real images and other noise, then the generator. `fit()` reports

    - `d_loss`, `g_loss`: the losses of both networks;
    - `d_penalty`, `g_penalty`: the sums of the penalties, which a network minimises in addition to its loss;
    - `d_real`, `d_fake`: the discriminator's mean output for real and for generated images. It is the probability that
      an image is real. For losses without probabilities, such as hinge and Wasserstein, it is the logit;
    - `g_grad_norm`: the norm of the generator's gradient. If it is near 0, the generator no longer learns;
    - `class_loss`, `class_accuracy_real`, `class_accuracy_fake` of an AC-GAN, and `code_loss`, `code_accuracy`,
      `code_error` of an InfoGAN: see `keras_gan.losses.AuxiliaryClassifier` and `MutualInformation`.

    Args:
        generator: A model from z, float32 (batch, latent_dim), to images, float32 (batch, height, width, channels).
            They are in [-1, 1], or in [0, 1] if it ends in a sigmoid. Or to sequences (batch, length, channels) or
            vectors (batch, n), whose values have no range. With labels, a model from `[z, labels]`.
        discriminator: A model from images to logits, (batch, 1) or a map of them, without a sigmoid at its end. With
            labels, a model from `[images, labels]`, or from images to `[logits, class_logits]`, as in AC-GAN. For a
            generator with codes, as in InfoGAN, it returns `[logits, code_parameters]`.
        latent_dim: Length of z. Defaults to 128.
        num_classes: Number of classes; `None` for a model without classes. Defaults to `None`.
        class_names: Name of each class, in order, such as `keras_gan.datasets.info(name).class_names`. They are saved
            with the model and written into exports, and `generate` takes them as labels. Defaults to `None`.
        seed: Integer. Together with the number of the step, it determines the noise of training. Defaults to `None`: a
            random number from Python's `random`. `keras.utils.set_random_seed` makes it reproducible.
        name: Name of the model and, by default, of its exports. Defaults to `"gan"`.
        num_attributes: Length of the vectors of attributes that are the labels, float32 (batch, num_attributes). It
            cannot be combined with `num_classes`. Defaults to `None`, no attributes.
        attribute_names: Name of each attribute, in order. Defaults to `None`.

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
    has_generator_penalties = True
    settings = ("latent_dim", "num_classes", "class_names", "num_attributes", "attribute_names", "seed", "name")
    compile_settings = ("d_steps", "g_steps", "freeze_d", *LatentModel.compile_settings)
    compile_objects = ("augmentation", "auxiliary_loss", *LatentModel.compile_objects)

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        latent_dim: int = 128,
        num_classes: int | None = None,
        seed: int | None = None,
        name: str = "gan",
        class_names: Sequence[str] | None = None,
        num_attributes: int | None = None,
        attribute_names: Sequence[str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        self.generator = generator
        self.discriminator = discriminator
        self.latent_dim = latent_dim
        self.num_classes = num_classes
        self.class_names = check_class_names(class_names, num_classes)
        self.seed = random.randrange(2**31) if seed is None else seed
        self.num_attributes = num_attributes
        self.attribute_names = check_attribute_names(attribute_names, num_attributes)
        labels = (num_classes, num_attributes)
        self.image_shape, self._has_second_output = check_networks(generator, discriminator, latent_dim, *labels)
        self.image_range = infer_image_range(generator, latent_dim, *labels)
        self._discriminates_labels = takes_labels(discriminator, self.has_labels)
        self.d_loss_tracker = keras.metrics.Mean(name="d_loss")
        self.g_loss_tracker = keras.metrics.Mean(name="g_loss")
        self.d_real_tracker = keras.metrics.Mean(name="d_real")
        self.d_fake_tracker = keras.metrics.Mean(name="d_fake")
        self.g_grad_norm_tracker = keras.metrics.Mean(name="g_grad_norm")
        self.augmentation: augmentations.Augmentation | None = None
        self.augmentation_trackers: dict[str, keras.metrics.Metric] = {}
        self.auxiliary_loss: AuxiliaryLoss | None = None
        self.auxiliary_trackers: dict[str, keras.metrics.Metric] = {}
        self.built = True

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        """The metrics that `fit()` reports and resets at the start of each epoch."""
        trackers = [self.d_loss_tracker, self.g_loss_tracker, self.d_real_tracker, self.d_fake_tracker]
        trackers += [*self.penalty_trackers.values(), *self.augmentation_trackers.values()]
        trackers += self.auxiliary_trackers.values()
        return [*trackers, self.g_grad_norm_tracker]

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
        freeze_d: int = 0,
        augmentation: AugmentationLike = None,
        ema_momentum: MomentumLike = None,
        loss_fn: LossLike | None = None,
        auxiliary_loss: AuxiliaryLoss | None = None,
        **kwargs: Any,
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
            freeze_d: Number of layers of the discriminator, counted from the image, that keep their weights, as in
                [FreezeD](https://arxiv.org/abs/2002.10964). Use it after `transfer_weights`, for few images. Defaults
                to 0.
            augmentation: Augmentation of all images that the discriminator sees, real or generated: `"diffaugment"`,
                `"ada"`, or a `keras_gan.augmentations.Augmentation`. Defaults to `None`.
            ema_momentum: Momentum of the moving average of the generator's weights, such as 0.999, or a
                `keras_gan.schedules.HalfLife`. `generate`, `evaluate` and exports use the averaged generator. A number
                is ramped up at the start so that the initial weights are forgotten. Defaults to `None`, no average.
            loss_fn: Adversarial loss that replaces `loss`. Scripts of the Keras guides use this name. Defaults to
                `None`.
            auxiliary_loss: Loss of the discriminator's second output, which both networks minimise: a
                `keras_gan.losses.AuxiliaryClassifier` for classes, or `MutualInformation` for codes. Defaults to
                `None`: the one that fits, with its default weights.
            **kwargs: Arguments of `keras.Model.compile`: jit_compile, run_eagerly, steps_per_execution.

        Raises:
            ValueError: If an argument has an unsupported type or value.
        """
        check_at_least_1(d_steps=d_steps, g_steps=g_steps)
        self.freeze_discriminator(freeze_d)
        self.compile_networks(
            loss if loss_fn is None else loss_fn,
            {"d_optimizer": d_optimizer, "g_optimizer": g_optimizer},
            penalties,
            ema_momentum,
            **kwargs,
        )
        self.augmentation = augmentations.get(augmentation)
        if self.augmentation is not None and len(self.image_shape) != 3:
            raise ValueError(
                f"`augmentation` is for images. Received: augmentation={type(self.augmentation).__name__} and examples "
                f"of shape {self.image_shape}"
            )
        self.auxiliary_loss = check_auxiliary_loss(
            auxiliary_loss, self._has_second_output, self.codes, self.num_classes is not None
        )
        extra = self.auxiliary_loss
        names = [] if extra is None else [f"{extra.name}_{metric}" for metric in extra.metric_names]
        self.auxiliary_trackers = {name: keras.metrics.Mean(name=name) for name in names}
        warn_of_ada(self.augmentation, self.loss)
        reported = {} if self.augmentation is None else self.augmentation.statistics()
        self.augmentation_trackers = {name: keras.metrics.Mean(name=name) for name in reported}
        self.d_steps = d_steps
        self.g_steps = g_steps

    def check_generator_penalties(self, given: Sequence[GeneratorPenalty]) -> None:
        """Raises `ValueError` if the generator does not support a penalty."""
        for one in given:
            one.check_generator(self.generator)

    def example_inputs(self, data: Data, batch_size: int) -> dict[str, Any]:
        """Returns z, and labels for a model with labels, as many as images in a batch."""
        size = minibatches.size_in_data(data) or batch_size
        z = latent.sample(size, self.latent_dim, seed=0)
        names = (self.class_names, self.num_attributes, self.attribute_names)
        labels = labels_of(size, None, self.num_classes, *names)
        return {"generator": [z, labels] if self.has_labels else z}

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
        *first, last = minibatches.split(*self.images_and_labels(data), self.d_steps)
        for real, labels in first:
            z = self.sample_latent(real)
            self._discriminator_step(real, self._generate(z, labels), z, labels)
        real, labels = last
        for turn in range(self.g_steps):
            z = self.sample_latent(real, turn)
            with tf.GradientTape() as tape:
                fake = self._generate(z, labels)
                if turn == 0:
                    with tape.stop_recording():
                        self._discriminator_step(real, fake, z, labels)
                critic = self._critic(labels, AUGMENTATION_OF_G + turn)
                outputs, others = critic(fake), critic(real) if self.loss.compares else None
                g_loss = self.loss.generator_loss(logits_of(outputs), logits_of(others))
                g_penalty = self._generator_penalty(z, labels, turn)
                objective = g_loss + g_penalty
                if self.auxiliary_loss is not None:
                    target = target_of(self.generator, z, labels)
                    objective += self.auxiliary_loss.generator_loss(outputs[1], target)
            (g_grad_norm,) = minimize(objective, tape, (self.g_optimizer, self.generator))
            self.update_averages(real)
            self.g_loss_tracker.update_state(g_loss)
            if "g_penalty" in self.penalty_trackers:
                self.penalty_trackers["g_penalty"].update_state(g_penalty)
            self.g_grad_norm_tracker.update_state(g_grad_norm)
        return self.get_metrics_result()

    def _generator_penalty(self, z: Tensor, labels: Tensor | None, turn: int) -> Tensor:
        inputs, step = [z, labels] if self.has_labels else z, self.g_optimizer.iterations
        seed = self.step_seed("g_optimizer", PENALTIES_OF_G + turn)
        return sum(one.of_generator(self.generator, inputs, step, seed) for one in self.generator_penalties)

    def _discriminator_step(self, real: Tensor, fake: Tensor, z: Tensor, labels: Tensor | None) -> None:
        critic = self._critic(labels, AUGMENTATION_OF_D)
        joint = self._joint_critic(labels)
        auxiliary = None if self.auxiliary_loss is None else self._auxiliary_term(z, labels)
        d_loss, real_logits, fake_logits = update_discriminator(
            self, "d_optimizer", critic, real, fake, joint, auxiliary
        )
        self._track_discriminator(d_loss, real_logits, fake_logits)
        if self.augmentation is not None:
            self.augmentation.update(real_logits)
            for name, value in self.augmentation.statistics().items():
                self.augmentation_trackers[name].update_state(value)

    def _auxiliary_term(self, z: Tensor, labels: Tensor | None) -> Callable[[Tensor, Tensor], Tensor]:
        """Returns the function from D's second outputs for real and generated images to the loss that D minimises."""
        loss, target = self.auxiliary_loss, target_of(self.generator, z, labels)
        assert loss is not None

        def term(real_output: Tensor, fake_output: Tensor) -> Tensor:
            for name, value in loss.metrics(real_output, fake_output, target).items():
                self.auxiliary_trackers[f"{loss.name}_{name}"].update_state(value)
            return loss.discriminator_loss(real_output, fake_output, target)

        return term

    def test_step(self, data: Tensor | tuple[Tensor, ...]) -> dict[str, Tensor]:
        """Measure both losses on held-out images.

        Both networks are in inference mode, and each evaluation uses the same noise.

        Args:
            data: Images, or (images, labels).

        Returns:
            Dict of the metrics, without those of an update: `g_grad_norm`, `d_penalty` and the augmentation's.
        """
        real, labels = self.images_and_labels(data)
        batch = tf.cast(self.d_loss_tracker.count, tf.int64)
        z = tf.random.stateless_normal((minibatches.batch_size(real), self.latent_dim), seed=[~self.seed, batch])
        real_outputs = self._discriminate(real, labels, training=False)
        fake_outputs = self._discriminate(self._generate(z, labels, training=False), labels, training=False)
        real_logits, fake_logits = logits_of(real_outputs), logits_of(fake_outputs)
        if self.auxiliary_loss is not None:
            self._auxiliary_term(z, labels)(real_outputs[1], fake_outputs[1])
        self._track_discriminator(self.loss.discriminator_loss(real_logits, fake_logits), real_logits, fake_logits)
        self.g_loss_tracker.update_state(self.loss.generator_loss(fake_logits, real_logits))
        updates = {"g_grad_norm", *self.penalty_trackers, *self.augmentation_trackers}
        return {name: value for name, value in self.get_metrics_result().items() if name not in updates}

    def _discriminate(self, images: Tensor, labels: Tensor | None, training: bool = True) -> Any:
        """Returns the logits, or [logits, second output]."""
        return self.discriminator([images, labels] if self._discriminates_labels else images, training=training)

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
