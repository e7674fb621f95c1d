"""Base class for models that train several networks, each with its own optimizer."""

from __future__ import annotations

import abc
import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import keras
import tensorflow as tf

from keras_gan import losses, penalties
from keras_gan.errors import KerasGANWarning
from keras_gan.models import ema, minibatches
from keras_gan.models.all_optimizers import AllOptimizers
from keras_gan.models.data_check import DataCheck, plain_errors, split_batch
from keras_gan.models.judged_images import JudgedImages
from keras_gan.models.network_checks import warn_of_normalization
from keras_gan.models.onednn_advice import advise_onednn
from keras_gan.models.optimizers import build_optimizer, check_optimizers_differ
from keras_gan.models.saving import SavableModel
from keras_gan.models.update import minimize
from keras_gan.networks.data_format import check_data_format
from keras_gan.networks.inspection import moment_normalizations
from keras_gan.schedules import HalfLife
from keras_gan.typing import (
    ArrayLike,
    Config,
    Critic,
    Data,
    LossLike,
    MomentumLike,
    OptimizerLike,
    PathLike,
    PenaltiesLike,
    Tensor,
)

if TYPE_CHECKING:
    from keras_gan.export import ExportReport

if keras.backend.backend() != "tensorflow":
    raise ImportError(
        "keras_gan trains with Keras's TensorFlow backend: set KERAS_BACKEND=tensorflow before importing keras. "
        f"Received: the {keras.backend.backend()} backend"
    )

# Streams of random numbers in one step. Stream 0 samples z. Stream 3 + n is the augmentation of the generator's turn n,
# so a new stream takes a number from 2**15 on.
PENALTIES, AUGMENTATION_OF_D = 1, 2
PENALTIES_OF_G = 2**15  # plus the generator's turn
AUGMENTATION_OF_G = 3
# Keras's names of formats that have another name here.
KERAS_FORMATS = {"tf_saved_model": "saved_model", "litert": "tflite"}


class AdversarialModel(SavableModel):
    """Base class for models that train several networks, each with its own optimizer.

    A subclass lists its networks in `trained_networks`, its arguments in `settings` and `compile_settings`, and writes
    `data_check`, `train_step` and `test_step`.

    Attributes:
        averaged_networks: Attributes of the networks that `ema_momentum` averages: those that make images.
        has_generator_penalties: `True` if the generator minimises penalties too.
        seed: Integer that fixes the random numbers of training.
        loss: The `AdversarialLoss` of `compile`.
        penalties: The penalties of `compile`.
        ema_momentum: The momentum of `compile`.
        averages: Dict from each of `averaged_networks` to its averaged copy; empty without `ema_momentum`.
        averaged_updates: Number of updates that the averages have had. Another `compile` does not reset it.
    """

    averaged_networks: ClassVar[tuple[str, ...]]
    has_generator_penalties: ClassVar[bool] = False
    seed: int = 0
    stop_training: bool  # Keras's

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.penalties: tuple[penalties.Penalty, ...] = ()
        self.ema_momentum: float | HalfLife | None = None
        self.averages: dict[str, keras.Model] = {}
        self.penalty_trackers: dict[str, keras.metrics.Metric] = {}
        self.averaged_updates = self.add_weight(
            shape=(),
            dtype="int64",
            initializer="zeros",
            trainable=False,
            aggregation="only_first_replica",
            name="averaged_updates",
        )

        self._traced: dict[str, list[str]] = {}
        check_data_format()

    # ------------------------------------------------------------------ compile

    @property
    def optimizer(self) -> AllOptimizers | None:
        """All optimizers, for Keras's callbacks; `None` before `compile`."""
        known = {name: getattr(self, name, None) for name in self.trained_networks}
        return None if None in known.values() else AllOptimizers(known)

    @optimizer.setter
    def optimizer(self, value: Any) -> None:
        """Does nothing: Keras sets its own optimizer, `None`, in `compile`."""

    def compile_networks(
        self,
        loss: LossLike,
        optimizers: Mapping[str, OptimizerLike],
        jit_compile: bool | str,
        penalty: PenaltiesLike = (),
        ema_momentum: MomentumLike = None,
        **compile_arguments: Any,
    ) -> None:
        """Configure the parts that all models share.

        Args:
            loss: An adversarial loss, as `losses.get` takes it.
            optimizers: Dict from each name in `trained_networks` to an optimizer, its name, or `None` for
                `Adam(2e-4, beta_1=0.5)`.
            jit_compile: Boolean, or `"auto"`, which compiles with XLA as Keras does, but not on a CPU.
            penalty: Penalties, as `penalties.get_all` takes them. Defaults to none.
            ema_momentum: Momentum of the averages, as `ema.get_momentum` takes it. Defaults to `None`, no averages.
            **compile_arguments: Other arguments of `keras.Model.compile`.

        Raises:
            ValueError: If an argument is not one of those.
        """
        check_optimizers_differ(optimizers)
        if jit_compile == "auto" and not tf.config.list_physical_devices("GPU"):
            jit_compile = False
        super().compile(optimizer=None, jit_compile=jit_compile, **compile_arguments)
        self.loss = losses.get(loss)
        self.penalties = penalties.get_all(penalty)
        for one in self.generator_penalties:
            if not self.has_generator_penalties:
                raise ValueError(
                    f"A penalty of the generator is not supported by {type(self).__name__}, only by keras_gan.GAN. "
                    f"Received: penalties={type(one).__name__}"
                )
        self.penalty_layers = [layer for one in self.generator_penalties for layer in one.layers]
        of_both = {
            "d_penalty": len(self.penalties) > len(self.generator_penalties),
            "g_penalty": self.generator_penalties,
        }
        self.penalty_trackers = {name: keras.metrics.Mean(name=name) for name, given in of_both.items() if given}
        self.ema_momentum = ema.get_momentum(ema_momentum)
        if self.ema_momentum is None:
            self.averages = {}
        elif not self.averages:
            self.start_averages()
        for name, optimizer in optimizers.items():
            setattr(self, name, build_optimizer(optimizer, getattr(self, self.trained_networks[name])))
            if name.startswith("d_"):
                network = self.trained_networks[name]
                warn_of_normalization(network, getattr(self, network), self.penalties)

    def recompile(self, **changes: Any) -> None:
        """Compile again with some arguments changed. Callbacks may call it during `fit`.

        The optimizers keep their state, and so do the averages.

        Args:
            **changes: Arguments of `compile`.

        Example:
        ```python
        gan.recompile(loss="non_saturating", penalties=["r1"])
        ```
        """
        names = (*self.trained_networks, *self.compile_objects, *self.compile_settings)
        stop = self.stop_training
        with self.distribute_strategy.scope():
            self.compile(**({name: getattr(self, name) for name in names} | changes))
        self.stop_training = stop
        self.make_train_function()

    @property
    def generator_penalties(self) -> list[penalties.GeneratorPenalty]:
        """Penalties that the generator minimises, of `penalties`."""
        return [one for one in self.penalties if isinstance(one, penalties.GeneratorPenalty)]

    def supports_gradient_penalties(self, name: str) -> bool:
        """Returns `False` if gradient penalties of a discriminator would be wrong, because it normalises by moments.

        Args:
            name: Attribute of the discriminator.
        """
        return not moment_normalizations(getattr(self, name))

    # ------------------------------------------------------------------ fit

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
        """Train as `keras.Model.fit` does, after a check of the data."""
        for name in ("class_weight", "sample_weight"):
            if kwargs.get(name) is not None:
                raise ValueError(f"`{name}` is not supported. Received: {type(kwargs[name]).__name__}")
        if batch_size is not None and batch_size < 1:
            raise ValueError(f"`batch_size` must be at least 1. Received: batch_size={batch_size}")
        self._assert_compile_called("fit")
        advise_onednn()
        data = x if y is None else (x, y)
        check = self.data_check(data)
        if int(self.averaged_updates.numpy()) == 0:
            # The networks may have got other weights since `compile`.
            for name, average in self.averages.items():
                average.set_weights(getattr(self, name).get_weights())
        if kwargs.get("validation_data") is not None:
            kwargs["validation_data"] = check.wrap(kwargs["validation_data"])
        data, kwargs = self.join_minibatches(check.wrap(data), batch_size or 32, kwargs)
        x, y = split_batch(data)
        if isinstance(x, tf.data.Dataset):
            kwargs.setdefault("shuffle", False)  # otherwise Keras warns that the data set shuffles itself
        self._warn_of_frozen_layers()
        with plain_errors():
            return super().fit(x, y, batch_size, epochs, verbose, callbacks, **kwargs)

    def _warn_of_frozen_layers(self) -> None:
        """Warn if layers were frozen or unfrozen since the graph of the training step was made."""
        networks = self.trained_networks.values()
        now = {name: [variable.path for variable in getattr(self, name).trainable_variables] for name in networks}
        if self.train_function is None:
            self._traced = now
            return
        changed = [f"`{name}`" for name in networks if now[name] != self._traced.get(name, now[name])]
        if changed:
            warnings.warn(
                "Layers that were frozen or unfrozen after `fit()` change nothing until the next `compile()`. "
                f"Received: other trainable weights of {' and '.join(changed)}, and no `compile()` since",
                KerasGANWarning,
                stacklevel=3,
            )

    def evaluate(self, x: Data | None = None, y: ArrayLike | None = None, *args: Any, **kwargs: Any) -> Any:
        """Measure the losses on held-out images, as `keras.Model.evaluate` does.

        Args:
            x: Data as `fit` takes them.
            y: Labels, or images of the other domain, as `fit` takes them. Defaults to `None`.
            *args: Arguments of `keras.Model.evaluate`.
            **kwargs: Arguments of `keras.Model.evaluate`.

        Raises:
            ValueError: If `fit` would not accept the data.
        """
        if not kwargs.get("_use_cached_eval_dataset"):  # otherwise `fit` has checked them
            data = x if y is None else (x, y)
            x, y = split_batch(self.data_check(data).wrap(data))
        with plain_errors():
            return super().evaluate(x, y, *args, **kwargs)

    @abc.abstractmethod
    def data_check(self, data: Data) -> DataCheck:
        """Returns the check that data have to pass before the model learns from them.

        Args:
            data: The data that `fit` received.
        """

    def join_minibatches(self, data: Data, batch_size: int, kwargs: Config) -> tuple[Data, Config]:
        """Returns the data as batches for `train_step`, and the arguments of `fit` that belong to them."""
        return data, kwargs

    # ------------------------------------------------------------------ one step

    def update_discriminator(
        self, optimizer: str, critic: Critic, real: Tensor, fake: Tensor, joint: Critic | None = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Update one discriminator by the gradient of its loss and of the penalties.

        Args:
            optimizer: Attribute of the discriminator's optimizer.
            critic: The discriminator in training mode, from images to logits.
            real: Real images.
            fake: Generated images, which are constants here.
            joint: The discriminator for real and generated images in one batch, real ones first. Defaults to `None`:
                each batch has a pass of its own.

        Returns:
            The loss without the penalties, the logits of the real images and those of the generated images.
        """
        d_optimizer, discriminator = getattr(self, optimizer), getattr(self, self.trained_networks[optimizer])
        step, seed = d_optimizer.iterations, self.step_seed(optimizer, PENALTIES)
        with tf.GradientTape() as tape:
            if joint is not None:
                critic = JudgedImages(critic, joint, real, fake, self.penalties)
                real_logits, fake_logits = critic.logits
            else:
                real_logits, fake_logits = critic(real), critic(fake)
            loss = self.loss.discriminator_loss(real_logits, fake_logits)
            of_discriminator = [one for one in self.penalties if not isinstance(one, penalties.GeneratorPenalty)]
            penalty = sum(one(critic, real, fake, step, seed) for one in of_discriminator)
            objective = loss + penalty
        minimize(objective, tape, (d_optimizer, discriminator))
        for one in self.penalties:
            one.constrain(discriminator.trainable_variables)
        if "d_penalty" in self.penalty_trackers:
            self.penalty_trackers["d_penalty"].update_state(penalty)
        return loss, real_logits, fake_logits

    def step_seed(self, optimizer: str, stream: int) -> Tensor:
        """Returns the seed of a step's random numbers, which differs between steps and replicas.

        It depends only on the model's seed and an optimizer's count, and a file of the model holds both. So training
        that is resumed continues with the same random numbers.

        Args:
            optimizer: Attribute of the optimizer whose updates are counted.
            stream: Number of the use in a step; two uses get different random numbers.

        Returns:
            An int64 tensor (2,), for functions such as `tf.random.stateless_uniform`.
        """
        own = tf.constant(self.seed + (stream << 32), tf.int64)
        if tf.distribute.get_strategy().num_replicas_in_sync > 1:
            replica = tf.distribute.get_replica_context().replica_id_in_sync_group
            own += tf.cast(replica, tf.int64) * 2**48
        return tf.stack([own, tf.cast(getattr(self, optimizer).iterations, tf.int64)])

    # ------------------------------------------------------------------ averages

    def start_averages(self) -> None:
        """Create the averages, as copies of the networks."""
        self.averages = {name: ema.copy_network(getattr(self, name)) for name in self.averaged_networks}
        self.averaged_updates.assign(0)

    def update_averages(self, images: Tensor) -> None:
        """Update the averages, after an update of the networks.

        Args:
            images: Batch of this replica in that update. Its size decides the momentum of a `HalfLife`.
        """
        if not self.averages or self.ema_momentum is None:
            return
        batch_size = minibatches.batch_size(images) * tf.distribute.get_strategy().num_replicas_in_sync
        momentum = ema.momentum_at(self.ema_momentum, self.averaged_updates, batch_size)
        for name, average in self.averages.items():
            ema.update(average, getattr(self, name), momentum)
        self.averaged_updates.assign_add(1)

    def inference_network(self, name: str) -> keras.Model:
        """Returns the network that makes images: the average of a generator if there is one, else the generator."""
        return self.averages.get(name, getattr(self, name))

    # ------------------------------------------------------------------ export

    def export(self, directory: PathLike, format: str | Sequence[str] | None = None, **kwargs: Any) -> ExportReport:
        """Export a generator and check that each exported file makes the same images as Keras.

        `directory/<name>/<version>/` then holds the files, as TensorFlow Serving expects them.

        Args:
            directory: Folder of all exported models. Created if it is missing.
            format: Name of a format, or several names: `"saved_model"`, `"tflite"`, `"onnx"`, `"onnx_float16"`, ...
                Keras's names `"tf_saved_model"` and `"litert"` work too. Defaults to `None`: SavedModel, TFLite and
                ONNX.
            **kwargs: Other arguments of `keras_gan.export.export_generator`: name, version, tolerance, ... Of a
                CycleGAN, `generator="f"` exports the generator from Y to X.

        Returns:
            A `keras_gan.export.ExportReport`.

        Raises:
            ValueError: If an argument is not supported.
            keras_gan.export.ExportError: If a file cannot be written or its images differ. Nothing is exported then.

        Example:
        ```python
        gan.export("exported", format=("tflite", "onnx"), name="digits")
        ```
        """
        from keras_gan.export import export_generator

        if format is not None:
            if "formats" in kwargs:
                raise ValueError(f"Pass `format` or `formats`. Received: format={format!r} and {kwargs['formats']!r}")
            names = (format,) if isinstance(format, str) else tuple(format)
            kwargs["formats"] = tuple(KERAS_FORMATS.get(name, name) for name in names)
        return export_generator(self, directory, **kwargs)
