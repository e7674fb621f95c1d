"""The models that a server holds: found on disk, loaded before what they replace goes, and found by name."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from keras_gan.artifacts.formats import FILES
from keras_gan.artifacts.manifest import FILENAME as MANIFEST
from keras_gan.artifacts.versions import models as model_folders
from keras_gan.artifacts.versions import numbers
from keras_gan.serving.errors import ServingError, invalid
from keras_gan.serving.models.model_config import ModelConfig
from keras_gan.serving.models.servable import Servable
from keras_gan.serving.tf_serving.served_model import NAME

State = Literal["UNKNOWN", "START", "LOADING", "AVAILABLE", "UNLOADING", "END"]
# TensorFlow Serving's numbers for them.
STATES: dict[State, int] = {"UNKNOWN": 0, "START": 10, "LOADING": 20, "AVAILABLE": 30, "UNLOADING": 40, "END": 50}
# Each file's path, size and time of change.
Contents = frozenset[tuple[str, int, int]]
logger = logging.getLogger("keras_gan.serving")


@dataclass
class Version:
    """A version of a model, from when it is found to when it has gone.

    Args:
        number: As on disk.
        state: Defaults to "START".
        code: gRPC's name of what went wrong. Defaults to "OK".
        message: What went wrong. Defaults to "".
        servable: What runs it, while it is available.
        in_use: Requests that it answers now.
        failures: How often loading it failed.
        retry_at: When it is loaded again, by `time.monotonic`.
        contents: What its folder held when it was loaded last; `None` if it has gone since.
    """

    number: int
    state: State = "START"
    code: str = "OK"
    message: str = ""
    servable: Servable | None = field(default=None, repr=False)
    in_use: int = 0
    failures: int = 0
    retry_at: float = 0.0
    contents: Contents | None = None


class Models:
    """Models and their versions, kept as they are on disk.

    A thread looks at the disk every `poll_seconds`. A version is loaded and warmed before those that it replaces go;
    one that fails is reported with its error, and the others stay. A version that goes is dropped when the last
    request that uses it is answered.

    Args:
        configs: The models; or a folder, each of whose folders with versions is a model, whenever it appears.
        load: Loads a version: name, number, folder.
        poll_seconds: Between looks at the disk; below 0 for none but the first. Defaults to 1.0.
        retries: How often a version is loaded again that failed. Defaults to 5.
        retry_seconds: Between the tries. Defaults to 60.0.
        warm_up: How often each warm-up request is run before a version is served; 0 for no warm-up. Defaults to 1.
        warmed: Called with the folder and the seconds that this took. Defaults to None.
        early_labels: Whether labels may be of versions that are not loaded. Defaults to False.

    Example:
    ```python
    models = Models(Path("exported"), keras_gan.serving.models.servable.load)
    models.start()
    with models.use("digits") as servable:
        images = servable.signatures["generate"].run(keras_gan.latent.seed_rows(4, seed=7))
    ```
    """

    def __init__(
        self,
        configs: Sequence[ModelConfig] | Path,
        load: Callable[[str, int, Path], Servable],
        poll_seconds: float = 1.0,
        retries: int = 5,
        retry_seconds: float = 60.0,
        warm_up: int = 1,
        warmed: Callable[[str, float], None] | None = None,
        early_labels: bool = False,
    ) -> None:
        self._configs = configs
        self._load = load
        self.poll_seconds = poll_seconds
        self.retries = retries
        self.retry_seconds = retry_seconds
        self.warm_up = warm_up
        self._warmed = warmed
        self.early_labels = early_labels
        self._models: dict[str, dict[int, Version]] = {}
        self._labels: dict[str, Mapping[str, int]] = {}
        # Guards what requests read; only one thread at a time polls.
        self._lock = threading.Lock()
        self._polling = threading.Lock()
        self._said: dict[str, str] = {}
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Load what is there, then keep looking.

        Raises:
            RuntimeError: If a model has no version that loads, or the folder is one model's own.
        """
        if isinstance(self._configs, Path):
            for folder in model_folders(self._configs):
                if not (folder.name.startswith(".") or NAME.fullmatch(folder.name)):
                    logger.warning(
                        'Not served: %s. A model\'s folder must be named by letters, digits, ".", "_" and "-"', folder
                    )
        if isinstance(self._configs, Path) and not self.configs:
            if numbers(self._configs) or _is_version(self._configs):
                what = "one model" if numbers(self._configs) else "a version of one model"
                raise RuntimeError(
                    f"Expected a folder of models. Received: `{self._configs}`, which is {what}; serve the folder "
                    "that holds its models, or give a model's as --model_base_path with a --model_name"
                )
            logger.warning("No model yet in %s: expected NAME/VERSION/ with an exported file", self._configs)
        self.poll()
        failed = {
            name: versions[max(versions)].message
            for name, versions in self._models.items()
            if versions and not _available(versions)
        }
        if failed:
            listed = ", ".join(f"{name}: {message}" for name, message in sorted(failed.items()))
            raise RuntimeError(f"{len(failed)} model(s) did not become available: {{{listed}}}")
        self._check_labels()
        if self.poll_seconds >= 0:
            self._thread = threading.Thread(target=self._keep_polling, name="models", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    def _keep_polling(self) -> None:
        while not self._stopped.wait(max(self.poll_seconds, 0.01)):
            unread = ""
            try:
                self.poll()
            except OSError as error:  # the disk may be gone for a while; what is loaded is served on
                unread = f"The models' folder cannot be read: {error}"
            except Exception:
                logger.exception("The models cannot be looked after")
            self._say_once("", logging.ERROR, unread)

    def _say_once(self, what: str, level: int, message: str) -> None:
        """Log what stays as it is when it comes, not at each look; "" is that all is well."""
        if message and self._said.get(what) != message:
            logger.log(level, message)
        self._said[what] = message

    @property
    def configs(self) -> list[ModelConfig]:
        """The models that are asked for."""
        if not isinstance(self._configs, Path):
            return list(self._configs)
        folders = sorted(folder for folder in self._configs.iterdir() if NAME.fullmatch(folder.name))
        return [ModelConfig(folder.name, folder) for folder in folders if numbers(folder)]

    def reconfigure(self, configs: Sequence[ModelConfig]) -> None:
        """Serve these models from now on; those not among them go.

        Raises:
            RuntimeError: If a label is of a version that does not load; the model's labels stay as they are until it
                does, the rest is as asked for.
        """
        self._configs = list(configs)
        self.poll()
        self._check_labels()

    def _check_labels(self) -> None:
        for config in self.configs:
            missing = self._missing(config, config.policy.choose(numbers(config.base_path)))
            if missing is not None:
                raise RuntimeError(
                    f"Request to assign label to version {missing} of model {config.name}, which is not currently "
                    "available for inference"
                )

    def _missing(self, config: ModelConfig, wanted: Collection[int]) -> int | None:
        """A version that a model's labels are not to be of, as it is not served."""
        versions, labels = self._models[config.name], self._labels[config.name]
        there = {version.number for version in _available(versions)}.intersection(wanted)
        for label, number in config.labels.items():
            early = self.early_labels and labels.get(label, number) == number
            if not early and number not in there:
                return number
        return None

    @property
    def ready(self) -> bool:
        """Whether each model that is asked for has a version to answer with."""
        with self._lock:
            known = [_available(self._models[name]) for name in self._labels]
        return bool(known) and all(known)

    def names(self) -> list[str]:
        """The models that have a version to answer with."""
        with self._lock:
            return sorted(name for name, versions in self._models.items() if _available(versions))

    def available(self) -> list[Servable]:
        """Every version that answers."""
        with self._lock:
            there = [version for versions in self._models.values() for version in _available(versions)]
            return [version.servable for version in there if version.servable is not None]

    def labels(self, name: str) -> dict[str, int]:
        """The labels of a model, and their versions."""
        return dict(self._labels.get(name, {}))

    def poll(self) -> None:
        """Make what is loaded what is asked for."""
        with self._polling:
            configs = self.configs
            for config in configs:
                self._update(config)
            for name in self._models.keys() - {config.name for config in configs}:
                self._labels.pop(name, None)
                self._note_gone(name, ())
                self._unload(name, set())

    def _update(self, config: ModelConfig) -> None:
        there = numbers(config.base_path)
        self._say_once(config.name, logging.WARNING, "" if there else f"{config.name}: {_why_none(config.base_path)}")
        wanted = config.policy.choose(there)
        with self._lock:
            versions = self._models.setdefault(config.name, {})
            self._labels.setdefault(config.name, {})
        self._note_gone(config.name, there)
        for number in wanted:
            version = versions.get(number)
            if version is None or self._is_due(version, there[number]):
                self._load_version(config.name, number, there[number])
        # Labels move between loading and unloading, so that at no time one is of a version that is not there.
        keep = set(wanted)
        if self._missing(config, wanted) is None:
            with self._lock:
                self._labels[config.name] = dict(config.labels)
        else:
            keep |= set(self._labels[config.name].values())
        # If none of those wanted could be loaded, what is loaded is better than nothing.
        if any(version.number in wanted for version in _available(versions)):
            self._unload(config.name, keep)

    def _note_gone(self, name: str, there: Collection[int]) -> None:
        """What comes in the place of a version that has gone from disk is another, and has its tries anew."""
        for number in self._models[name].keys() - set(there):
            self._models[name][number].contents = None

    def _is_due(self, version: Version, folder: Path) -> bool:
        """Whether a version is to be loaded; what was met while it was copied is, whenever more of it has come."""
        if version.state == "AVAILABLE":
            without = version.servable is not None and version.servable.manifest is None
            return without and (folder / MANIFEST).is_file() and version.contents != _contents(folder)
        if version.state != "END":
            return False
        if version.code == "OK" or version.contents != _contents(folder):
            version.failures = 0
            return True
        return version.failures <= self.retries and time.monotonic() >= version.retry_at

    def _load_version(self, name: str, number: int, folder: Path) -> None:
        contents = _contents(folder)
        with self._lock:
            version = self._models[name].setdefault(number, Version(number))
            version.contents = contents
            if version.state != "AVAILABLE":
                version.state, version.code, version.message = "LOADING", "OK", ""
        began = time.perf_counter()
        try:
            servable = self._load(name, number, folder)
            if self.warm_up:
                loaded = time.perf_counter()
                servable.warm_up(self.warm_up)
                if self._warmed is not None:
                    self._warmed(str(folder), time.perf_counter() - loaded)
        except Exception as error:  # whatever it is, this version is what is wrong, and the others go on
            code = "NOT_FOUND" if isinstance(error, FileNotFoundError) else "INVALID_ARGUMENT"
            with self._lock:
                if version.state != "AVAILABLE":
                    version.state, version.code, version.message = "END", code, f"{error}"
                    version.failures += 1
                    version.retry_at = time.monotonic() + self.retry_seconds
            logger.error("%s version %d does not load: %s", name, number, error)
            return
        with self._lock:
            version.servable, version.state = servable, "AVAILABLE"
        logger.info(
            "%s version %d is available (%s, %.2f s)", name, number, servable.format, time.perf_counter() - began
        )

    def _unload(self, name: str, keep: set[int]) -> None:
        with self._lock:
            for version in self._models[name].values():
                if version.number in keep:
                    continue
                if version.state == "AVAILABLE":
                    version.state = "UNLOADING"
                    logger.info("%s version %d goes", name, version.number)
                if version.state == "UNLOADING" and not version.in_use:
                    version.state, version.servable = "END", None

    def _find(self, name: str, number: int | None, label: str | None) -> Version:
        versions = self._models.get(name, {})
        available = _available(versions)
        if label is not None:
            labels = self._labels.get(name, {})
            if available and label not in labels:
                raise invalid(f"Unrecognized servable version label: {label}")
            number = labels.get(label, number)
        if number is not None:
            found = next((version for version in available if version.number == number), None)
            missing = f"Specific({name}, {number})"
        else:
            found = max(available, key=lambda version: version.number, default=None)
            missing = f"Latest({name})"
        if found is None:
            raise ServingError("NOT_FOUND", f"Servable not found for request: {missing}")
        return found

    @contextmanager
    def use(self, name: str, number: int | None = None, label: str | None = None) -> Iterator[Servable]:
        """The version that answers a request; it is not unloaded while in use.

        Args:
            name: The model's.
            number: The version's. Defaults to None, the newest that is available.
            label: A label's instead. Defaults to None.

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
                if version.state == "UNLOADING" and not version.in_use:
                    version.state, version.servable = "END", None

    @contextmanager
    def use_lazily(
        self, name: str, number: int | None = None, label: str | None = None
    ) -> Iterator[Callable[[], Servable]]:
        """As `use`, of a version that is looked for when it is first asked for, and then stays the same."""
        with ExitStack() as stack:
            found: list[Servable] = []

            def using() -> Servable:
                if not found:
                    found.append(stack.enter_context(self.use(name, number, label)))
                return found[0]

            yield using

    def knows(self, name: str) -> bool:
        """Whether there is such a model, so that its name may be counted by."""
        return name in self._models

    def status(self, name: str, number: int | None = None) -> list[Version]:
        """What is known of a model's versions, the newest first.

        Raises:
            ServingError: If nothing is.
        """
        with self._lock:
            versions = dict(self._models.get(name, {}))
        if number is not None:
            versions = {n: version for n, version in versions.items() if n == number}
        if not versions:
            what = f"versions of model {name}" if number is None else f"version {number} of model {name}"
            raise ServingError("NOT_FOUND", f"Could not find {'any ' if number is None else ''}{what}")
        return [versions[n] for n in sorted(versions, reverse=True)]


def _why_none(path: Path) -> str:
    """What is wrong with a model's folder that has no version, as far as it can be told."""
    if not path.is_dir():
        return f"no folder {path}"
    if _is_version(path):
        return f"no version in {path}, which is a version itself: give the folder that holds it"
    models = ", ".join(folder.name for folder in model_folders(path))
    hint = f", which holds models: give one of them, {models}" if models else ""
    return f"no version in {path}{hint}"


def _is_version(path: Path) -> bool:
    return any((path / file).is_file() for file in FILES.values())


def _contents(folder: Path) -> Contents:
    found = set()
    with suppress(FileNotFoundError):  # it is being moved
        for path in folder.rglob("*"):
            about = path.stat()
            found.add((f"{path}", about.st_size, about.st_mtime_ns))
    return frozenset(found)


def _available(versions: Mapping[int, Version]) -> list[Version]:
    return [version for version in versions.values() if version.state == "AVAILABLE"]


def status_json(versions: Sequence[Version]) -> bytes:
    """A GetModelStatusResponse in JSON, as protobuf prints it."""
    listed = [
        {
            "version": str(version.number),
            "state": version.state,
            "status": {"error_code": version.code, "error_message": version.message},
        }
        for version in versions
    ]
    return (json.dumps({"model_version_status": listed}, indent=1) + "\n").encode()
