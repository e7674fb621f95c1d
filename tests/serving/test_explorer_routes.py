"""Requests of the explorer's page."""

import json
import threading

import httpx
import numpy as np
import pytest
from serving_models import Z, write_generator

from keras_gan import latent
from keras_gan.serving.explorer.routes import PAGE
from keras_gan.serving.options import Options
from keras_gan.serving.server import Server


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("models")
    write_generator(root / "plain" / "3")
    write_generator(root / "classes" / "1", labels=True)
    latent.save_directions(root / "plain" / "3" / "directions.json", {"sefa": latent.sefa(np.eye(Z))})
    (root / "classes" / "1" / "directions.json").write_text("damaged")
    return root


@pytest.fixture(scope="module", params=[None, "open-sesame"], ids=["open", "token"])
def client(folder, request):
    options = Options(folder, rest_port=0, grpc_port=None, poll_seconds=-1, token=request.param)
    server, up = Server(options), threading.Event()
    thread = threading.Thread(target=server.run, args=(lambda _: up.set(),))
    thread.start()
    assert up.wait(60)
    headers = {} if request.param is None else {"authorization": f"Bearer {request.param}"}
    with httpx.Client(base_url=f"http://127.0.0.1:{server.rest_port}", headers=headers) as client:
        yield client
    server.stop()
    thread.join(60)


def test_the_page_is_whole_and_of_this_server_alone(client):
    paths = ["/", *(f"/explorer/{file.name}" for file in PAGE.iterdir())]
    assert len(paths) > 10
    for path in paths:
        answer = httpx.get(f"{client.base_url}{path}")  # a browser has no token before the page asks for it
        assert answer.status_code == 200, path
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "//" not in answer.text.replace("http://www.w3.org/2000/svg", "").replace("// ", ""), path
    assert client.get("/explorer/main.js").headers["content-type"].startswith("text/javascript")


def test_the_models(client):
    assert client.get("/explorer/models.json").json() == {
        "models": [{"name": "classes", "version": 1}, {"name": "plain", "version": 3}]
    }
    plain = client.get("/explorer/models/plain/3.json").json()
    assert plain.pop("directions")["sefa"]["vectors"] == np.eye(Z)[::-1].tolist()
    assert plain == {
        "name": "plain",
        "version": 3,
        "kind": "generator",
        "image_shape": [6, 6, 3],
        "image_range": [-1, 1],
        "latent_dim": Z,
        "takes_labels": False,
        "num_classes": None,
        "from_seeds": True,
    }
    classes = client.get("/explorer/models/classes/1.json").json()
    assert (classes["takes_labels"], classes["directions"]) == (True, {})


def test_z_is_that_of_the_seeds(client):
    z = client.get("/explorer/z.json", params={"seeds": "7,0,2147483647", "latent_dim": 9}).json()["z"]
    expected = np.concatenate([latent.sample(1, 9, seed) for seed in (7, 0, 2**31 - 1)])
    np.testing.assert_array_equal(np.asarray(z, np.float32), expected)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/explorer/models/plain/4.json", 404),
        ("/explorer/models/plain/" + "9" * 5000 + ".json", 404),
        ("/explorer/models/nothing/1.json", 404),
        ("/explorer/../routes.py", 404),
        ("/explorer/%2e%2e/routes.py", 404),
        ("/explorer/nothing.js", 404),
        ("/explorer/z.json", 400),
        ("/explorer/z.json?seeds=1&latent_dim=0", 400),
        ("/explorer/z.json?seeds=-1&latent_dim=4", 400),
        ("/explorer/z.json?seeds=2147483648&latent_dim=4", 400),
        ("/explorer/z.json?seeds=a&latent_dim=4", 400),
        ("/explorer/z.json?seeds=1&latent_dim=100000000", 400),
        ("/explorer/z.json?seeds=" + "1," * 64 + "1&latent_dim=4", 400),
        ("/explorer/z.json?seeds=" + "1" * 5000 + "&latent_dim=4", 400),
    ],
)
def test_what_is_refused(client, path, status):
    answer = client.get(path)
    assert answer.status_code == status, answer.text
    if status == 400:
        assert json.loads(answer.text)["error"]


def test_without_a_token_nothing_is_told(client):
    if "authorization" not in client.headers:
        pytest.skip("this server asks for none")
    for path in ("/explorer/models.json", "/explorer/models/plain/3.json", "/explorer/z.json", "/explorer/", "//"):
        assert httpx.get(f"{client.base_url}{path}").status_code == 401
