"""The client against the server of this library, over REST and gRPC."""

import io

import c2pa
import numpy as np
import pytest
from authority import Authority, write_certificates, write_key
from cryptography.hazmat.primitives.asymmetric import ec
from PIL import Image
from serving_models import CHANNELS, SIZE, Z, write_generator
from test_serving_rest import serving
from typer.testing import CliRunner

from keras_gan.cli.app import app
from keras_gan.cli.models.signing import signer
from keras_gan.images import to_uint8
from keras_gan.latent import sample
from keras_gan.serving import Client, ServerError
from keras_gan.serving.models.model_config import ModelConfig, Policy


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("models")
    weights = {version: write_generator(root / "plain" / f"{version}", seed=version) for version in (1, 2)}
    write_generator(root / "classes" / "5", labels=True)
    return root, weights


@pytest.fixture(scope="module")
def started(folder):
    root, _ = folder
    configs = [
        ModelConfig("plain", root / "plain", Policy(all=True), {"old": 1}),
        ModelConfig("classes", root / "classes"),
    ]
    with serving(configs, grpc_port=0, token="a long secret") as client:
        yield {
            "http": f"http://127.0.0.1:{client.server.rest_port}",
            "grpc": f"grpc://127.0.0.1:{client.server.grpc_port}",
        }


@pytest.fixture(params=["http", "grpc"])
def connect(started, request):
    """Make a client of one of both APIs."""
    clients = []

    def begin(model, **arguments):
        clients.append(Client(started[request.param], model, **{"token": "a long secret", **arguments}))
        return clients[-1]

    yield begin
    for client in clients:
        client.close()


def drawn(weights, n, seed, truncation=1.0):
    """The formula of the model, in NumPy."""
    return np.tanh(sample(n, Z, seed, truncation) @ weights).reshape(n, SIZE, SIZE, CHANNELS)


def test_generate_draws_what_the_model_is(connect, folder):
    _, weights = folder
    newest, old, first = (connect("plain", **which) for which in ({}, {"label": "old"}, {"version": 1}))
    for client, version in ((newest, 2), (old, 1), (first, 1)):
        images = client.generate(40, seed=7, truncation=0.7)  # more than one part
        np.testing.assert_allclose(images, drawn(weights[version], 40, 7, 0.7), atol=2e-6)
        assert images.dtype == np.float32


def test_predict_with_z_and_png(connect, folder):
    _, weights = folder
    client = connect("plain")
    z = sample(5, Z, 3)
    np.testing.assert_allclose(client.predict({"z": z})["image"], drawn(weights[2], 5, 3), atol=2e-6)
    for file, image in zip(client.png(3, seed=3), drawn(weights[2], 3, 3), strict=True):
        difference = np.asarray(Image.open(io.BytesIO(file))).astype(int) - to_uint8(image)
        assert np.abs(difference).max() <= 1


def test_both_apis_give_the_same_bits(started):
    images = [Client(url, "plain", token="a long secret").generate(9, seed=1) for url in started.values()]
    np.testing.assert_array_equal(*images)


def test_classes(connect):
    client = connect("classes")
    one = client.generate(3, labels=[0, 1, 2], seed=5)
    np.testing.assert_array_equal(client.generate(3, labels=[0, 1, 3], seed=5)[:2], one[:2])
    assert len(client.png(2, labels=1)) == 2
    with pytest.raises(ValueError, match="`labels` must be given"):
        client.generate(2)


def test_status_metadata_and_models(connect, started):
    client = connect("plain")
    assert [(one.version, one.state) for one in client.status()] == [(2, "AVAILABLE"), (1, "AVAILABLE")]
    assert set(client.metadata()) == {"serving_default", "generate", "png"}
    assert client.metadata()["serving_default"].inputs["z"].shape == (None, Z)
    assert sorted(Client(started["http"], token="a long secret").models()) == ["classes", "plain"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [({"model": "none"}, "NOT_FOUND"), ({"model": "plain", "version": 9}, "NOT_FOUND")],
)
def test_what_is_not_there(connect, arguments, code):
    with pytest.raises(ServerError, match="is not available") as raised:
        connect(**arguments).generate(1)
    assert raised.value.code == code


def test_an_unknown_label_and_a_wrong_token(connect):
    with pytest.raises(ServerError, match="has no label new"):
        connect("plain", label="new").generate(1)
    with pytest.raises(ServerError) as raised:
        connect("plain", token="wrong").generate(1)
    assert raised.value.code == "UNAUTHENTICATED"
    assert "wrong" not in str(raised.value).replace("or is wrong", "")


def test_wrong_shapes_are_told(connect):
    with pytest.raises(ServerError, match="INVALID_ARGUMENT") as raised:
        connect("plain").predict({"z": np.zeros((2, Z + 1))})
    assert str(Z + 1) in raised.value.message


def test_signed_pictures(folder, tmp_path):
    """Both ways to a PNG file are signed, with the model's name and version; a weak ETag says that bytes differ."""
    root, _ = folder
    authority, key = Authority(), ec.generate_private_key(ec.SECP256R1())
    paths = (
        write_key(tmp_path / "key.pem", key),
        write_certificates(tmp_path / "chain.pem", authority.issue(key), authority.certificate),
    )
    with serving([ModelConfig("plain", root / "plain")], signer=signer(*paths)) as http:
        (file,) = Client(f"http://127.0.0.1:{http.server.rest_port}", "plain").png(1, seed=7)
        answers = [http.get("/v1/models/plain:image.png?seed=7") for _ in range(2)]
        for signed in (file, *(answer.content for answer in answers)):
            reader = c2pa.Reader("image/png", io.BytesIO(signed))
            assert reader.get_validation_state() == "Valid"
            action = reader.get_active_manifest()["assertions"][0]["data"]["actions"][0]
            assert action["softwareAgent"] == {"name": "plain", "version": "2"}
        assert answers[0].content != answers[1].content
        etag = answers[0].headers["etag"]
        assert etag == answers[1].headers["etag"]
        assert etag.startswith('W/"')
        again = http.get("/v1/models/plain:image.png?seed=7", headers={"if-none-match": etag})
        assert again.status_code == 304
    with serving([ModelConfig("plain", root / "plain")]) as http:
        unsigned = http.get("/v1/models/plain:image.png?seed=7").headers["etag"]
        assert not unsigned.startswith("W/")
        assert unsigned not in etag


def test_serve_refuses_a_key_that_will_not_do(folder, tmp_path):
    (tmp_path / "key.pem").write_text("none")
    arguments = ["--sign-key", tmp_path / "key.pem", "--sign-certificate", tmp_path / "key.pem"]
    result = CliRunner().invoke(app, ["serve", str(folder[0]), *map(str, arguments)])
    assert isinstance(result.exception, ValueError)
    assert "a PEM file with a private key" in str(result.exception)
