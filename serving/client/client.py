"""Client that gets images from a server."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from typing import Any, TypeVar

import numpy as np

from keras_gan import latent
from keras_gan.artifacts.inputs import check_labels
from keras_gan.serving.client.connect import connect
from keras_gan.serving.client.errors import ServerError
from keras_gan.serving.client.retry import retry
from keras_gan.serving.client.signature import Signature, Target, VersionStatus

T = TypeVar("T")


class Client:
    """Client of `keras-gan serve` and of TensorFlow Serving, over REST or gRPC. Threads may share it.

    The client sends a request again if the server did not begin to work on it: it could not be reached, or it answered
    503. It raises all other errors at once.

    Args:
        url: URL of the server: "http://host:8501" or "https://..." for REST, "grpc://host:8500" or, with TLS,
            "grpcs://..." for gRPC.
        model: Name of the model. Defaults to None, the only model of the server. TensorFlow Serving and gRPC need it.
        version: Number of the version. Defaults to None, the version of `label` or the newest one.
        label: Label of the version, such as "stable". Defaults to None.
        token: Token to send as `Authorization: Bearer`. Defaults to None.
        timeout: Seconds for a request with all its retries. Defaults to 30.
        retries: Number of times that a request is sent again. Defaults to 4.
        batch_size: Number of images that `generate` and `png` ask for in one request. Defaults to 32.
        ca_certificate: PEM file of the authorities to trust. Defaults to None, the authorities of the system.
        client_certificate: PEM files of a certificate and its key, for a server that checks its clients. Defaults to
            None.

    Raises:
        ValueError: If an argument is out of range or not supported for the URL.
        ImportError: If a package for the URL is not installed.
        OSError: If a certificate cannot be read.
        ServerError: If the server refuses a request. All methods raise this and the next two.
        ConnectionError: If the server cannot be reached.
        TimeoutError: If the server does not answer in time.

    Example:
    ```python
    with keras_gan.serving.Client("http://127.0.0.1:8501", "digits") as client:
        images = client.generate(16, labels=3, seed=7)  # float32 (16, 28, 28, 1), equal to gan.generate's
        files = client.png(4, labels=[0, 1, 2, 3], seed=7)
        images = client.predict({"z": z, "labels": labels})["image"]
    ```
    """

    def __init__(
        self,
        url: str,
        model: str | None = None,
        *,
        version: int | None = None,
        label: str | None = None,
        token: str | None = None,
        timeout: float = 30.0,
        retries: int = 4,
        batch_size: int = 32,
        ca_certificate: str | PathLike[str] | None = None,
        client_certificate: tuple[str | PathLike[str], str | PathLike[str]] | None = None,
    ) -> None:
        if version is not None and label is not None:
            raise ValueError(f"Only one of `version` and `label` may be given. Received: {version=} and {label=}")
        if not (math.isfinite(timeout) and timeout > 0):
            raise ValueError(f"`timeout` must be a number of seconds above 0. Received: timeout={timeout}")
        for name, value, least in (("retries", retries, 0), ("batch_size", batch_size, 1)):
            if value < least:
                raise ValueError(f"`{name}` must be at least {least}. Received: {name}={value}")
        self.url = url
        self.version = version
        self.label = label
        self.timeout = timeout
        self.retries = retries
        self.batch_size = batch_size
        self._model = model
        self._signatures: dict[str, Signature] | None = None
        self._transport = connect(url, token, ca_certificate, client_certificate)

    @property
    def model(self) -> str:
        """Name of the model.

        Raises:
            ValueError: If it was not given and the server does not have exactly one model, or does not list them.
        """
        if self._model is None:
            try:
                names = self.models()
            except ServerError as error:
                raise ValueError(
                    "`model` must be given, because the server does not list its models. Received: None"
                ) from error
            if len(names) != 1:
                raise ValueError(f"`model` must be one of {names}. Received: None")
            self._model = names[0]
        return self._model

    def predict(self, inputs: Mapping[str, Any], signature: str = "serving_default") -> dict[str, np.ndarray]:
        """Runs a batch through a signature.

        Args:
            inputs: Array for each input by name. All have the same number of rows.
            signature: Name of the signature. Defaults to "serving_default", which takes `z`, and `labels` for a model
                with classes.

        Returns:
            An array for each output by name. An array of strings holds bytes objects.

        Raises:
            ValueError: If the model has no such signature, or the inputs do not fit it.
        """
        return self._predict(self._target, self._signature(signature), signature, inputs)

    def generate(self, n: int, labels: Any = None, seed: int | None = 0, truncation: float = 1.0) -> np.ndarray:
        """Generates images from a seed, equal to those of `gan.generate`.

        Args:
            n: Number of images. More than `batch_size` are generated by several requests to one version.
            labels: Integers of shape (n,), or one integer for all, for a model with classes. Floats of shape
                (n, attributes) or (attributes,) for a model with attributes; names in a dict, over REST from
                `keras-gan serve`. Defaults to None: for attributes, each in turn.
            seed: Integer from 0 to 2**31 - 1, or None for different images at each call. Defaults to 0.
            truncation: Factor of z. Below 1, images are more typical and less varied. Defaults to 1.0.

        Returns:
            A float32 array of shape (n, height, width, channels), in the range of the model's images. For sequences
            it is (n, length, channels), for vectors (n, length).

        Raises:
            ValueError: If an argument is out of range, or the model has no signature `generate`.
        """
        return self._generate("generate", "image", n, labels, seed, truncation)

    def png(self, n: int = 1, labels: Any = None, seed: int | None = 0, truncation: float = 1.0) -> list[bytes]:
        """Generates images from a seed, and returns the bytes of a PNG file for each.

        Args:
            n: Number of images. Defaults to 1.
            labels: Labels, see `generate`. Defaults to None.
            seed: Seed, see `generate`. Defaults to 0.
            truncation: Factor of z. Defaults to 1.0.
        """
        return list(self._generate("png", "image_bytes", n, labels, seed, truncation))

    def translate(self, files: Sequence[bytes]) -> list[bytes]:
        """Translates images with a model from images to images. TensorFlow Serving does not support it.

        Args:
            files: Bytes of PNG, JPEG or WebP files. Each is sent in a request of its own.

        Returns:
            The bytes of a PNG file for each.

        Raises:
            ValueError: If the model does not translate image files.

        Example:
        ```python
        painting, = client.translate([Path("photo.jpg").read_bytes()])
        ```
        """
        signature = self._signature("png")
        if set(signature.inputs) != {"source_bytes"}:
            raise ValueError(f"`{self.model}` does not translate images: its `png` takes {sorted(signature.inputs)}")
        asked = ({"source_bytes": [file]} for file in files)
        return [self._predict(self._target, signature, "png", inputs)["image_bytes"][0] for inputs in asked]

    def status(self) -> list[VersionStatus]:
        """Returns the state of the model's versions, the newest first."""
        target = self._target
        return self._ask(lambda left: self._transport.status(target, left))

    def metadata(self) -> dict[str, Signature]:
        """Returns the signatures of the model by name."""
        return self._resolve()[1]

    def models(self) -> list[str]:
        """Returns the names of the server's models. TensorFlow Serving and gRPC do not list them."""
        return self._ask(self._transport.models)

    def close(self) -> None:
        """Closes the connections."""
        self._transport.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Client({self.url!r}, {self._model!r})"

    @property
    def _target(self) -> Target:
        return Target(self.model, self.version, self.label)

    def _ask(self, call: Callable[[float], T]) -> T:
        return retry(call, self.timeout, self.retries)

    def _resolve(self) -> tuple[int, dict[str, Signature]]:
        target = self._target
        version, self._signatures = self._ask(lambda left: self._transport.metadata(target, left))
        return version, self._signatures

    def _signature(self, name: str) -> Signature:
        # Versions of a model most often have the same signatures. If not, the server refuses the request.
        signatures = self._signatures if self._signatures and name in self._signatures else self.metadata()
        if name not in signatures:
            raise ValueError(f"`{self.model}` has no signature `{name}`. Its signatures are {sorted(signatures)}")
        return signatures[name]

    def _predict(
        self, target: Target, signature: Signature, name: str, inputs: Mapping[str, Any]
    ) -> dict[str, np.ndarray]:
        bound = signature.bind(inputs)
        return self._ask(lambda left: self._transport.predict(target, name, signature, bound, left))

    def _names_for(self, target: Target, labels: Any) -> tuple[str, ...]:
        """Returns the names of the classes if labels are given by name."""
        many = labels if isinstance(labels, list | tuple | np.ndarray) else [labels]
        if not any(isinstance(label, str) for label in many):
            return ()
        return self._ask(lambda left: self._transport.class_names(target, left))

    def _generate(self, name: str, output: str, n: int, labels: Any, seed: int | None, truncation: float) -> np.ndarray:
        rows = latent.seed_rows(n, seed, truncation)
        target = self._target
        if n > self.batch_size:
            # All parts must come from one version, even if a new one arrives meanwhile.
            target = Target(target.model, self._resolve()[0])
        signature = self._signature(name)
        spec = signature.inputs.get("labels")
        attributes = None if spec is None or len(spec.shape) != 2 else spec.shape[1]
        if isinstance(labels, Mapping):
            names = self._ask(lambda left: self._transport.attribute_names(target, left))
            labels = check_labels(labels, n, True, None, (), attributes, names)
        elif attributes is not None:
            labels = check_labels(labels, n, True, None, (), attributes)
        else:
            labels = check_labels(labels, n, spec is not None, None, self._names_for(target, labels))
        if labels is not None:
            rows["labels"] = labels
        if n == 0:
            spec = signature.outputs[output]
            dtype = object if spec.dtype == "string" else spec.dtype
            return np.zeros((0, *(size or 0 for size in spec.shape[1:])), dtype)
        parts = [
            {key: array[i : i + self.batch_size] for key, array in rows.items()} for i in range(0, n, self.batch_size)
        ]
        return np.concatenate([self._predict(target, signature, name, part)[output] for part in parts])
