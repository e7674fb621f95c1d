"""Finds the version that answers a request."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from keras_gan.serving.errors import ServingError, invalid
from keras_gan.serving.models.servable import Servable
from keras_gan.serving.models.version import Version, available


class LoadedModels:
    """Versions and labels of models by name. Base class of `Models`, which changes them.

    Args:
        strict: Boolean, whether all models must be available for the server to be ready.
    """

    def __init__(self, strict: bool) -> None:
        self.strict = strict
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
            return {name: bool(available(self._models[name].values())) for name in sorted(self._labels)}

    def names(self) -> list[str]:
        """Returns the names of the models that have an available version."""
        with self._lock:
            return sorted(name for name, versions in self._models.items() if available(versions.values()))

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
        """Returns the versions of a model, the newest first.

        Args:
            name: Name of the model.
            number: Number of one version. Defaults to None, all versions.

        Raises:
            ServingError: If there is none.
        """
        with self._lock:
            versions = dict(self._models.get(name, {}))
        found = [versions[n] for n in sorted(versions, reverse=True) if number in (None, n)]
        if not found:
            what = "the model" if number is None else f"version {number} of the model"
            raise ServingError("NOT_FOUND", f"The server does not have {what} {name}")
        return found

    @contextmanager
    def use(self, name: str, number: int | None = None, label: str | None = None) -> Iterator[Servable]:
        """Context manager that gives the version that answers a request, and keeps it loaded meanwhile.

        Args:
            name: Name of the model.
            number: Number of the version. Defaults to None, the newest available one.
            label: Label of the version. Defaults to None.

        Yields:
            The `Servable`.

        Raises:
            ServingError: If there is none.
        """
        with self._lock:
            version = self._find(name, number, label)
            version.in_use += 1
        try:
            assert version.servable is not None
            yield version.servable
        finally:
            with self._lock:
                version.in_use -= 1
                version.free_if_unused()

    def _find(self, name: str, number: int | None, label: str | None) -> Version:
        found = {version.number: version for version in available(self._models.get(name, {}).values())}
        if label is not None and found:
            labels = self._labels.get(name, {})
            if label not in labels:
                raise invalid(f"The model {name} has no label {label}. Its labels are: {', '.join(labels) or 'none'}")
            number = labels[label]
        version = found.get(max(found, default=-1) if number is None else number)
        if version is None:
            which = "" if number is None else f"version {number} of "
            raise ServingError("NOT_FOUND", f"{which}the model {name} is not available".capitalize())
        return version
