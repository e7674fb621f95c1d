"""Images from a server, as NumPy arrays."""

from __future__ import annotations

import math
import ssl
from collections.abc import Callable, Mapping
from os import PathLike
from typing import Any, TypeVar
from urllib.parse import urlsplit

import numpy as np

from keras_gan import latent
from keras_gan.artifacts.inputs import check_labels
from keras_gan.serving.client.errors import ServerError
from keras_gan.serving.client.retry import retry
from keras_gan.serving.client.signature import Signature, VersionStatus
from keras_gan.serving.client.transport import Target, Transport
from keras_gan.utils.extras import install_hint

T = TypeVar("T")


class Client:
    """Ask a server for images: `keras-gan serve`, or TensorFlow Serving; over REST or gRPC. May be shared by threads.

    A request that the server did not begin to work on is sent again: it could not be reached, or it answered 503. All
    others fail at once.

    Args:
        url: "http://host:8501" or "https://...", REST; "grpc://host:8500" or, with TLS, "grpcs://...".
        model: The model's name. Defaults to None, the only one there is, which must be told over gRPC and to
            TensorFlow Serving.
        version: Its number. Defaults to None, what `label` says, or else the newest.
        label: Such as "stable". Defaults to None.
        token: Sent as `Authorization: Bearer`. Defaults to None.
        timeout: Seconds for a request, with all its retries. Defaults to 30.
        retries: How often a request is sent again. Defaults to 4.
        batch_size: Images asked for at once by `generate` and `png`. Defaults to 32.
        ca_certificate: A PEM file of the authorities to trust. Defaults to None, those that are known.
        client_certificate: PEM files, a certificate and its key, for a server that asks who its client is. Defaults
            to None.

    Raises:
        ValueError: If an argument cannot be used.
        ImportError: If what the URL needs is not installed.
        OSError: If a certificate cannot be read.

    Example:
    ```python
    with keras_gan.serving.Client("http://127.0.0.1:8501", "digits") as client:
        images = client.generate(16, labels=3, seed=7)  # float32 (16, 28, 28, 1), those of gan.generate
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
            raise ValueError(f"Either `version` or `label` may be given. Received: {version=} and {label=}")
        if not (math.isfinite(timeout) and timeout > 0):
            raise ValueError(f"`timeout` must be seconds, above 0. Received: timeout={timeout}")
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
        self._transport = _connect(url, token, ca_certificate, client_certificate)

    @property
    def model(self) -> str:
        """The model's name.

        Raises:
            ValueError: If it was not given, and the server has more than one, or none, or does not list them.
        """
        if self._model is None:
            try:
                names = self.models()
            except ServerError as error:
                raise ValueError(
                    "`model` must be given, as the server does not list its models. Received: None"
                ) from error
            if len(names) != 1:
                raise ValueError(f"`model` must be one of {names}. Received: None")
            self._model = names[0]
        return self._model

    def predict(self, inputs: Mapping[str, Any], signature: str = "serving_default") -> dict[str, np.ndarray]:
        """Run a batch through a signature.

        Args:
            inputs: An array for each input, by name; the rows of all are the batch.
            signature: Defaults to "serving_default", which takes `z`, and `labels` where there are classes.

        Returns:
            An array for each output, by name. Strings are NumPy's objects: bytes.

        Raises:
            ValueError: If the model has no such signature, or the signature no such inputs, or a type does not fit.
            ServerError: If the server refuses.
            ConnectionError: If it cannot be reached.
            TimeoutError: If it does not answer in time.
        """
        return self._predict(self._target, self._signature(signature), signature, inputs)

    def generate(self, n: int, labels: Any = None, seed: int | None = 0, truncation: float = 1.0) -> np.ndarray:
        """Draw images from a seed: those that `gan.generate` draws.

        Args:
            n: How many. More than `batch_size` are asked for in parts, which one version answers.
            labels: Integers (n,), or one for all; for a model with classes. Defaults to None.
            seed: An integer from 0 to 2**31 - 1, or `None` for other images at each call. Defaults to 0.
            truncation: What z is multiplied by; below 1 images are more alike and more typical. Defaults to 1.0.

        Returns:
            A float32 array (n, height, width, channels), in the range of the model's images, most often [-1, 1].

        Raises:
            ValueError: If an argument is out of range, or the model has no signature `generate`.
            ServerError: As `predict`; so are ConnectionError and TimeoutError.
        """
        return self._drawn("generate", "image", n, labels, seed, truncation)

    def png(self, n: int = 1, labels: Any = None, seed: int | None = 0, truncation: float = 1.0) -> list[bytes]:
        """Draw images from a seed, as PNG files.

        Args:
            n: How many. Defaults to 1.
            labels: As in `generate`. Defaults to None.
            seed: As in `generate`. Defaults to 0.
            truncation: As in `generate`. Defaults to 1.0.

        Returns:
            The bytes of each file.

        Raises:
            ValueError: As `generate`, or if the model has no signature `png`.
            ServerError: As `predict`; so are ConnectionError and TimeoutError.
        """
        return list(self._drawn("png", "image_bytes", n, labels, seed, truncation))

    def status(self) -> list[VersionStatus]:
        """What has become of the model's versions, the newest first.

        Raises:
            ServerError: If the server does not know the model; ConnectionError and TimeoutError as `predict`.
        """
        target = self._target
        return self._ask(lambda left: self._transport.status(target, left))

    def metadata(self) -> dict[str, Signature]:
        """The model's signatures, by name.

        Raises:
            ServerError: If the server does not know the model; ConnectionError and TimeoutError as `predict`.
        """
        return self._resolve()[1]

    def models(self) -> list[str]:
        """The names of the server's models. TensorFlow Serving does not tell them.

        Raises:
            ServerError: If the server does not tell; ConnectionError and TimeoutError as `predict`.
        """
        return self._ask(self._transport.models)

    def close(self) -> None:
        """Give up the connections."""
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
        # A model keeps its signatures from version to version, or is asked for what it no longer has, and says so.
        signatures = self._signatures if self._signatures and name in self._signatures else self.metadata()
        if name not in signatures:
            raise ValueError(
                f"`{self.model}` must have the signature `{name}`. Received: one with {sorted(signatures)}"
            )
        return signatures[name]

    def _predict(
        self, target: Target, signature: Signature, name: str, inputs: Mapping[str, Any]
    ) -> dict[str, np.ndarray]:
        bound = signature.bind(inputs)
        return self._ask(lambda left: self._transport.predict(target, name, signature, bound, left))

    def _drawn(self, name: str, output: str, n: int, labels: Any, seed: int | None, truncation: float) -> np.ndarray:
        rows = latent.seed_rows(n, seed, truncation)
        target = self._target
        if n > self.batch_size:
            # A new version may come between two parts.
            target = Target(target.model, self._resolve()[0])
        signature = self._signature(name)
        labels = check_labels(labels, n, "labels" in signature.inputs, None)
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


def _connect(
    url: str,
    token: str | None,
    ca_certificate: str | PathLike[str] | None,
    client_certificate: tuple[str | PathLike[str], str | PathLike[str]] | None,
) -> Transport:
    scheme = urlsplit(url).scheme
    if scheme not in ("http", "https", "grpc", "grpcs") or not urlsplit(url).hostname:
        raise ValueError(f"`url` must be http://, https://, grpc:// or grpcs:// and a host. Received: url={url!r}")
    if scheme in ("http", "grpc") and (ca_certificate or client_certificate):
        raise ValueError(f"Certificates are for https:// and grpcs://. Received: certificates and url={url!r}")
    try:
        if scheme in ("grpc", "grpcs"):
            from keras_gan.serving.client.grpc import GrpcTransport

            return GrpcTransport(url, token, ca_certificate, client_certificate)
        import httpx

        from keras_gan.serving.client.rest import RestTransport
    except ModuleNotFoundError as error:
        raise ImportError(f"Reaching {url} needs {error.name}: {install_hint('client')}") from error
    context = ssl.create_default_context(cafile=ca_certificate) if scheme == "https" else True
    if isinstance(context, ssl.SSLContext) and client_certificate is not None:
        context.load_cert_chain(*client_certificate)
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return RestTransport(url, httpx.Client(headers=headers, verify=context))
