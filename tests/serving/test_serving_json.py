"""JSON to arrays and back.

`data/tf_serving_json.jsonl` has answers that TensorFlow Serving's own JSON code gave. Status and values must be equal.
Messages are ours.
"""

import base64
import contextlib
import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hypothesis_numpy

from keras_gan.artifacts.tensor_spec import TensorSpec
from keras_gan.serving.dtypes import DTYPES
from keras_gan.serving.errors import ServingError
from keras_gan.serving.rest.json_request import MAX_RANK, JsonRequest
from keras_gan.serving.rest.json_response import encode

VECTORS = [json.loads(line) for line in (Path(__file__).parent / "data/tf_serving_json.jsonl").read_text().splitlines()]
# Requests that no client sends on purpose, where standard JSON parsers differ from TensorFlow Serving's.
DIFFERENT = {
    "unusual spellings of infinity": ['{"instances":[Infinity.5,NInf,-NaN]}'],
    "an exponent that is too large for a double, of the number 0": ['{"instances":[0e999]}'],
    "unusual base64": [
        '{"instances":[{"b64":"YQ==\\n"},{"b64":" a G V s bG8 ="},{"b64":"YQ.."}]}',
        '{"instances":[{"b64":"YQ="}]}',
    ],
    "the first of two equal keys": [
        '{ "instances":\r\n[{"":[0,0],"y":[7,\n7],"z":[\nfalse,\r\nfalse]}], '
        '"instances":\r\n[{"x":[0,0],"y":[7,\n7],"z":[\nfalse,\r\nfalse]}]}'
    ],
    "the first of two errors": ['{\t"inputs":[-0.0,[[4294967295],[]]]}'],
}
ENUMS = {dtype.enum: dtype for dtype in DTYPES}
NUMBERS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
X = (TensorSpec(name="x", dtype="float32", shape=(None,)),)


def of_kind(kind):
    different = [body for bodies in DIFFERENT.values() for body in bodies]
    return [
        pytest.param(vector, id=f"{i}")
        for i, vector in enumerate(VECTORS)
        if vector["kind"] == kind and vector.get("body") not in different
    ]


def tensor(proto):
    """The array that a TensorProto in JSON stands for."""
    dtype = ENUMS[proto["dtype"]]
    shape = [int(dim.get("size", 0)) for dim in proto["tensor_shape"].get("dim", [])]
    values = proto.get(dtype.values, [])
    if dtype.numpy == "string":
        array = np.empty(len(values), object)
        array[:] = [base64.b64decode(value) for value in values]
        return array.reshape(shape)
    if dtype.numpy == "float16":
        return np.array(values, np.uint16).view(np.float16).reshape(shape)
    if dtype.numpy.startswith("float"):
        return np.array([NUMBERS.get(value, value) for value in values], np.float64).astype(dtype.numpy).reshape(shape)
    return np.array([int(value) for value in values]).astype(dtype.numpy).reshape(shape)


def decode(body, specs=X):
    request = JsonRequest.parse(body)
    return request.format, request.signature_name, request.arrays(specs)


def assert_equal(array, wanted):
    """Equal dtype, shape and values; floats within the rounding of float32."""
    assert (array.dtype, array.shape) == (wanted.dtype, wanted.shape)
    if array.dtype.kind == "f":
        np.testing.assert_allclose(array, wanted, rtol=1e-7, atol=0)
    else:
        np.testing.assert_array_equal(array, wanted)


def test_every_different_request_is_among_the_answers():
    bodies = {vector.get("body") for vector in VECTORS}
    assert {body for group in DIFFERENT.values() for body in group} <= bodies


@pytest.mark.parametrize("vector", of_kind("predict_request"))
def test_requests_give_the_status_and_values_of_tensorflow_serving(vector):
    specs = tuple(
        TensorSpec(name=name, dtype=ENUMS[enum].numpy, shape=(None,))
        for name, enum in vector["signature_inputs"].items()
    )
    if not vector["ok"]:
        with pytest.raises(ServingError) as caught:
            decode(vector["body"].encode(), specs)
        assert (caught.value.code, caught.value.http_status) == (vector["code"], vector["http"])
        return
    format, signature, inputs = decode(vector["body"].encode(), specs)
    assert format == {"row": "row", "columnar": "column"}[vector["format"]]
    assert signature == vector["request"].get("model_spec", {}).get("signature_name", "")
    wanted = {name: tensor(proto) for name, proto in vector["request"]["inputs"].items()}
    assert inputs.keys() == wanted.keys()
    for name, array in wanted.items():
        assert_equal(inputs[name], array)


@pytest.mark.parametrize("vector", of_kind("predict_response"))
def test_answers_hold_the_values_of_tensorflow_serving(vector):
    outputs = {name: tensor(proto) for name, proto in vector["outputs"].items()}
    format = {"row": "row", "col": "column"}[vector["format"]]
    if not vector["ok"]:
        with pytest.raises(ServingError) as caught:
            encode(outputs, format)
        assert caught.value.code == vector["code"]
        return
    written, wanted = json.loads(encode(outputs, format)), json.loads(vector["response_body"])
    assert written.keys() == wanted.keys()
    assert type(written) is type(wanted)
    np.testing.assert_equal(_rounded(written), _rounded(wanted))


def _rounded(value):
    """JSON with its floats as float32."""
    if isinstance(value, dict):
        return {name: _rounded(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_rounded(one) for one in value]
    with np.errstate(over="ignore"):
        return np.float32(value) if isinstance(value, float) else value


FLOAT32 = hypothesis_numpy.arrays(
    np.float32,
    hypothesis_numpy.array_shapes(min_dims=1, max_dims=4, max_side=4),
    elements=st.floats(width=32) | st.floats(-1, 1, width=32),
)


@settings(max_examples=300, deadline=None)
@given(FLOAT32, st.booleans())
@example(np.array([[1e-45, 3.4028235e38, -0.0, 1e-5]], np.float32), True)
@example(np.array([np.inf], np.float32), False)
@example(np.array([np.inf], np.float32), True)
def test_what_is_encoded_is_decoded_to_the_same_floats(x, row):
    document = json.loads(encode({"y": x}, "row" if row else "column"))
    body = {"instances": document["predictions"]} if row else {"inputs": document["outputs"]}
    _, _, inputs = decode(json.dumps(body).encode())
    np.testing.assert_array_equal(inputs["x"], x)
    there = ~np.isnan(x)
    np.testing.assert_array_equal(np.signbit(inputs["x"][there]), np.signbit(x[there]))


def test_an_answer_has_no_white_space():
    image = np.array([[[0.5, 1.0]]], np.float32)
    assert encode({"image": image}, "row") == b'{"predictions":[[[0.5,1.0]]]}'
    assert encode({"score": image * np.nan}, "column") == b'{"outputs":[[[NaN,NaN]]]}'
    assert (
        encode({"a": image.T, "b": image.T}, "column") == b'{"outputs":{"a":[[[0.5]],[[1.0]]],"b":[[[0.5]],[[1.0]]]}}'
    )


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"instances": [[1, 2], [3]]}', "`x` must have the same length at each level. Received: lists of 1 and 2"),
        (b'{"instances": [1, [2]]}', "Received: lists beside single values"),
        (b'{"instances": [["a"]]}', "`x` must hold values of type float32. Received: 'a'"),
        (b'{"instances": [{"y": 1}]}', "Row 0 of `instances` must be an object with the keys ['x']"),
        (b'{"inputs": {"y": 1}}', "`inputs` must have the names ['x']. Received: ['y']"),
        (b'{"instances": []}', "`instances` must be a list with at least one row. Received: []"),
        (b'{"data": 1}', "must have `instances` or `inputs`. Received: ['data']"),
        (b"{'instances': 1}", "must be JSON. Received: Expecting property name"),
        (b"[1]", "must be a JSON object. Received: [1]"),
    ],
)
def test_messages_name_the_input_and_what_came(body, message):
    with pytest.raises(ServingError) as caught:
        decode(body)
    assert message in caught.value.message


def test_nested_lists_have_a_limit():
    for opening in (b"[", b'{"a":', b'{"instances":['):
        with pytest.raises(ServingError) as caught:
            decode(opening * 100_000)
        assert caught.value.http_status == 400
    for depth in (MAX_RANK + 1, 900):
        with pytest.raises(ServingError, match=f"at most {MAX_RANK} dimensions"):
            decode(b'{"inputs":' + b"[" * depth + b"1" + b"]" * depth + b"}")
    assert decode(b'{"inputs":' + b"[" * MAX_RANK + b"1" + b"]" * MAX_RANK + b"}")[2]["x"].ndim == MAX_RANK


def test_long_values_are_cut_off_in_messages():
    with pytest.raises(ServingError) as caught:
        decode(json.dumps({"instances": {"x": ["text" * 1000] * 1000}}).encode())
    assert len(caught.value.message) < 400


VALUES = (
    st.integers(-(2**64), 2**65)
    | st.floats(allow_nan=True, allow_infinity=True)
    | st.sampled_from([-1, 0, 1, 2**31 - 1, 2**31, 0.1, 1e40, {"b64": "AAE="}, "text", "\ud800", None, True])
)


@settings(max_examples=300, deadline=None)
@given(
    st.recursive(VALUES, lambda inner: st.lists(inner, max_size=3), max_leaves=12),
    st.sampled_from([dtype.numpy for dtype in DTYPES]),
    st.booleans(),
)
def test_any_value_is_an_array_of_the_type_or_an_error(values, dtype, row):
    body = json.dumps({"instances": [values, values]} if row else {"inputs": values}).encode()
    with contextlib.suppress(ServingError):
        _, _, inputs = decode(body, (TensorSpec(name="x", dtype=dtype, shape=(None,)),))
        assert inputs["x"].dtype == (object if dtype == "string" else dtype)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60) | st.text('{}[]":,0123456789.eE+-\\un tfalsruNInity', max_size=60).map(str.encode))
def test_any_bytes_are_an_answer_or_an_error(body):
    with contextlib.suppress(ServingError):
        decode(body)
