"""Saving of a model as a whole: networks, optimizers, compile arguments, averages and random states."""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any, ClassVar

import keras
import numpy as np

from keras_gan.models.averaged_model import AveragedModel
from keras_gan.typing import Config, PathLike
from keras_gan.utils.files import atomic_path


class SavableModel(AveragedModel):
    """Base class for models that save everything they need to continue training.

    Keras stores weights under the names of attributes. So attributes that hold networks, optimizers, metrics or
    averages keep their names, or files that were written before no longer load.

    Attributes:
        trained_networks: Dict from the attribute of each optimizer to the attribute of the network that it updates.
            Both are names of arguments, of `compile` and of `__init__`.
        settings: Names of the other arguments of `__init__`, which are attributes too.
        compile_objects: Names of the arguments of `compile` that Keras has to serialise, which are attributes too.
        compile_settings: Names of the other arguments of `compile`, which are attributes too.
    """

    trained_networks: ClassVar[dict[str, str]]
    settings: ClassVar[tuple[str, ...]]
    compile_objects: ClassVar[tuple[str, ...]] = ("loss", "penalties", "ema_momentum")
    compile_settings: ClassVar[tuple[str, ...]] = ("jit_compile", "run_eagerly", "steps_per_execution")

    def save(self, filepath: PathLike, overwrite: bool = True, **kwargs: Any) -> None:
        """Save the whole model: networks, optimizers, compile arguments, seeds.

        A file that exists is replaced only when the new file is complete.

        Args:
            filepath: Path that ends in `.keras`.
            overwrite: Boolean. Replaces a file that exists. Defaults to `True`.
            **kwargs: Arguments of `keras.Model.save`.

        Raises:
            ValueError: If `filepath` ends otherwise.
            FileExistsError: If the file exists and `overwrite` is false, or the path is a folder.
        """
        _check_path(filepath, ".keras", overwrite)
        with atomic_path(filepath) as temporary:
            super().save(temporary, **kwargs)

    def save_weights(self, filepath: PathLike, overwrite: bool = True, **kwargs: Any) -> None:
        """Save all variables: those of the networks, the optimizers and the random states.

        A file that exists is replaced only when the new file is complete.

        Args:
            filepath: Path that ends in `.weights.h5`.
            overwrite: Boolean. Replaces a file that exists. Defaults to `True`.
            **kwargs: Arguments of `keras.Model.save_weights`.

        Raises:
            ValueError: If `filepath` ends otherwise.
            FileExistsError: If the file exists and `overwrite` is false, or the path is a folder.
        """
        _check_path(filepath, ".weights.h5", overwrite)
        with atomic_path(filepath) as temporary:
            super().save_weights(temporary, **kwargs)

    def get_config(self) -> Config:
        """Returns the arguments of `__init__`, the networks serialised."""
        names = self.trained_networks.values()
        config = {name: keras.saving.serialize_keras_object(getattr(self, name)) for name in names}
        config |= {name: getattr(self, name) for name in self.settings}
        return config | {"averaged": True} if self.averages else config

    @classmethod
    def from_config(cls, config: Config, custom_objects: dict[str, Any] | None = None) -> SavableModel:
        """Returns the model that `get_config` described."""
        networks = {
            name: keras.saving.deserialize_keras_object(config[name], custom_objects=custom_objects)
            for name in cls.trained_networks.values()
        }
        config = {**config, **networks}
        averaged = config.pop("averaged", False)
        model = cls(**config)
        if averaged:  # `load_model(compile=False)` also needs them, to generate images
            model.start_averages()
        return model

    def get_compile_config(self) -> Config | None:
        """Returns the arguments of `compile`, serialised; `None` if the model is not compiled."""
        if not self.compiled:
            return None
        names = (*self.trained_networks, *self.compile_objects)
        config = {name: keras.saving.serialize_keras_object(getattr(self, name)) for name in names}
        return config | {name: getattr(self, name) for name in self.compile_settings}

    def compile_from_config(self, config: Config) -> None:
        """Compile as `get_compile_config` described; the optimizers are then ready to load their variables."""
        self.compile(**config)

    def training_record(self) -> Config:
        """Returns plain data that describe the training so far, for the manifest of an export."""
        networks = self.trained_networks.values()
        record: Config = {"model": type(self).__name__}
        record |= {name: getattr(self, name).name for name in networks}
        record |= {f"{name}_parameters": getattr(self, name).count_params() for name in networks}
        record |= {name: getattr(self, name) for name in self.settings if name != "name"}
        if self.compiled:
            record |= self.get_compile_config() or {}
            for name in self.trained_networks:
                record[name.replace("optimizer", "updates")] = int(getattr(self, name).iterations.numpy())
        return record

    def save_own_variables(self, store: MutableMapping[str, np.ndarray]) -> None:
        """Save the model's own variables, and the random states of layers such as dropout, which Keras leaves out."""
        super().save_own_variables(store)
        for i, generator in enumerate(self._all_seed_generators()):
            store[f"seed_generator_{i}"] = generator.state.numpy()

    def load_own_variables(self, store: MutableMapping[str, np.ndarray]) -> None:
        """Load the variables that `save_own_variables` saved."""
        for i, generator in enumerate(self._all_seed_generators()):
            generator.state.assign(store[f"seed_generator_{i}"])
        own = {key: store[key] for key in store.keys() if not key.startswith("seed_generator_")}  # noqa: SIM118
        super().load_own_variables(own)

    def _all_seed_generators(self) -> list[keras.random.SeedGenerator]:
        found = [generator for layer in self._flatten_layers() for generator in layer._seed_generators]
        return list({id(generator): generator for generator in found}.values())


def _check_path(filepath: PathLike, suffix: str, overwrite: bool) -> None:
    if not os.fspath(filepath).endswith(suffix):
        raise ValueError(f"`filepath` must end in {suffix}. Received: {filepath}")
    if Path(filepath).is_dir():
        raise FileExistsError(f"`filepath` must be a file. Received: {filepath}, which is a folder")
    if not overwrite and os.path.exists(filepath):
        raise FileExistsError(f"`filepath` exists; pass overwrite=True to replace it. Received: {filepath}")
