"""Content Credentials: a signed note in a PNG file which says that a trained model made the image."""

from __future__ import annotations

import datetime
import io
import json
from pathlib import Path
from typing import Any

import keras_gan
from keras_gan.typing import PathLike
from keras_gan.utils.extras import install_hint

# IPTC's term for the output of a generative model, which C2PA requires.
SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
# Purposes of a certificate. C2PA requires one of them: e-mail, signing of documents, or C2PA itself.
_PURPOSES = {"1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.36", "1.3.6.1.4.1.62558.2.1"}
_CURVES = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}
_SMALLEST_RSA = 2048


class ContentCredentials:
    """Signer of PNG files, by the C2PA standard.

    The note names the model and this library, and says that a trained algorithm made the image. It does not contain
    the seed, the labels, the machine or the user. The certificate names the owner of the key.

    The note has about 3 KB. Signing needs no network, because the note has no time stamp. It is valid until the
    certificate expires. Re-encoding the image removes it. The signature is salted: signing a file twice gives two
    different files with the same image.

    Args:
        key: PEM file with the private key, without a password: P-256, P-384, P-521, Ed25519, or RSA of at least 2,048
            bits.
        certificate: PEM file with the key's certificate, followed by that of the authority that issued it, and so on.
            It must be for e-mail, for signing documents, or for C2PA, and must not be self-signed.
        model: Name of the model.
        version: Version of the model. Defaults to `None`, no version in the note.

    Raises:
        FileNotFoundError: If a file is missing.
        ValueError: If the key or the certificate is not usable. The message says why.
        ImportError: If c2pa-python is not installed.

    Example:
    ```python
    sign = keras_gan.credentials.ContentCredentials("key.pem", "chain.pem", "digits", "3")
    Path("seven.png").write_bytes(sign(png))
    ```

    Reference: [C2PA 2.2, Content Credentials](https://spec.c2pa.org/specifications/specifications/2.2/).
    """

    def __init__(
        self,
        key: PathLike,
        certificate: PathLike,
        model: str,
        version: str | None = None,
    ) -> None:
        try:
            import c2pa
            import cryptography  # noqa: F401
        except ImportError as error:
            raise ImportError(f"Content Credentials need {error.name}: {install_hint('credentials')}") from error
        algorithm, private_key, chain = _read(Path(key), Path(certificate))
        self.model = model
        self.version = version
        agent = {"name": model} if version is None else {"name": model, "version": version}
        action = {"action": "c2pa.created", "digitalSourceType": SOURCE_TYPE, "softwareAgent": agent}
        self._manifest = json.dumps(
            {
                "claim_generator_info": [{"name": "keras_gan", "version": keras_gan.__version__}],
                "format": "image/png",
                "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": [action]}}],
            }
        )
        try:
            info = c2pa.C2paSignerInfo(alg=algorithm, sign_cert=chain, private_key=private_key, ta_url=None)
            self._signer = c2pa.Signer.from_info(info)
            # A thumbnail of a small image is larger than the image. Verifying every file takes three times as long as
            # signing it, so only the first file is verified, below.
            settings = {"builder": {"thumbnail": {"enabled": False}}, "verify": {"verify_after_sign": False}}
            self._context = c2pa.Context(c2pa.Settings.from_dict(settings))
            # Find every problem of the key and the certificate now, not after an hour of generating images.
            read = c2pa.Reader("image/png", io.BytesIO(self(_probe())))
            if read.get_validation_state() == "Invalid":
                raise RuntimeError(json.dumps(read.get_validation_results()))
        except (c2pa.C2paError, RuntimeError) as error:
            raise ValueError(
                f"Expected a key and a certificate that C2PA accepts. Received: `{key}` and `{certificate}`. "
                f"C2PA says: {error}"
            ) from error

    def __call__(self, png: bytes) -> bytes:
        """Returns a PNG file with the note.

        Args:
            png: Bytes of a PNG file.

        Raises:
            ValueError: If `png` is not a PNG file.
            RuntimeError: If the file is damaged, or the certificate has expired since this object was made.
        """
        import c2pa

        if not png.startswith(b"\x89PNG\r\n\x1a\n"):
            raise ValueError(f"`png` must be a PNG file. Received: {png[:8]!r}")
        signed = io.BytesIO()
        builder = c2pa.Builder.from_json(self._manifest, self._context)
        try:
            builder.sign(self._signer, "image/png", io.BytesIO(png), signed)
        except c2pa.C2paError as error:
            raise RuntimeError(
                f"Expected a PNG file, and a certificate that is still valid. Received: {len(png)} bytes. "
                f"C2PA says: {error}"
            ) from error
        return signed.getvalue()

    def __repr__(self) -> str:
        return f"ContentCredentials(model={self.model!r}, version={self.version!r})"


def _read(key: Path, certificate: Path) -> tuple[str, bytes, bytes]:
    """Returns the name of the signature algorithm, the key and the chain, after a check for common mistakes."""
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization

    for what, path in (("the private key", key), ("the certificate", certificate)):
        if not path.is_file():
            raise FileNotFoundError(f"Expected a PEM file with {what}. Received: `{path}`, which does not exist")
    try:
        private = serialization.load_pem_private_key(key.read_bytes(), None)
    except TypeError as error:
        raise ValueError(f"Expected a private key without a password. Received: `{key}`, which has one") from error
    except Exception as error:  # ValueError, or an error of cryptography for an unknown kind of key
        raise ValueError(f"Expected a PEM file with a private key. Received: `{key}`, which holds none") from error
    try:
        chain = x509.load_pem_x509_certificates(certificate.read_bytes())
    except ValueError as error:
        raise ValueError(f"Expected a PEM file of certificates. Received: `{certificate}`, which holds none") from error
    algorithm = _algorithm(private, key)
    _check_certificate(chain[0], private, certificate)
    plain = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return algorithm, plain, b"".join(one.public_bytes(serialization.Encoding.PEM) for one in chain)


def _algorithm(private: Any, path: Path) -> str:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    if isinstance(private, ed25519.Ed25519PrivateKey):
        return "ed25519"
    if isinstance(private, ec.EllipticCurvePrivateKey) and private.curve.name in _CURVES:
        return _CURVES[private.curve.name]
    if isinstance(private, rsa.RSAPrivateKey) and private.key_size >= _SMALLEST_RSA:
        return "ps256"
    received = getattr(getattr(private, "curve", None), "name", None) or type(private).__name__.removeprefix("_")
    raise ValueError(
        f"Expected a key of P-256, P-384, P-521, Ed25519, or RSA of at least {_SMALLEST_RSA} bits. Received: `{path}`, "
        f"{received}{f' of {private.key_size} bits' if isinstance(private, rsa.RSAPrivateKey) else ''}"
    )


def _check_certificate(certificate: Any, private: Any, path: Path) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization

    def refuse(expected: str, received: str) -> None:
        raise ValueError(f"Expected {expected}. Received: `{path}`, {received}")

    form = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    if certificate.public_key().public_bytes(*form) != private.public_key().public_bytes(*form):
        refuse("the certificate of the private key, first in its file", "whose first certificate is of another key")
    now = datetime.datetime.now(datetime.timezone.utc)
    if now > certificate.not_valid_after_utc:
        refuse("a certificate that is valid", f"which expired on {certificate.not_valid_after_utc:%Y-%m-%d}")
    if now < certificate.not_valid_before_utc:
        refuse("a certificate that is valid", f"which is not before {certificate.not_valid_before_utc:%Y-%m-%d}")
    if certificate.issuer == certificate.subject:
        refuse("a certificate that an authority issued", "which is self-signed")
    try:
        purposes = {
            one.dotted_string for one in certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        }
    except x509.ExtensionNotFound:
        purposes = set()
    if not purposes & _PURPOSES:
        refuse(
            "a certificate for e-mail, for signing documents, or for C2PA (its extended key usage)",
            f"which is for {', '.join(sorted(purposes)) or 'no purpose'}",
        )


def _probe() -> bytes:
    from PIL import Image

    file = io.BytesIO()
    Image.new("L", (1, 1)).save(file, format="PNG")
    return file.getvalue()
