"""What every model with two players shares: two optimizers, safe files, and all of the state saved."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from keras_gan.files import atomic_path


class AdversarialModel(keras.Model):
    """A `keras.Model` whose `train_step` updates several networks, each by its own optimizer."""

    def apply_gradients_of(self, loss: Any, tape: tf.GradientTape, optimizer: Any, network: keras.Model) -> Any:
        """Update `network` by the gradient of `loss`.

        Args:
            loss: A scalar that `scale_loss` returned, recorded on `tape`.
            tape: The tape.
            optimizer: The network's optimizer.
            network: The network.

        Returns:
            The norm of the gradient that was applied, a float32 scalar.
        """
        variables = network.trainable_variables
        gradients = tape.gradient(loss, [variable.value for variable in variables])
        present = [gradient for gradient in gradients if gradient is not None]
        scale = scale_loss(1.0, optimizer)
        # No variable changes, the optimizer's counter included, before every gradient that reads it is there. Without
        # the barrier a graph under CPU contention was seen to assign first, and one whose batch failed to count it.
        with tf.control_dependencies(present):
            gradients = [None if gradient is None else tf.identity(gradient) for gradient in gradients]
            optimizer.apply(gradients, variables)
        return tf.linalg.global_norm([tf.cast(gradient, tf.float32) for gradient in present]) / scale

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
        """Not for a model of two players: `keras_gan.export.export_generator(gan, directory)` exports its generator.

        Raises:
            NotImplementedError: Always.
        """
        raise NotImplementedError("A GAN's generator is exported by keras_gan.export.export_generator(gan, directory)")

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
    return optimizer


def _check_path(filepath: str | os.PathLike[str], suffix: str, overwrite: bool) -> None:
    if not os.fspath(filepath).endswith(suffix):
        raise ValueError(f"`filepath` must end in {suffix}. Received: {filepath}")
    if Path(filepath).is_dir():
        raise FileExistsError(f"`filepath` must be a file. Received: {filepath}, which is a folder")
    if not overwrite and os.path.exists(filepath):
        raise FileExistsError(f"`filepath` is there already; pass overwrite=True to replace it. Received: {filepath}")
