"""What every model of several players shares: an optimizer each, checked data, safe files, all of the state saved."""

from __future__ import annotations

import abc
import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import keras
import tensorflow as tf

from keras_gan import losses, penalties
from keras_gan.errors import KerasGANWarning
from keras_gan.models import ema, minibatches
from keras_gan.models.data_checks import Checks, plain_errors, split_batch
from keras_gan.networks.inspection import moment_normalizations
from keras_gan.utils.files import atomic_path
from keras_gan.utils.registration import register_with_keras

if keras.backend.backend() != "tensorflow":
    raise ImportError(
        "keras_gan trains with Keras's TensorFlow backend: set KERAS_BACKEND=tensorflow before importing keras. "
        f"Received: the {keras.backend.backend()} backend"
    )

# What a step draws random numbers for; each replica has its own.
PENALTIES, AUGMENTATION_OF_D, AUGMENTATION_OF_G = 1, 2, 3
LARGEST_SCALE = 2.0**24  # of a loss in float16


class AdversarialModel(keras.Model):
    """A `keras.Model` whose `train_step` updates several networks, each by its own optimizer.

    Attributes:
        players: The network that each optimizer updates, by the names of both, which are arguments of `compile` and of
            `__init__`.
        settings: The other arguments of `__init__`, which are attributes of the same names.
        compile_settings: The other arguments of `compile`, which are too.
        drawing: The attributes of the networks whose images people see, and of which averages are kept.
        seed: Fixes the random numbers of training.
        penalties: What `compile` was given.
        ema_momentum: What `compile` was given.
        averages: The averaged network of each of `drawing`; empty without `ema_momentum`.
        averaged_updates: How many updates the averages have had; it goes on when the model is compiled anew.
    """

    players: ClassVar[dict[str, str]]
    settings: ClassVar[tuple[str, ...]]
    compile_settings: ClassVar[tuple[str, ...]] = ("jit_compile", "run_eagerly", "steps_per_execution")
    compile_objects: ClassVar[tuple[str, ...]] = ("loss", "penalties", "ema_momentum")
    drawing: ClassVar[tuple[str, ...]]
    seed: int = 0
    stop_training: bool  # Keras's

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.penalties: tuple[penalties.Penalty, ...] = ()
        self.ema_momentum: Any = None
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

    # ------------------------------------------------------------------ training

    def compile_players(
        self,
        loss: Any,
        optimizers: dict[str, Any],
        jit_compile: bool | str,
        penalty: Any = (),
        ema_momentum: Any = None,
        **compile_arguments: Any,
    ) -> None:
        """Compile, as far as all models do it alike.

        Args:
            loss: What `losses.get` takes.
            optimizers: The optimizer, or its name, of each of `players`; `None` for `Adam(2e-4, beta_1=0.5)`.
            penalty: What `penalties.get_all` takes. Defaults to none.
            ema_momentum: What `ema.checked` takes. Defaults to `None`.
            jit_compile: As Keras's, but `"auto"` does not mean XLA on a CPU alone.
            **compile_arguments: For `keras.Model.compile`.

        Raises:
            ValueError: If an argument is not one of those.
        """
        given = [optimizer for optimizer in optimizers.values() if isinstance(optimizer, keras.optimizers.Optimizer)]
        if len({id(optimizer) for optimizer in given}) < len(given):
            names = [f"`{name}`" for name in optimizers]
            raise ValueError(
                f"{', '.join(names[:-1])} and {names[-1]} must be {len(names)} objects. Received: the same one twice"
            )
        if jit_compile == "auto" and not tf.config.list_physical_devices("GPU"):
            jit_compile = False
        super().compile(optimizer=None, jit_compile=jit_compile, **compile_arguments)
        self.loss = losses.get(loss)
        self.penalties = penalties.get_all(penalty)
        self.penalty_trackers = {"d_penalty": keras.metrics.Mean(name="d_penalty")} if self.penalties else {}
        self.ema_momentum = ema.checked(ema_momentum)
        if self.ema_momentum is None:
            self.averages = {}
        elif not self.averages:
            self.make_averages()
        for name, optimizer in optimizers.items():
            setattr(self, name, built_optimizer(optimizer, getattr(self, self.players[name])))
            if name.startswith("d_"):
                self._warn_of_normalization(self.players[name])

    def recompile(self, **changes: Any) -> None:
        """Compile anew with some arguments changed, also in the midst of `fit`.

        The optimizers go on with their slots, and the averages as they are.

        Args:
            **changes: Arguments of `compile`.

        Example:
        ```python
        gan.recompile(loss="non_saturating", penalties=["r1"])
        ```
        """
        names = (*self.players, *self.compile_objects, *self.compile_settings)
        stop = self.stop_training
        with self.distribute_strategy.scope():
            self.compile(**({name: getattr(self, name) for name in names} | changes))
        self.stop_training = stop
        self.make_train_function()

    def make_averages(self) -> None:
        """Begin the averages that `ema_momentum` keeps, from the networks as they are."""
        self.averages = {name: ema.twin(getattr(self, name)) for name in self.drawing}
        self.averaged_updates.assign(0)

    def drawn(self, name: str) -> keras.Model:
        """The network of `drawing` that images are made with: its average, if one is kept."""
        return self.averages.get(name, getattr(self, name))

    def takes_gradient_penalties(self, name: str) -> bool:
        """Whether a network can be differentiated twice, and its answer to an image depends on that image alone.

        Args:
            name: The attribute of a discriminator.
        """
        return not moment_normalizations(getattr(self, name))

    def _warn_of_normalization(self, name: str) -> None:
        of_gradient = [type(penalty).__name__ for penalty in self.penalties if penalty.per_image]
        found = moment_normalizations(getattr(self, name))
        if of_gradient and found:
            batch = "; each of its logits depends on the whole batch besides" if "BatchNormalization" in found else ""
            warnings.warn(
                f"`{name}` is differentiated twice for {' and '.join(of_gradient)}, which TensorFlow does wrongly "
                f"through {' and '.join(found)}{batch}. Give it no normalisation, "
                "keras_gan.layers.SpectralNormalization or keras_gan.layers.InstanceNormalization. "
                f"Received: {name}={getattr(self, name).name!r}",
                KerasGANWarning,
                stacklevel=4,
            )

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
        """Train, as `keras.Model.fit`, on data that were checked."""
        for name in ("class_weight", "sample_weight"):
            if kwargs.get(name) is not None:
                raise ValueError(f"A GAN has no use for `{name}`. Received: {type(kwargs[name]).__name__}")
        if batch_size is not None and batch_size < 1:
            raise ValueError(f"`batch_size` must be at least 1. Received: batch_size={batch_size}")
        self._assert_compile_called("fit")
        data = x if y is None else (x, y)
        checks = self.checks_for(data)
        if int(self.averaged_updates.numpy()) == 0:
            # The networks may have got other weights since `compile`.
            for name, average in self.averages.items():
                average.set_weights(getattr(self, name).get_weights())
        if kwargs.get("validation_data") is not None:
            kwargs["validation_data"] = checks.checked(kwargs["validation_data"])
        data, kwargs = self.grouped(checks.checked(data), batch_size or 32, kwargs)
        x, y = split_batch(data)
        if isinstance(x, tf.data.Dataset):
            kwargs.setdefault("shuffle", False)  # Keras warns otherwise that the data set shuffles itself
        with plain_errors():
            return super().fit(x, y, batch_size, epochs, verbose, callbacks, **kwargs)

    def evaluate(self, x: Any = None, y: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Measure the losses on held-out images, as `keras.Model.evaluate`.

        Args:
            x: As in `fit`.
            y: As in `fit`.
            *args: As `keras.Model.evaluate`.
            **kwargs: As `keras.Model.evaluate`.

        Raises:
            ValueError: As `fit`.
        """
        if not kwargs.get("_use_cached_eval_dataset"):  # then `fit` has seen to them
            data = x if y is None else (x, y)
            x, y = split_batch(self.checks_for(data).checked(data))
        with plain_errors():
            return super().evaluate(x, y, *args, **kwargs)

    @abc.abstractmethod
    def checks_for(self, data: Any) -> Checks:
        """What `data` must be for the model to learn from them.

        Args:
            data: What `fit` got.
        """

    def grouped(self, data: Any, batch_size: int, kwargs: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        """The checked data as batches for `train_step`, and the arguments of `fit` that go with them."""
        return data, kwargs

    def apply_gradients_of(self, loss: Any, tape: tf.GradientTape, *names: str) -> list[Any]:
        """Update networks by the gradient of one loss.

        Args:
            loss: A scalar, recorded on `tape`, that `scale_loss` returned for the first optimizer.
            tape: The tape.
            *names: The optimizers' names, keys of `players`.

        Returns:
            For each the norm of the gradient that was applied, a float32 scalar.
        """
        optimizers = [getattr(self, name) for name in names]
        variables = [getattr(self, self.players[name]).trainable_variables for name in names]
        scales = [tf.convert_to_tensor(scale_loss(1.0, optimizer), tf.float32) for optimizer in optimizers]
        # Each optimizer has a float16 scale of its own; the backward pass has to hold at the least of them.
        least = tf.reduce_min(tf.stack(scales))
        weight = tf.cast(least / scales[0], loss.dtype)
        sources = [[variable.value for variable in part] for part in variables]
        gradients = tape.gradient(loss, sources, output_gradients=weight)
        gradients = [share_of_all(part, *one) for part, *one in zip(gradients, optimizers, scales, strict=True)]
        present = [[gradient for gradient in part if gradient is not None] for part in gradients]
        norms = [tf.linalg.global_norm([tf.cast(g, tf.float32) for g in part]) / least for part in present]
        # No variable changes, the optimizer's counter included, before every gradient that reads it is there. Without
        # the barrier a graph under CPU contention was seen to assign first, and one whose batch failed to count it.
        with tf.control_dependencies(tf.nest.flatten(present)):
            for optimizer, scale, part, own in zip(optimizers, scales, gradients, variables, strict=True):
                ready = [None if gradient is None else tf.identity(gradient) for gradient in part]
                if len(optimizers) > 1:
                    ready = [g if g is None else g * tf.cast(scale / least, g.dtype) for g in ready]
                optimizer.apply(ready, own)
                limit_scale(optimizer)
        return norms

    def update_discriminator(
        self, optimizer: str, critic: Callable[[Any], Any], real: Any, fake: Any
    ) -> tuple[Any, Any, Any]:
        """Update one discriminator by the gradient of its loss and of the penalties.

        Args:
            optimizer: The discriminator's optimizer, a key of `players`.
            critic: The discriminator in training mode, from images to logits.
            real: Real images.
            fake: Generated images, which are constants here.

        Returns:
            The loss without the penalties, and the logits of the real and of the generated images.
        """
        d_optimizer = getattr(self, optimizer)
        step, seed = d_optimizer.iterations, self.seed_of_step(optimizer, PENALTIES)
        with tf.GradientTape() as tape:
            real_logits, fake_logits = critic(real), critic(fake)
            loss = self.loss.discriminator_loss(real_logits, fake_logits)
            penalty = sum(one(critic, real, fake, step, seed) for one in self.penalties)
            scaled_loss = scale_loss(loss + penalty, d_optimizer)
        self.apply_gradients_of(scaled_loss, tape, optimizer)
        for one in self.penalties:
            one.constrain(getattr(self, self.players[optimizer]).trainable_variables)
        for tracker in self.penalty_trackers.values():
            tracker.update_state(penalty)
        return loss, real_logits, fake_logits

    def update_averages(self, images: Any) -> None:
        """Move the averages of `drawing` by one step, after the generators' update.

        Args:
            images: The batch of this replica that the update was made with.
        """
        if not self.averages:
            return
        batch_size = minibatches.batch_size(images) * tf.distribute.get_strategy().num_replicas_in_sync
        momentum = ema.momentum_of(self.ema_momentum, self.averaged_updates, batch_size)
        for name, average in self.averages.items():
            ema.update(average, getattr(self, name), momentum)
        self.averaged_updates.assign_add(1)

    def seed_of_step(self, optimizer: str, stream: int) -> Any:
        """What a step's random numbers depend on, other ones on each replica; all of it is saved.

        Args:
            optimizer: The optimizer whose updates are counted.
            stream: Tells apart what is drawn in one step.

        Returns:
            An int64 tensor (2,), for `tf.random.stateless_uniform` and its like.
        """
        own = tf.constant(self.seed + (stream << 32), tf.int64)
        if tf.distribute.get_strategy().num_replicas_in_sync > 1:
            replica = tf.distribute.get_replica_context().replica_id_in_sync_group
            own += tf.cast(replica, tf.int64) * 2**48
        return tf.stack([own, tf.cast(getattr(self, optimizer).iterations, tf.int64)])

    # ------------------------------------------------------------------ saving

    def save(self, filepath: str | os.PathLike[str], overwrite: bool = True, **kwargs: Any) -> None:
        """Save the whole model: networks, optimizers, compile arguments, seeds.

        What stood at `filepath` is replaced only when the new file is complete.

        Args:
            filepath: A path that ends in `.keras`.
            overwrite: Replace a file that is there. Defaults to `True`.
            **kwargs: As `keras.Model.save`.

        Raises:
            ValueError: If `filepath` ends otherwise.
            FileExistsError: If the file is there and `overwrite` is false, or is a folder.
        """
        _check_path(filepath, ".keras", overwrite)
        with atomic_path(filepath) as temporary:
            super().save(temporary, **kwargs)

    def save_weights(self, filepath: str | os.PathLike[str], overwrite: bool = True, **kwargs: Any) -> None:
        """Save the weights, optimizers and seeds included, in the manner of `save`.

        Args:
            filepath: A path that ends in `.weights.h5`.
            overwrite: Replace a file that is there. Defaults to `True`.
            **kwargs: As `keras.Model.save_weights`.

        Raises:
            ValueError: If `filepath` ends otherwise.
            FileExistsError: If the file is there and `overwrite` is false, or is a folder.
        """
        _check_path(filepath, ".weights.h5", overwrite)
        with atomic_path(filepath) as temporary:
            super().save_weights(temporary, **kwargs)

    def export(self, *args: Any, **kwargs: Any) -> None:
        """Not for a model of several players: `keras_gan.export.export_generator(model, directory)` exports one.

        Raises:
            NotImplementedError: Always.
        """
        raise NotImplementedError("A generator is exported by keras_gan.export.export_generator(model, directory)")

    def get_config(self) -> dict[str, Any]:
        """The arguments of `__init__`, the networks serialised."""
        networks = {name: keras.saving.serialize_keras_object(getattr(self, name)) for name in self.players.values()}
        config = networks | {name: getattr(self, name) for name in self.settings}
        return config | {"averaged": True} if self.averages else config

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> AdversarialModel:
        """The model that `get_config` described."""
        networks = {
            name: keras.saving.deserialize_keras_object(config[name], custom_objects=custom_objects)
            for name in cls.players.values()
        }
        config = {**config, **networks}
        averaged = config.pop("averaged", False)
        model = cls(**config)
        if averaged:  # a model that is loaded without being compiled draws with them, too
            model.make_averages()
        return model

    def get_compile_config(self) -> dict[str, Any] | None:
        """The arguments of `compile`, serialised; `None` of a model that is not compiled."""
        if not self.compiled:
            return None
        names = (*self.players, *self.compile_objects)
        objects = {name: keras.saving.serialize_keras_object(getattr(self, name)) for name in names}
        return objects | {name: getattr(self, name) for name in self.compile_settings}

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """Compile as `get_compile_config` described, the optimizers ready to take up their slots."""
        self.compile(**config)

    def recipe(self) -> dict[str, Any]:
        """How the networks were trained so far, as plain data for an export's manifest."""
        recipe: dict[str, Any] = {"model": type(self).__name__}
        recipe |= {name: getattr(self, name).name for name in self.players.values()}
        recipe |= {f"{name}_parameters": getattr(self, name).count_params() for name in self.players.values()}
        recipe |= {name: getattr(self, name) for name in self.settings if name != "name"}
        if self.compiled:
            recipe |= self.get_compile_config() or {}
            for name in self.players:
                recipe[name.replace("optimizer", "updates")] = int(getattr(self, name).iterations)
        return recipe

    def save_own_variables(self, store: Any) -> None:
        """Keras's own, and the random states of the layers (dropout), which it leaves out."""
        super().save_own_variables(store)
        for i, generator in enumerate(self._all_seed_generators()):
            store[f"seed_generator_{i}"] = generator.state.numpy()

    def load_own_variables(self, store: Any) -> None:
        """Take up what `save_own_variables` wrote."""
        for i, generator in enumerate(self._all_seed_generators()):
            generator.state.assign(store[f"seed_generator_{i}"])
        own = {key: store[key] for key in store.keys() if not key.startswith("seed_generator_")}  # noqa: SIM118
        super().load_own_variables(own)

    def _all_seed_generators(self) -> list[Any]:
        found = [generator for layer in self._flatten_layers() for generator in layer._seed_generators]
        return list({id(generator): generator for generator in found}.values())


def scale_loss(loss: Any, optimizer: Any) -> Any:
    """The loss whose gradient the optimizer expects.

    It is divided by the number of replicas, over which Keras's optimizers sum, and multiplied by float16's scale.
    """
    if len(getattr(loss, "shape", ())) > 0:
        raise ValueError(f"A loss must be a scalar, the mean over the batch. Received: shape {tuple(loss.shape)}")
    return optimizer.scale_loss(loss / tf.distribute.get_strategy().num_replicas_in_sync)


def share_of_all(gradients: list[Any], optimizer: Any, scale: Any) -> list[Any]:
    """Gradients of which the sum over the replicas, which Keras's optimizers apply, is the one that was meant.

    Keras clips, and looks for float16's overflows, on each replica before that sum. So where one replica's part would
    be treated otherwise than another's, all get the same share of what is summed, and clipped, here.

    Args:
        gradients: Of one replica's loss, each a tensor or `None`.
        optimizer: What will apply them.
        scale: What the loss was multiplied by, the number of replicas included.

    Returns:
        As many gradients.
    """
    replicas = tf.distribute.get_strategy().num_replicas_in_sync
    inner = getattr(optimizer, "inner_optimizer", optimizer)
    clips = inner.clipnorm or inner.global_clipnorm or inner.clipvalue
    if replicas == 1 or not (clips or inner is not optimizer):
        return gradients
    context = tf.distribute.get_replica_context()
    factor = tf.cast(scale, tf.float32) * replicas
    whole = [g if g is None else context.all_reduce("SUM", tf.convert_to_tensor(g)) for g in gradients]
    unscaled = [g if g is None else tf.cast(g, tf.float32) / factor for g in whole]
    return [g if g is None else g * (factor / replicas) for g in inner._clip_gradients(unscaled)]


def limit_scale(optimizer: Any) -> None:
    """Keep float16's scale of an optimizer finite.

    Beside an optimizer whose scale is smaller, and is the one that is used, nothing would stop it from doubling.

    Args:
        optimizer: An optimizer that was applied.
    """
    if not isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        return

    def limit(strategy: Any, scale: Any) -> None:
        strategy.extended.update(scale, lambda copy: copy.assign(tf.minimum(copy, LARGEST_SCALE)))

    tf.distribute.get_replica_context().merge_call(limit, args=(optimizer.dynamic_scale.value,))


def built_optimizer(optimizer: Any, network: keras.Model) -> keras.optimizers.Optimizer:
    """The optimizer that is meant, with slots for the network's variables, guarded against float16's underflow.

    Args:
        optimizer: An optimizer, its name or its serialised form; `None` for DCGAN's `Adam(2e-4, beta_1=0.5)`.
        network: What it will update.

    Raises:
        ValueError: If the optimizer asks for what an adversarial model does not do.
    """
    optimizer = keras.optimizers.Adam(2e-4, beta_1=0.5) if optimizer is None else keras.optimizers.get(optimizer)
    inner = getattr(optimizer, "inner_optimizer", optimizer)
    for name in ("use_ema", "gradient_accumulation_steps"):
        if getattr(inner, name, None):
            raise ValueError(
                f"An optimizer with `{name}` has no use in a GAN: averaged weights would not be drawn with, and "
                f"accumulated steps would share their noise. Received: {name}={getattr(inner, name)}"
            )
    half = any(layer.compute_dtype == "float16" for layer in network._flatten_layers())
    if half and not isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
    if not optimizer.built:
        optimizer.build(network.trainable_variables)
    known = {id(variable) for variable in getattr(optimizer, "inner_optimizer", optimizer)._trainable_variables}
    if not all(id(variable) in known for variable in network.trainable_variables):
        raise ValueError(
            "An optimizer keeps moments of the weights that it was made or used for: give each network a new one. "
            f"Received: for {network.name}, {type(optimizer).__name__} of other weights"
        )
    return optimizer


def _check_path(filepath: str | os.PathLike[str], suffix: str, overwrite: bool) -> None:
    if not os.fspath(filepath).endswith(suffix):
        raise ValueError(f"`filepath` must end in {suffix}. Received: {filepath}")
    if Path(filepath).is_dir():
        raise FileExistsError(f"`filepath` must be a file. Received: {filepath}, which is a folder")
    if not overwrite and os.path.exists(filepath):
        raise FileExistsError(f"`filepath` is there already; pass overwrite=True to replace it. Received: {filepath}")


register_with_keras()
