"""Keeps the loaded models equal to the models on disk."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from keras_gan.artifacts.manifest import FILENAME as MANIFEST
from keras_gan.artifacts.versions import numbers
from keras_gan.serving.models.folders import check_models_folder, contents, reason_for_no_version
from keras_gan.serving.models.loaded_models import LoadedModels
from keras_gan.serving.models.model_config import ModelConfig
from keras_gan.serving.models.servable import Servable
from keras_gan.serving.models.version import Version, available
from keras_gan.serving.monitoring.metrics import Metrics
from keras_gan.serving.tf_serving.served_model import NAME

logger = logging.getLogger("keras_gan.serving")


class Models(LoadedModels):
    """Models that are loaded from disk, and follow its changes.

    A thread looks at the disk every `poll_seconds`. A new version is loaded and warmed up before the old one is
    unloaded. A version that fails to load is reported with its error, and the old one stays. A version that is
    unloaded is freed when the last request that uses it is answered.

    Args:
        configs: Configuration of each model, or a folder of models.
        load: Function that loads a version, given the model's name, the version's number and its folder.
        poll_seconds: Seconds between two looks at the disk. Below 0, it is read once.
        retries: Number of times that a failed version is loaded again, every `retry_seconds`.
        warm_up: Boolean, whether a version runs once before it is served.
        metrics: Metrics that count the attempts to load and warm up.
        strict: Boolean, whether all models must be available for the server to start and to be ready.
    """

    def __init__(
        self,
        configs: Sequence[ModelConfig] | Path,
        load: Callable[[str, int, Path], Servable],
        poll_seconds: float = 1.0,
        retries: int = 5,
        retry_seconds: float = 60.0,
        warm_up: int = 1,
        metrics: Metrics | None = None,
        strict: bool = False,
    ) -> None:
        super().__init__(strict)
        self._configs = configs
        self._load = load
        self.poll_seconds = poll_seconds
        self.retries = retries
        self.retry_seconds = retry_seconds
        self.warm_up = warm_up
        self._metrics = metrics or Metrics()
        self._polling = threading.Lock()
        self._logged: dict[str, str] = {}
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Loads the models, and starts the thread that looks for new versions.

        Raises:
            RuntimeError: If there are versions and all fail to load, or the folder of models is the folder of one
                model. If `strict`, also if the versions of one model fail, or a label names an unavailable version.
        """
        if isinstance(self._configs, Path):
            check_models_folder(self._configs, has_models=bool(self.configs))
        self.poll()
        failed = {
            name: versions[max(versions)].message
            for name, versions in self._models.items()
            if versions and not available(versions.values())
        }
        if failed and (self.strict or not self.names()):
            listed = "; ".join(f"{name}: {message}" for name, message in sorted(failed.items()))
            raise RuntimeError(f"{len(failed)} model(s) did not become available: {listed}")
        try:
            self._check_labels()
        except RuntimeError as error:
            if self.strict:
                raise
            logger.error("%s", error)
        if self.poll_seconds >= 0:
            self._thread = threading.Thread(target=self._keep_polling, name="models", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Stops the thread that looks for new versions."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    @property
    def configs(self) -> list[ModelConfig]:
        """Configuration of each model that is asked for."""
        if not isinstance(self._configs, Path):
            return list(self._configs)
        folders = sorted(folder for folder in self._configs.iterdir() if NAME.fullmatch(folder.name))
        return [ModelConfig(folder.name, folder) for folder in folders if numbers(folder)]

    def reconfigure(self, configs: Sequence[ModelConfig]) -> None:
        """Replaces the configuration. Models that are not in it are unloaded.

        Raises:
            RuntimeError: If a label names a version that does not load. The model keeps its old labels until it does.
        """
        self._configs = list(configs)
        self.poll()
        self._check_labels()

    def poll(self) -> None:
        """Reads the disk once, then loads and unloads versions."""
        with self._polling:
            configs = self.configs
            for config in configs:
                self._update(config)
            for name in self._models.keys() - {config.name for config in configs}:
                self._labels.pop(name, None)
                self._forget_contents(name, ())
                self._unload(name, keep=set())

    def _keep_polling(self) -> None:
        while not self._stopped.wait(max(self.poll_seconds, 0.01)):
            problem = ""
            try:
                self.poll()
            except OSError as error:  # the disk may be away for a while; loaded models stay
                problem = f"The folder of models cannot be read: {error}"
            except Exception:
                logger.exception("The models could not be updated")
            self._log_change("", logging.ERROR, problem)

    def _log_change(self, name: str, level: int, message: str) -> None:
        """Logs a message once, not at each poll. "" means that the problem is gone."""
        if message and self._logged.get(name) != message:
            logger.log(level, message)
        self._logged[name] = message

    def _check_labels(self) -> None:
        for config in self.configs:
            missing = self._unavailable_label(config, config.policy.choose(numbers(config.base_path)))
            if missing is not None:
                raise RuntimeError(
                    f"The label {missing} of the model {config.name} must name an available version. "
                    f"Received: version {config.labels[missing]}"
                )

    def _unavailable_label(self, config: ModelConfig, wanted: Collection[int]) -> str | None:
        """Returns a label whose version is not served, or None."""
        served = {v.number for v in available(self._models[config.name].values())}.intersection(wanted)
        return next((label for label, number in config.labels.items() if number not in served), None)

    def _update(self, config: ModelConfig) -> None:
        name, folders = config.name, numbers(config.base_path)
        reason = "" if folders else f"{name}: {reason_for_no_version(config.base_path)}"
        self._log_change(name, logging.WARNING, reason)
        wanted = config.policy.choose(folders)
        with self._lock:
            versions = self._models.setdefault(name, {})
            self._labels.setdefault(name, {})
        self._forget_contents(name, folders)
        for number in wanted:
            if number not in versions or self._is_due(versions[number], folders[number]):
                self._load_version(name, number, folders[number])
            self._log_change(f"{name}/{number}", logging.WARNING, self._replaced(versions[number], folders[number]))
        # Labels move after loading and before unloading, so that a label always names a loaded version.
        keep = set(wanted)
        if self._unavailable_label(config, wanted) is None:
            with self._lock:
                self._labels[name] = dict(config.labels)
        else:
            keep |= set(self._labels[name].values())
        # If no wanted version loads, the old ones stay.
        if any(version.number in wanted for version in available(versions.values())):
            self._unload(name, keep)

    def _forget_contents(self, name: str, folders: Collection[int]) -> None:
        """Notes which folders have disappeared. A folder that comes back is a new version."""
        for number in self._models[name].keys() - set(folders):
            self._models[name][number].contents = None

    @staticmethod
    def _replaced(version: Version, folder: Path) -> str:
        """Returns a warning if the files of an available version are other than those that were loaded, or ""."""
        if version.state != "AVAILABLE" or version.contents == contents(folder):
            return ""
        return f"`{folder}` has changed. The version that was loaded before is served: give the new one its own number"

    def _is_due(self, version: Version, folder: Path) -> bool:
        """Returns True if a known version must be loaded: because its files have changed, or as a retry."""
        if version.state == "AVAILABLE":
            # The version was loaded while it was copied, before its manifest arrived.
            has_none = version.servable is not None and version.servable.manifest is None
            return has_none and (folder / MANIFEST).is_file() and version.contents != contents(folder)
        if version.state != "END":
            return False
        if version.code == "OK" or version.contents != contents(folder):
            version.failures = 0
            return True
        return version.failures <= self.retries and time.monotonic() >= version.retry_at

    def _load_version(self, name: str, number: int, folder: Path) -> None:
        found = contents(folder)
        with self._lock:
            version = self._models[name].setdefault(number, Version(number))
            version.contents = found
            if version.state != "AVAILABLE":
                version.state, version.code, version.message = "LOADING", "OK", ""
        began = time.perf_counter()
        try:
            servable = self._load(name, number, folder)
            if self.warm_up:
                loaded = time.perf_counter()
                servable.warm_up(self.warm_up)
                self._metrics.warmed(str(folder), time.perf_counter() - loaded)
        except Exception as error:  # whatever is wrong with this version, the others go on
            self._note_failure(version, error)
            self._metrics.loaded(str(folder), "fail")
            logger.error("%s version %d failed to load: %s", name, number, error)
            return
        self._metrics.loaded(str(folder), "success")
        with self._lock:
            self._set(name, version, "AVAILABLE", servable)
        seconds = time.perf_counter() - began
        logger.info("%s version %d is available (%s, %.2f s)", name, number, servable.format, seconds)

    def _note_failure(self, version: Version, error: Exception) -> None:
        with self._lock:
            if version.state == "AVAILABLE":
                return
            version.state, version.message = "END", f"{error}"
            version.code = "NOT_FOUND" if isinstance(error, FileNotFoundError) else "INVALID_ARGUMENT"
            version.failures += 1
            version.retry_at = time.monotonic() + self.retry_seconds

    def _unload(self, name: str, keep: Collection[int]) -> None:
        with self._lock:
            for version in self._models[name].values():
                if version.state == "AVAILABLE" and version.number not in keep:
                    self._set(name, version, "END")
                    logger.info("%s version %d is unloaded", name, version.number)
