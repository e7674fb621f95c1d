"""Classes by name: in the query of an image, the explorer's facts and the client."""

import httpx
import numpy as np
import pytest
from conftest import small_gan
from test_serving_rest import serving

from keras_gan.export import export_generator
from keras_gan.serving import Client


@pytest.fixture(scope="module")
def named(tmp_path_factory):
    folder = tmp_path_factory.mktemp("named")
    gan = small_gan(4)
    gan.class_names = ("cats", "dogs", "Objects", "a & b")
    export_generator(gan, folder, formats=["onnx"], name="pets", batch_sizes=[1])
    with serving(folder) as http:
        yield f"http://127.0.0.1:{http.server.rest_port}"


def image(url, **query):
    return httpx.get(f"{url}/v1/models/pets:image.png", params={"seed": 7, **query})


def test_an_image_by_the_name_of_its_class(named):
    for name, number in (("Objects", 2), ("a & b", 3)):
        by_name, by_number = image(named, label=name), image(named, label=number)
        assert by_name.status_code == 200
        assert by_name.content == by_number.content
    assert image(named, label="cats").content != image(named, label="dogs").content


@pytest.mark.parametrize("label", ["birds", "99", "-1", "2.0", "x" * 300])
def test_other_labels_are_refused_with_the_classes(named, label):
    answer = image(named, label=label)
    assert answer.status_code == 400
    assert "`label` must be" in answer.json()["error"]
    if label in ("birds", "99"):
        assert 'class 1 = "dogs"' in answer.json()["error"]


def test_the_manifest_and_the_explorer_have_the_names(named):
    names = ["cats", "dogs", "Objects", "a & b"]
    assert httpx.get(f"{named}/v1/models/pets:manifest").json()["class_names"] == names
    assert httpx.get(f"{named}/explorer/models/pets/1.json").json()["class_names"] == names


def test_the_client_takes_names(named):
    with Client(named, "pets") as client:
        np.testing.assert_array_equal(client.generate(2, labels="Objects"), client.generate(2, labels=2))
        np.testing.assert_array_equal(client.generate(2, labels=["dogs", "cats"]), client.generate(2, labels=[1, 0]))
        with pytest.raises(ValueError, match='class 1 = "dogs"'):
            client.generate(1, labels="bird")
