"""Finds the version that answers a request."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from operator import attrgetter

from keras_gan.serving.errors import ServingError, invalid
from keras_gan.serving.models.servable import Servable
from keras_gan.serving.models.version import State, Version, available


class LoadedModels:
    """Versions and labels of models by name. Base class of `Models`, which changes them.

    Args:
        strict: Boolean, whether all models must be available for the server to be ready.

    Attributes:
        newest: Newest available version by the model's name.
    """

    def __init__(self, strict: bool) -> None:
        self.strict = strict
        self.newest: dict[str, Servable] = {}
        self._models: dict[str, dict[int, Version]] = {}
        self._labels: dict[str, Mapping[str, int]] = {}
        # Guards what requests read. It is not held while the disk is read.
        self._lock = threading.Lock()

    @property
    def ready(self) -> bool:
        """Boolean, whether a model has an available version. If `strict`, whether each has one."""
        states = self.states().values()
        return all(states) and bool(states) if self.strict else any(states)

    def states(self) -> dict[str, bool]:
        """Returns for each configured model whether it has an available version."""
        with self._lock:
            return {name: name in self.newest for name in sorted(self._labels)}

    def names(self) -> list[str]:
        """Returns the names of the models that have an available version."""
        with self._lock:
            return sorted(self.newest)

    def available(self) -> list[Servable]:
        """Returns every available version."""
        with self._lock:
            found = [version for versions in self._models.values() for version in available(versions.values())]
            return [version.servable for version in found if version.servable is not None]

    def labels(self, name: str) -> dict[str, int]:
        """Returns the version of each label of a model."""
        return dict(self._labels.get(name, {}))

    def knows(self, name: str) -> bool:
        """Returns True if there is or was a model of this name."""
        return name in self._models

    def status(self, name: str, number: int | None = None) -> list[Version]:
        """Returns all versions of a model, or one. The newest is first. Raises `ServingError` if there is none."""
        with self._lock:
            versions = dict(self._models.get(name, {}))
        found = [versions[n] for n in sorted(versions, reverse=True) if number in (None, n)]
        if not found:
            what = "the model" if number is None else f"version {number} of the model"
            raise ServingError("NOT_FOUND", f"The server does not have {what} {name}")
        return found

    def find(self, name: str, number: int | None = None, label: str | None = None) -> Servable:
        """Returns the version of a number, of a label, or else the newest. It must be available.

        It stays in memory as long as something refers to it.

        Raises:
            ServingError: If there is none.
        """
        with self._lock:
            newest = self.newest.get(name)
            if label is not None and newest is not None:
                labels = self._labels.get(name, {})
                if label not in labels:
                    listed = ", ".join(labels) or "none"
                    raise invalid(f"The model {name} has no label {label}. Its labels are: {listed}")
                number = labels[label]
            found = newest
            if number is not None:
                version = self._models.get(name, {}).get(number)
                found = None if version is None else version.servable
        if found is None:
            which = "" if number is None else f"version {number} of "
            raise ServingError("NOT_FOUND", f"{which}the model {name} is not available".capitalize())
        return found

    def _set(self, name: str, version: Version, state: State, servable: Servable | None = None) -> None:
        """Changes the state of a version, with the lock held. It has a servable while it is available."""
        version.state, version.servable = state, servable
        newest = max(available(self._models[name].values()), default=None, key=attrgetter("number"))
        if newest is None:
            self.newest.pop(name, None)
        elif newest.servable is not None:
            self.newest[name] = newest.servable
