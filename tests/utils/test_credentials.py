"""Content Credentials, read by c2pa's own Reader."""

import contextlib
import io
import json
import re
from concurrent.futures import ThreadPoolExecutor

import c2pa
import numpy as np
import pytest
from authority import DAY, Authority, write_certificates, write_key
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID
from PIL import Image
from typer.testing import CliRunner

import keras_gan
from keras_gan.cli.app import app
from keras_gan.credentials import SOURCE_TYPE, ContentCredentials

AUTHORITY = Authority()
KEYS = {
    "p256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "p384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "p521": lambda: ec.generate_private_key(ec.SECP521R1()),
    "ed25519": ed25519.Ed25519PrivateKey.generate,
    "rsa": lambda: rsa.generate_private_key(65537, 2048),
}


def png(size=64):
    file = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (size, size, 3), np.uint8)).save(file, format="PNG")
    return file.getvalue()


def read(signed):
    """Returns the state, the manifest and all content that a reader reports, which trusts the test's authority."""
    anchors = AUTHORITY.certificate.public_bytes(serialization.Encoding.PEM).decode()
    settings = {"trust": {"user_anchors": anchors}, "verify": {"verify_trust": True}}
    context = c2pa.Context(c2pa.Settings.from_dict(settings))
    reader = c2pa.Reader("image/png", io.BytesIO(signed), context=context)
    return reader.get_validation_state(), reader.get_active_manifest(), json.loads(reader.json())


@pytest.fixture
def issued(tmp_path):
    """A key and its chain, as files."""
    key = KEYS["p256"]()
    return (
        write_key(tmp_path / "key.pem", key),
        write_certificates(tmp_path / "chain.pem", AUTHORITY.issue(key), AUTHORITY.certificate),
    )


@pytest.mark.parametrize("kind", KEYS)
def test_a_reader_trusts_what_was_signed(tmp_path, kind):
    key = KEYS[kind]()
    chain = write_certificates(tmp_path / "chain.pem", AUTHORITY.issue(key), AUTHORITY.certificate)
    signed = ContentCredentials(write_key(tmp_path / "key.pem", key), chain, "digits", "3")(png())
    state, manifest, _ = read(signed)
    assert state == "Trusted"
    action = manifest["assertions"][0]["data"]["actions"][0]
    assert action == {
        "action": "c2pa.created",
        "digitalSourceType": SOURCE_TYPE,
        "softwareAgent": {"name": "digits", "version": "3"},
    }
    generator = manifest["claim_generator_info"][0]
    assert (generator["name"], generator["version"]) == ("keras_gan", keras_gan.__version__)
    np.testing.assert_array_equal(Image.open(io.BytesIO(signed)), Image.open(io.BytesIO(png())))


def test_the_note_contains_nothing_else(issued, monkeypatch):
    """The note does not name the user, the folder or the machine."""
    monkeypatch.setenv("USER", "secretuser")
    signed = ContentCredentials(*issued, "digits")(png(8))
    _, manifest, whole = read(signed)
    assert set(manifest) <= {
        "claim_generator_info",
        "instance_id",
        "assertions",
        "signature_info",
        "label",
        "claim_version",
        "format",
    }
    assert [one["label"] for one in manifest["assertions"]] == ["c2pa.actions.v2"]
    assert manifest["assertions"][0]["data"]["actions"][0]["softwareAgent"] == {"name": "digits"}
    assert len(whole["manifests"]) == 1
    for word in (b"secretuser", str(issued[0].parent).encode(), b"PRIVATE KEY"):
        assert word not in signed
    assert len(signed) - len(png(8)) < 4000


def test_a_changed_pixel_is_noticed(issued):
    signed = bytearray(ContentCredentials(*issued, "digits")(png()))
    assert read(bytes(signed))[0] == "Trusted"
    signed[signed.rindex(b"IDAT") + 20] ^= 1
    assert read(bytes(signed))[0] == "Invalid"


def test_another_authority_is_not_trusted(tmp_path):
    key, other = KEYS["p256"](), Authority()
    chain = write_certificates(tmp_path / "chain.pem", other.issue(key), other.certificate)
    assert read(ContentCredentials(write_key(tmp_path / "key.pem", key), chain, "digits")(png()))[0] == "Valid"


def test_many_threads_may_sign(issued):
    sign = ContentCredentials(*issued, "digits")
    with ThreadPoolExecutor(8) as pool:
        signed = list(pool.map(sign, [png(16)] * 64))
    assert {read(one)[0] for one in signed} == {"Trusted"}
    assert len(set(signed)) == 64  # salted: the same image gives different files


def refused(tmp_path, key, *certificates, password=None, error=ValueError):
    with pytest.raises(error) as raised:
        ContentCredentials(
            write_key(tmp_path / "key.pem", key, password),
            write_certificates(tmp_path / "chain.pem", *certificates),
            "digits",
        )
    return str(raised.value)


@pytest.mark.parametrize(
    ("issue", "says"),
    [
        (
            lambda key: AUTHORITY.issue(key, ends=-DAY / 2),
            r"that is valid. Received: .*chain.pem`, which expired on \d{4}-",
        ),
        (lambda key: AUTHORITY.issue(key, begins=DAY / 2), r"that is valid. Received: .*, which is not before \d{4}-"),
        (AUTHORITY.self_signed, "that an authority issued. Received: .*, which is self-signed"),
        (lambda _: AUTHORITY.issue(KEYS["p256"]()), "first in its file. Received: .* is of another key"),
        (lambda _: AUTHORITY.certificate, "is of another key"),
        (lambda key: AUTHORITY.issue(key, None), "for e-mail.* Received: .*, which is for no purpose"),
        (
            lambda key: AUTHORITY.issue(key, ExtendedKeyUsageOID.SERVER_AUTH),
            r"for e-mail.* Received: .*, which is for 1\.3\.6\.1\.5\.5\.7\.3\.1",
        ),
    ],
)
def test_unusable_certificates(tmp_path, issue, says):
    key = KEYS["p256"]()
    assert re.search(says, refused(tmp_path, key, issue(key), AUTHORITY.certificate))


def test_unusable_keys(tmp_path):
    key = KEYS["p256"]()
    assert "without a password. Received:" in refused(tmp_path, key, AUTHORITY.issue(key), password=b"x")
    for key, says in (
        (rsa.generate_private_key(65537, 1024), "RSAPrivateKey of 1024 bits"),
        (ec.generate_private_key(ec.SECP256K1()), "secp256k1"),
        (dsa.generate_private_key(1024), "DSAPrivateKey"),
    ):
        assert re.search(f"a key of P-256, .* Received: .*{says}", refused(tmp_path, key, AUTHORITY.issue(key)))


def test_files_that_are_missing_or_something_else(issued, tmp_path):
    key, chain = issued
    with pytest.raises(FileNotFoundError, match=r"with the private key. Received: .*none.pem"):
        ContentCredentials(tmp_path / "none.pem", chain, "digits")
    with pytest.raises(FileNotFoundError, match=r"with the certificate. Received: .*none.pem"):
        ContentCredentials(key, tmp_path / "none.pem", "digits")
    with pytest.raises(ValueError, match=r"with a private key. Received: .*chain.pem`, which holds none"):
        ContentCredentials(chain, chain, "digits")
    with pytest.raises(ValueError, match=r"of certificates. Received: .*key.pem`, which holds none"):
        ContentCredentials(key, key, "digits")


def test_other_files_are_refused(issued):
    sign = ContentCredentials(*issued, "digits")
    with pytest.raises(ValueError, match=r"`png` must be a PNG file. Received: b'GIF89a'"):
        sign(b"GIF89a")
    with pytest.raises(RuntimeError, match=r"Expected a PNG file, .* Received: 30 bytes"):
        sign(png()[:30])


def test_a_certificate_that_expires_meanwhile(issued, tmp_path):
    import datetime
    import time

    ContentCredentials(*issued, "digits")  # slow imports, before the clock starts
    key = KEYS["p256"]()
    for seconds in (3, 30, 300):
        certificate = AUTHORITY.issue(key, ends=datetime.timedelta(seconds=seconds))
        chain = write_certificates(tmp_path / "own-chain.pem", certificate, AUTHORITY.certificate)
        with contextlib.suppress(ValueError):  # on a busy machine it may expire before it is read
            sign = ContentCredentials(write_key(tmp_path / "own.pem", key), chain, "digits")
            break
    ends = certificate.not_valid_after_utc + datetime.timedelta(seconds=1)
    time.sleep(max(0, (ends - datetime.datetime.now(datetime.timezone.utc)).total_seconds()))
    with pytest.raises(RuntimeError, match=r"still valid. Received: .* C2PA says: .*not valid at time of signing"):
        sign(png())


def test_without_c2pa_the_error_names_the_extra(issued, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "c2pa", None)
    with pytest.raises(ImportError, match=r"need c2pa: pip install .*\[credentials\]"):
        ContentCredentials(*issued, "digits")


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """An ONNX file of a generator: every image is grey, and z's first number sets its brightness."""
    import onnx
    from onnx import TensorProto, helper

    folder = tmp_path_factory.mktemp("exported") / "grey" / "1"
    folder.mkdir(parents=True)
    nodes = [
        helper.make_node("Slice", ["z", "zero", "one", "axis"], ["first"]),
        helper.make_node("Tanh", ["first"], ["grey"]),
        helper.make_node("Reshape", ["grey", "shape"], ["pixel"]),
        helper.make_node("Tile", ["pixel", "tiles"], ["image"]),
    ]
    constants = {"zero": [0], "one": [1], "axis": [1], "shape": [-1, 1, 1, 1], "tiles": [1, 8, 8, 1]}
    graph = helper.make_graph(
        nodes,
        "grey",
        [helper.make_tensor_value_info("z", TensorProto.FLOAT, ["batch", 6])],
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 8, 8, 1])],
        [helper.make_tensor(name, TensorProto.INT64, [len(v)], v) for name, v in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    onnx.save(model, folder / "model.onnx")
    return folder / "model.onnx"


def sample(*arguments):
    return CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1"}).invoke(app, ["sample", *map(str, arguments)])


@pytest.mark.parametrize("separate", [[], ["--separate"]])
def test_sample_signs(exported, issued, tmp_path, separate):
    output = tmp_path / ("out" if separate else "out.png")
    key, chain = issued
    result = sample(exported, "-n", 3, "--output", output, "--sign-key", key, "--sign-certificate", chain, *separate)
    assert result.exit_code == 0, result.output
    files = sorted(output.iterdir()) if separate else [output]
    assert len(files) == (3 if separate else 1)
    for file in files:
        state, manifest, _ = read(file.read_bytes())
        assert state == "Trusted"
        assert manifest["assertions"][0]["data"]["actions"][0]["softwareAgent"] == {"name": "model"}
    plain = tmp_path / ("plain" if separate else "plain.png")
    assert sample(exported, "-n", 3, "--output", plain, *separate).exit_code == 0
    for file in files:
        same = plain / file.name if separate else plain
        np.testing.assert_array_equal(Image.open(file), Image.open(same))
        with pytest.raises(c2pa.C2paError):
            read(same.read_bytes())


def test_sample_fails_before_it_generates(exported, issued, tmp_path, monkeypatch):
    monkeypatch.setattr("keras_gan.export.Artifact.generate", lambda *_, **__: pytest.fail("generated"))
    key, chain = issued
    result = sample(exported, "--output", tmp_path / "a.png", "--sign-key", key)
    assert "--sign-key and --sign-certificate go together. Received: --sign-key alone" in str(result.exception)
    result = sample(exported, "--output", tmp_path / "a.png", "--sign-key", chain, "--sign-certificate", chain)
    assert isinstance(result.exception, ValueError)
    assert not (tmp_path / "a.png").exists()
