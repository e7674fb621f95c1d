"""Chooses REST or gRPC by the URL of a server."""

from __future__ import annotations

import ssl
from os import PathLike
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from keras_gan.utils.extras import install_hint

if TYPE_CHECKING:
    from keras_gan.serving.client.grpc import GrpcTransport
    from keras_gan.serving.client.rest import RestTransport


def connect(
    url: str,
    token: str | None,
    ca_certificate: str | PathLike[str] | None,
    client_certificate: tuple[str | PathLike[str], str | PathLike[str]] | None,
) -> RestTransport | GrpcTransport:
    """Returns a transport for a URL, with the arguments of `Client`.

    Raises:
        ValueError: If the URL is not supported, or certificates are given for a URL without TLS.
        ImportError: If a package for the URL is not installed.
        OSError: If a certificate cannot be read.
    """
    scheme = urlsplit(url).scheme
    if scheme not in ("http", "https", "grpc", "grpcs") or not urlsplit(url).hostname:
        raise ValueError(f"`url` must be http://HOST, https://HOST, grpc://HOST or grpcs://HOST. Received: url={url!r}")
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
