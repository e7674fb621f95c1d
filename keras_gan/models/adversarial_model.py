"""Base class for models that train several networks, each with its own optimizer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import keras
import tensorflow as tf

from keras_gan import losses, penalties
from keras_gan.models import ema
from keras_gan.models.all_optimizers import AllOptimizers
from keras_gan.models.exportable_model import ExportableModel
from keras_gan.models.fused_batch_normalization import fuse_batch_normalization
from keras_gan.models.network_checks import warn_of_normalization
from keras_gan.models.optimizers import build_optimizer, check_optimizers_differ
from keras_gan.models.trainer import Trainer
from keras_gan.networks.data_format import check_data_format
from keras_gan.networks.inspection import moment_normalizations
from keras_gan.typing import LossLike, MomentumLike, OptimizerLike, PenaltiesLike, Tensor

if keras.backend.backend() != "tensorflow":
    raise ImportError(
        "keras_gan trains with Keras's TensorFlow backend: set KERAS_BACKEND=tensorflow before importing keras. "
        f"Received: the {keras.backend.backend()} backend"
    )


class AdversarialModel(Trainer, ExportableModel):
    """Base class for models that train several networks, each with its own optimizer.

    A subclass lists its networks in `trained_networks`, its arguments in `settings` and `compile_settings`, and writes
    `data_check`, `train_step` and `test_step`.

    Attributes:
        has_generator_penalties: `True` if the generator minimises penalties too.
        seed: Integer that fixes the random numbers of training.
        loss: The `AdversarialLoss` of `compile`.
        penalties: The penalties of `compile`.
    """

    has_generator_penalties: ClassVar[bool] = False
    seed: int = 0
    stop_training: bool  # Keras's

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.penalties: tuple[penalties.Penalty, ...] = ()
        self.penalty_trackers: dict[str, keras.metrics.Metric] = {}
        check_data_format()

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
        penalty: PenaltiesLike = (),
        ema_momentum: MomentumLike = None,
        *,
        jit_compile: bool | str = "auto",
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
    ) -> None:
        """Configure the parts that all models share.

        Args:
            loss: An adversarial loss, as `losses.get` takes it.
            optimizers: Dict from each name in `trained_networks` to an optimizer, its name, or `None` for
                `Adam(2e-4, beta_1=0.5)`.
            penalty: Penalties, as `penalties.get_all` takes them. Defaults to none.
            ema_momentum: Momentum of the averages, as `ema.get_momentum` takes it. Defaults to `None`, no averages.
            jit_compile: Boolean or `"auto"`. If `True`, XLA compiles the step. Defaults to `"auto"`: Keras decides if
                there is a GPU, and `False` otherwise.
            run_eagerly: Boolean. If `True`, the step runs without a graph, for debugging. Defaults to `False`.
            steps_per_execution: Number of steps in one call of the graph. Defaults to 1.

        Raises:
            ValueError: If an argument is not one of those.
        """
        check_optimizers_differ(optimizers)
        # Everything is checked before anything changes, so that a refused argument leaves no trace.
        adversarial, found, momentum = losses.get(loss), penalties.get_all(penalty), ema.get_momentum(ema_momentum)
        self.check_generator_penalties([one for one in found if isinstance(one, penalties.GeneratorPenalty)])
        if jit_compile == "auto" and not tf.config.list_physical_devices("GPU"):
            jit_compile = False
        super().compile(
            optimizer=None,
            jit_compile=jit_compile,
            run_eagerly=run_eagerly,
            steps_per_execution=steps_per_execution,
        )
        self.loss, self.penalties, self.ema_momentum = adversarial, found, momentum
        self.penalty_layers = [layer for one in self.generator_penalties for layer in one.layers]
        of_both = {
            "d_penalty": len(self.penalties) > len(self.generator_penalties),
            "g_penalty": self.generator_penalties,
        }
        self.penalty_trackers = {name: keras.metrics.Mean(name=name) for name, given in of_both.items() if given}
        if self.ema_momentum is None:
            self.averages = {}
        elif not self.averages:
            self.start_averages()
        for name, optimizer in optimizers.items():
            setattr(self, name, build_optimizer(optimizer, getattr(self, self.trained_networks[name])))
            if name.startswith("d_"):
                network = self.trained_networks[name]
                warn_of_normalization(network, getattr(self, network), self.penalties)
        for network in self.trained_networks.values():
            fuse_batch_normalization(getattr(self, network), enabled=not self.penalties)

    def check_generator_penalties(self, given: Sequence[penalties.GeneratorPenalty]) -> None:
        """Raises `ValueError` if the model does not support penalties of the generator.

        Args:
            given: Penalties of the generator.
        """
        if given and not self.has_generator_penalties:
            raise ValueError(
                f"A penalty of the generator is not supported by {type(self).__name__}, only by keras_gan.GAN. "
                f"Received: penalties={type(given[0]).__name__}"
            )

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
