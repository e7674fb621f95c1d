"""Options that sign PNG files with Content Credentials."""

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
    typer.Option("--sign-key", help="PEM file of the key that signs images (C2PA).", show_default="no"),
]
SignCertificateOption = Annotated[
    Path | None,
    typer.Option("--sign-certificate", help="PEM file of its certificate and the issuers'.", show_default="no"),
]


def open_credentials(model: GAN | Artifact, key: Path | None, certificate: Path | None) -> ContentCredentials | None:
    """Returns an object that signs the images of `model`, or None without a key.

    Raises:
        ValueError: If only one of key and certificate is given, or they cannot be used.
        FileNotFoundError: If a file is missing.
        ImportError: If c2pa-python is not installed.
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
    """Returns a function from a model's name and version to an object that signs, or None without a key.

    The files are read again for each version, so that a renewed certificate is used for the next one.

    Raises:
        ValueError: If only one of key and certificate is given, or they cannot be used.
        FileNotFoundError: If a file is missing.
        ImportError: If c2pa-python is not installed.
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
