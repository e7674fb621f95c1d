"""Keys and certificates of the server."""

from __future__ import annotations

import contextlib
import os
import ssl
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from keras_gan.serving import text_proto
from keras_gan.serving.protos import messages


@dataclass(frozen=True)
class Tls:
    """Certificates for TLS. All are PEM text.

    Args:
        key: Private key of the server.
        certificate: Certificate of the server, and those of its issuers.
        client_ca: Certificate of the authority that signs clients' certificates. Defaults to none.
        client_verify: Boolean, whether clients must have a certificate. Defaults to False.
    """

    key: bytes
    certificate: bytes
    client_ca: bytes = b""
    client_verify: bool = False

    def ssl_context(self) -> ssl.SSLContext:
        """Returns a context for HTTPS.

        Raises:
            ValueError: If the key and the certificates are damaged or do not belong together.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with _temporary_file(self.key + b"\n" + self.certificate) as file:
            try:
                context.load_cert_chain(file)
                if self.client_ca:
                    context.load_verify_locations(cadata=self.client_ca.decode())
            except (ssl.SSLError, ValueError) as error:
                raise ValueError(f"The key and the certificates of the SSLConfig cannot be used: {error}") from error
        if self.client_verify:
            context.verify_mode = ssl.CERT_REQUIRED
        return context


def read_tls(path: str | os.PathLike[str] | None) -> Tls | None:
    """Reads an `--ssl_config_file`, whose fields hold PEM text. Returns None for None.

    Raises:
        OSError: If the file cannot be read.
        ValueError: If it is not an SSLConfig, or its key and certificates are missing or cannot be used.
    """
    if path is None:
        return None
    config = text_proto.read(path, messages.SSLConfig())
    for field in ("server_key", "server_cert"):
        if not getattr(config, field):
            raise ValueError(f"`{field}` must be PEM text. Received: none in {path}")
    if config.client_verify and not config.custom_ca:
        raise ValueError(f"`custom_ca` must be PEM text if `client_verify` is true. Received: none in {path}")
    tls = Tls(config.server_key.encode(), config.server_cert.encode(), config.custom_ca.encode(), config.client_verify)
    tls.ssl_context()  # gRPC would only say that it cannot open its port
    return tls


@contextlib.contextmanager
def _temporary_file(content: bytes) -> Iterator[str]:
    """Yields the path of a file that only this user can read, because Python reads a key from a file only."""
    if hasattr(os, "memfd_create"):  # Linux: a file in memory, which needs no writable folder
        descriptor = os.memfd_create("pem")
        try:
            os.write(descriptor, content)
            yield f"/proc/self/fd/{descriptor}"
        finally:
            os.close(descriptor)
        return
    with tempfile.NamedTemporaryFile(delete=False) as file:
        file.write(content)
    try:
        yield file.name
    finally:
        Path(file.name).unlink()
