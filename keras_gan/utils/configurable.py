"""Objects that Keras can save, as their arguments are their attributes."""

from __future__ import annotations

import inspect
from typing import Any


class Configurable:
    """What keeps each argument of its `__init__` as an attribute of the same name."""

    def get_config(self) -> dict[str, Any]:
        """The arguments of `__init__`, for Keras's serialisation: the attributes of the same names.

        Raises:
            NotImplementedError: If an argument is no attribute; the subclass then has to write this method.
        """
        if type(self).__init__ is object.__init__:
            return {}
        names = list(inspect.signature(type(self).__init__).parameters)[1:]
        missing = [name for name in names if not hasattr(self, name)]
        if missing:
            raise NotImplementedError(
                f"{type(self).__name__} must keep its arguments as attributes of the same names, or have a "
                f"`get_config` of its own. Received: no attribute {', '.join(missing)}"
            )
        return {name: getattr(self, name) for name in names}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """The object that `get_config` described, its arguments serialised or not."""
        return cls(**{name: _deserialised(value) for name, value in config.items()})


def _deserialised(value: Any) -> Any:
    import keras  # not above: once Keras is imported `keras_gan.utils.registration` imports what subclasses this

    serialised = isinstance(value, dict) and "class_name" in value
    return keras.saving.deserialize_keras_object(value) if serialised else value
