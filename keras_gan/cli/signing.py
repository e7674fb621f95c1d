"""The options that sign pictures with Content Credentials."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from keras_gan.credentials import ContentCredentials
    from keras_gan.export import Artifact
    from keras_gan.gan import GAN

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
    if (key is None) != (certificate is None):
        given = "--sign-certificate" if key is None else "--sign-key"
        raise ValueError(f"--sign-key and --sign-certificate go together. Received: {given} alone")
    if key is None or certificate is None:
        return None
    from keras_gan.credentials import ContentCredentials

    manifest = getattr(model, "manifest", None)
    if manifest is not None:
        return ContentCredentials(key, certificate, manifest.name, str(manifest.version))
    return ContentCredentials(key, certificate, getattr(model, "name", None) or model.path.stem)
