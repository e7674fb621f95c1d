"""Base class for models whose `fit` and `evaluate` check the data first."""

from __future__ import annotations

import abc
import warnings
from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from keras_gan.errors import KerasGANWarning
from keras_gan.models.batch_statistics import LEAST_UPDATES, batch_normalizations, warn_of_batch_statistics
from keras_gan.models.data_check import DataCheck, plain_errors, split_batch
from keras_gan.models.onednn_advice import advise_onednn
from keras_gan.models.saving import SavableModel
from keras_gan.typing import ArrayLike, Config, Data


class Trainer(SavableModel):
    """Base class for models whose `fit` and `evaluate` check the data first.

    Keras's `fit` then calls `train_step` for each batch.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._traced: dict[str, list[str]] = {}

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
        """Train as `keras.Model.fit` does, after a check of the data.

        Args:
            x: Images, float32 (n, height, width, channels) in [-1, 1], or in [0, 1] if a GAN's generator ends in a
                sigmoid. Or a `tf.data.Dataset` of batches of images, or of batches (images, labels). A model that
                translates takes images of X, or a data set of batches (x_images, y_images), as
                `keras_gan.datasets.load_unpaired` and `load_paired` return.
            y: Integer labels (n,) for a GAN with `num_classes`, if `x` is an array. For a model that translates,
                images of Y, as many as of X. Defaults to `None`.
            batch_size: Number of images in one discriminator update, if `x` is an array. With `d_steps` = k, a step
                takes k such batches. Defaults to 32.
            epochs: Number of epochs, including the `initial_epoch` epochs of an earlier call. Defaults to 1.
            verbose: Output in the terminal: 0 for none, 1 for a progress bar, 2 for a line per epoch. Defaults to
                `"auto"`, as in Keras.
            callbacks: Keras callbacks, such as `keras_gan.callbacks.SampleGrid`. Defaults to `None`.
            **kwargs: Arguments of `keras.Model.fit`: validation_data, initial_epoch, steps_per_epoch, ...

        Returns:
            A `keras.callbacks.History`.

        Raises:
            ValueError: If images or labels have the wrong shape, dtype or range, are not finite, or do not suit the
                networks. A wrong batch does not change the weights.
        """
        for name in ("class_weight", "sample_weight"):
            if kwargs.get(name) is not None:
                raise ValueError(f"`{name}` is not supported. Received: {type(kwargs[name]).__name__}")
        if batch_size is not None and batch_size < 1:
            raise ValueError(f"`batch_size` must be at least 1. Received: batch_size={batch_size}")
        self._assert_compile_called("fit")
        advise_onednn()
        given = data = self.prepare_data(x if y is None else (x, y))
        check = self.data_check(data)
        self.synchronize_new_averages()
        if kwargs.get("validation_data") is not None:
            kwargs["validation_data"] = check.wrap(kwargs["validation_data"])
        data, kwargs = self.join_minibatches(check.wrap(data), batch_size or 32, kwargs)
        x, y = split_batch(data)
        if isinstance(x, tf.data.Dataset):
            kwargs.setdefault("shuffle", False)  # otherwise Keras warns that the data set shuffles itself
        self._warn_of_frozen_layers()
        with plain_errors():
            history = super().fit(x, y, batch_size, epochs, verbose, callbacks, **kwargs)
        self._warn_of_batch_statistics(given, batch_size)
        return history

    def _warn_of_batch_statistics(self, data: Data, batch_size: int | None) -> None:
        """Warn if batch normalisation makes the images in use differ from those in training."""
        names = [name for name in self.averaged_networks if batch_normalizations(getattr(self, name))]
        if not names or self.distribute_strategy.num_replicas_in_sync > 1:
            return
        if min(int(getattr(self, name).iterations.numpy()) for name in self.trained_networks) < LEAST_UPDATES:
            return
        inputs = self.example_inputs(data, batch_size or 32)
        for name in names:
            if name in inputs:
                size = len(keras.tree.flatten(inputs[name])[0])
                warn_of_batch_statistics(name, self.inference_network(name), inputs[name], size)

    def example_inputs(self, data: Data, batch_size: int) -> dict[str, Any]:
        """Returns one batch of inputs for each generator, or nothing if the data cannot be read a second time.

        Args:
            data: The data that `fit` received.
            batch_size: Number of images in a batch, for arrays.
        """
        return {}

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

    def prepare_data(self, data: Data) -> Data:
        """Returns the data that `fit` received, before their check. A subclass may configure itself by them."""
        return data

    def join_minibatches(self, data: Data, batch_size: int, kwargs: Config) -> tuple[Data, Config]:
        """Returns the data as batches for `train_step`, and the arguments of `fit` that belong to them."""
        return data, kwargs
