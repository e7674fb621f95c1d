"""Base class for objects that Keras can save, because their arguments are their attributes."""

from __future__ import annotations

import inspect
from typing import Any

from keras_gan.typing import Config


class Configurable:
    """Base class for objects that keep each argument of `__init__` as an attribute of the same name."""

    def get_config(self) -> Config:
        """Returns the arguments of `__init__`, which Keras serialises.

        Raises:
            NotImplementedError: If an argument is not an attribute. The subclass must then write this method.
        """
        if type(self).__init__ is object.__init__:
            return {}
        names = list(inspect.signature(type(self).__init__).parameters)[1:]
        missing = [name for name in names if not hasattr(self, name)]
        if missing:
            raise NotImplementedError(
                f"{type(self).__name__} must keep its arguments as attributes of the same names, or write its own "
                f"`get_config`. Received: no attribute {', '.join(missing)}"
            )
        return {name: getattr(self, name) for name in names}

    @classmethod
    def from_config(cls, config: Config) -> Any:
        """Returns the object that `get_config` described. Its arguments may be serialised."""
        return cls(**{name: _deserialise(value) for name, value in config.items()})


def _deserialise(value: Any) -> Any:
    import keras  # not at the top: the import of Keras imports the modules of the subclasses

    serialised = isinstance(value, dict) and "class_name" in value
    return keras.saving.deserialize_keras_object(value) if serialised else value
