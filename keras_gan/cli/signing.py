"""The options that sign pictures with Content Credentials."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from keras_gan.credentials import ContentCredentials
    from keras_gan.export import Artifact
    from keras_gan.models.gan import GAN

SignKeyOption = Annotated[
    Path | None,
    typer.Option("--sign-key", help="A PEM file: sign what is drawn with C2PA Content Credentials.", show_default="no"),
]
SignCertificateOption = Annotated[
    Path | None,
    typer.Option("--sign-certificate", help="A PEM file: the key's certificate and its issuers'.", show_default="no"),
]


def open_credentials(model: GAN | Artifact, key: Path | None, certificate: Path | None) -> ContentCredentials | None:
    """What signs the pictures of `model`; `None` if no key is given.

    Raises:
        ValueError: If only one of them is given, or they cannot be used.
        FileNotFoundError: If one is missing.
        ImportError: If what signs is not installed.
    """
    paths = _both(key, certificate)
    if paths is None:
        return None
    from keras_gan.credentials import ContentCredentials

    manifest = getattr(model, "manifest", None)
    if manifest is not None:
        return ContentCredentials(*paths, manifest.name, str(manifest.version))
    return ContentCredentials(*paths, getattr(model, "name", None) or model.path.stem)


def signer(key: Path | None, certificate: Path | None) -> Callable[[str, int], ContentCredentials] | None:
    """What gives a server, by a model's name and version, what signs its pictures; `None` if no key is given.

    The files are read again for each version, so that a certificate that was renewed signs the next.

    Raises:
        ValueError: As `open_credentials`, at once; so are FileNotFoundError and ImportError.
    """
    paths = _both(key, certificate)
    if paths is None:
        return None
    from keras_gan.credentials import ContentCredentials

    ContentCredentials(*paths, "any")
    return lambda name, version: ContentCredentials(*paths, name, str(version))


def _both(key: Path | None, certificate: Path | None) -> tuple[Path, Path] | None:
    if key is None and certificate is None:
        return None
    if key is None or certificate is None:
        given = "--sign-certificate" if key is None else "--sign-key"
        raise ValueError(f"--sign-key and --sign-certificate go together. Received: {given} alone")
    return key, certificate
