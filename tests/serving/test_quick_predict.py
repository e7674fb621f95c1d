"""The quick way of common requests, beside the long way that all others go."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from serving_models import Z, write_generator
from test_serving_rest import serving

from keras_gan.serving.errors import ServingError
from keras_gan.serving.models.servable import load
from keras_gan.serving.models.signature import Signature
from keras_gan.serving.monitoring.metrics import Metrics
from keras_gan.serving.predict.predictor import Predictor
from keras_gan.serving.rest import json_response, quick_predict
from keras_gan.serving.rest.json_request import JsonRequest


@pytest.fixture(scope="module")
def servable(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "1"
    write_generator(folder)
    return load("m", 1, folder)


def result(steps):
    try:
        while True:
            next(steps)
    except StopIteration as end:
        return end.value


def long_way(servable, body):
    asked = JsonRequest.parse(body)
    inputs = asked.arrays(servable.signature("serving_default").inputs)
    outputs = result(Predictor(Metrics(), max_rows=8).run(servable, "serving_default", inputs))
    return json_response.encode(outputs, asked.format)


def quick_way(servable, body):
    return result(quick_predict.answer(servable.signature("serving_default"), body, 8))


numbers = st.floats(-1e40, 1e40, width=64) | st.integers(-(2**40), 2**40)
odd = st.sampled_from([True, False, None, "1", "x", math.nan, math.inf, 10**400, [], {}, {"b64": "AA"}])


@st.composite
def bodies(draw):
    rows = draw(st.lists(st.lists(numbers, min_size=Z, max_size=Z), min_size=0, max_size=10))
    if draw(st.booleans()) and rows:
        row = rows[draw(st.integers(0, len(rows) - 1))]
        row[draw(st.integers(0, Z - 1))] = draw(odd)
        if draw(st.booleans()):
            row.pop()
    document = {draw(st.sampled_from(["instances", "inputs", "other"])): draw(st.sampled_from([rows, {"z": rows}]))}
    if draw(st.booleans()):
        document["signature_name"] = "serving_default"
    return json.dumps(document).encode()


@settings(max_examples=300, deadline=None)
@given(bodies())
def test_both_ways_give_the_same_answer(servable, body):
    quick = quick_way(servable, body)
    if quick is not None:
        assert quick.body == long_way(servable, body)


@pytest.mark.parametrize("key", ["instances", "inputs"])
def test_common_requests_go_the_quick_way(servable, key):
    answer = quick_way(servable, json.dumps({key: np.ones((3, Z)).tolist()}).encode())
    assert answer.rows == 3
    assert answer.body == long_way(servable, json.dumps({key: np.ones((3, Z)).tolist()}).encode())


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "5", '{"instances": 5}', '{"instances": []}', '{"instances": [[NaN]]}', '{"instances"}']
)
def test_wrong_requests_go_the_long_way(servable, text):
    assert quick_way(servable, text.encode()) is None
    with pytest.raises(ServingError):
        long_way(servable, text.encode())


def test_requests_of_both_ways_are_counted_and_logged(tmp_path):
    write_generator(tmp_path / "models" / "m" / "1")
    with serving(tmp_path / "models", access_log=str(tmp_path / "log"), cors=True) as client:
        for body in ({"instances": [[0.0] * Z]}, {"instances": [[0.0] * Z], "signature_name": ""}):
            answer = client.post("/v1/models/m:predict", json=body)
            assert answer.headers["access-control-allow-origin"] == "*"
        metrics = client.get("/monitoring/prometheus/metrics").text
    assert ':tensorflow:serving:request_count{model_name="m",status="OK"} 2.0' in metrics
    assert ':tensorflow:serving:request_example_count_total{model="m"} 2.0' in metrics
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()][:2]
    assert [(line["status"], line["version"], line["signature"]) for line in lines] == [(200, 1, "serving_default")] * 2


@pytest.mark.parametrize("rows", [1, 64, 65, 300])
def test_parts_of_a_large_request_give_the_same_rows(servable, rows):
    signature, z = servable.signature("serving_default"), np.random.default_rng(0).normal(size=(rows, Z))
    ran, whole = [], signature.run({"z": z.astype(np.float32)})["image"]

    def run(inputs):
        ran.append(len(inputs["z"]))
        return signature.run(inputs)

    parted = replace(servable, signatures={"serving_default": Signature(signature.inputs, signature.outputs, run)})
    steps = Predictor(Metrics()).run(parted, "serving_default", {"z": z.astype(np.float32)})
    np.testing.assert_allclose(result(steps)["image"], whole, atol=1e-6)
    assert sum(ran) == rows
    assert max(ran) <= 256
