"""A certificate authority for tests."""

import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = datetime.timedelta(days=1)
_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


def write_key(path, key, password=None):
    encryption = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    path.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption))
    return path


def write_certificates(path, *certificates):
    path.write_bytes(b"".join(one.public_bytes(serialization.Encoding.PEM) for one in certificates))
    return path


class Authority:
    """Issues certificates, and is trusted by nobody but the test."""

    def __init__(self):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = _name("Test authority")
        self.certificate = self._sign(
            self.name, self.key, x509.BasicConstraints(True, None), ("key_cert_sign", "crl_sign")
        )

    def issue(self, key, purpose=ExtendedKeyUsageOID.EMAIL_PROTECTION, begins=-DAY, ends=DAY, names=()):
        """A certificate for `key`."""
        usages = [x509.ExtendedKeyUsage([purpose])] if purpose else []
        if names:
            usages.append(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]))
        constraints = x509.BasicConstraints(False, None)
        return self._sign(_name("Test signer"), key, constraints, ("digital_signature",), usages, begins, ends)

    def self_signed(self, key):
        """A certificate of `key` by itself."""
        other = Authority()
        other.key, other.name = key, _name("Test signer")
        return other.issue(key)

    def _sign(self, subject, key, constraints, allowed, extensions=(), begins=-DAY, ends=DAY):
        now = datetime.datetime.now(datetime.timezone.utc)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + begins)
            .not_valid_after(now + ends)
            .add_extension(constraints, critical=True)
            .add_extension(x509.KeyUsage(**{usage: usage in allowed for usage in _USAGES}), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
        )
        for extension in extensions:
            builder = builder.add_extension(extension, critical=False)
        return builder.sign(self.key, None if isinstance(self.key, ed25519.Ed25519PrivateKey) else hashes.SHA256())


def _name(common):
    attributes = ((NameOID.ORGANIZATION_NAME, "keras_gan tests"), (NameOID.COMMON_NAME, common))
    return x509.Name([x509.NameAttribute(*one) for one in attributes])
