"""JSON to tensors and back, held to the answers of TensorFlow Serving's own code in `data/tf_serving_json.jsonl`."""

import base64
import contextlib
import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from keras_gan.artifacts.engines import TensorSpec
from keras_gan.serving.dtypes import DTYPES
from keras_gan.serving.errors import ServingError
from keras_gan.serving.rest import json_numbers
from keras_gan.serving.rest.json_reader import MAX_DEPTH, read
from keras_gan.serving.rest.json_request import decode, decode_thoroughly
from keras_gan.serving.rest.json_response import encode

VECTORS = [
    json.loads(line) for line in (Path(__file__).parent.parent / "data/tf_serving_json.jsonl").read_text().splitlines()
]
ENUMS = {dtype.enum: dtype for dtype in DTYPES}
NUMBERS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
X = (TensorSpec(name="x", dtype="float32", shape=(None,)),)


def of_kind(kind):
    return [pytest.param(vector, id=f"{i}") for i, vector in enumerate(VECTORS) if vector["kind"] == kind]


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


@pytest.mark.parametrize("vector", of_kind("predict_request"))
def test_requests_as_tensorflow_serving_reads_them(vector):
    specs = tuple(
        TensorSpec(name=name, dtype=ENUMS[enum].numpy, shape=(None,))
        for name, enum in vector["signature_inputs"].items()
    )
    if not vector["ok"]:
        with pytest.raises(ServingError) as caught:
            decode(vector["body"].encode(), lambda name: specs)
        assert caught.value.message == vector["error"]
        assert caught.value.code == vector["code"]
        assert caught.value.http_status == vector["http"]
        return
    request = decode(vector["body"].encode(), lambda name: specs)
    assert request.format == vector["format"]
    assert request.signature == vector["request"].get("model_spec", {}).get("signature_name", "")
    wanted = {name: tensor(proto) for name, proto in vector["request"]["inputs"].items()}
    assert request.inputs.keys() == wanted.keys()
    for name, array in wanted.items():
        assert request.inputs[name].dtype == array.dtype
        np.testing.assert_array_equal(request.inputs[name], array)


@pytest.mark.parametrize("vector", of_kind("predict_response"))
def test_answers_as_tensorflow_serving_writes_them(vector):
    outputs = {name: tensor(proto) for name, proto in vector["outputs"].items()}
    form = "row" if vector["format"] == "row" else "columnar"
    if not vector["ok"]:
        with pytest.raises(ServingError) as caught:
            encode(outputs, form)
        assert (caught.value.code, caught.value.message) == (vector["code"], vector["error"])
        return
    written, wanted = encode(outputs, form).decode(), vector["response_body"]
    if len(outputs) > 1:  # their order is another in each of TensorFlow Serving's answers
        assert json.loads(written) == json.loads(wanted)
    else:
        assert written == wanted


FLOATS = st.floats(width=32) | st.floats(-1, 1, width=32) | st.integers(-(10**6), 10**6).map(lambda i: i / 2**9)


@settings(max_examples=500, deadline=None)
@given(st.lists(FLOATS, min_size=1, max_size=20))
@example([1.001953125, 0.0001, 9.9999e-05, 999999.5, 123456.789, -0.0])
def test_floats_have_the_digits_of_printf(values):
    """Six digits if they tell the number, nine if not: C's %g, which Python's formatting is."""
    array = np.array(values, np.float32)
    texts = []
    for x in array:
        text = f"{x:.6g}" if np.float32(f"{x:.6g}") == x else f"{x:.9g}"
        texts.append(text if set(text) & set(".e") or not np.isfinite(x) else f"{text}.0")
    wanted = ", ".join(texts).replace("nan", "NaN").replace("inf", "Infinity")
    assert encode({"y": array}, "row").decode() == f'{{\n    "predictions": [{wanted}\n    ]\n}}'


NUMBERS_OF_JSON = (
    st.integers(-(2**64), 2**65)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([-1, 0, 1, 2**31 - 1, 2**31, 0.1, 1e40])
)


@settings(max_examples=300, deadline=None)
@given(
    st.recursive(NUMBERS_OF_JSON | st.none() | st.booleans(), lambda inner: st.lists(inner, max_size=3), max_leaves=12),
    st.sampled_from(["float32", "float64", "int32", "int64", "uint8", "uint64"]),
    st.booleans(),
)
def test_the_quick_way_and_the_thorough_one_agree(values, dtype, row):
    body = json.dumps({"instances": [values, values]} if row else {"inputs": values}).encode()
    specs = (TensorSpec(name="x", dtype=dtype, shape=(None,)),)
    quick = json_numbers.decode(body, lambda name: specs)
    if quick is not None:
        thorough = decode_thoroughly(body, lambda name: specs)
        assert quick[:2] == (thorough.format, thorough.signature)
        np.testing.assert_array_equal(quick[2]["x"], thorough.inputs["x"])


def test_the_quick_way_is_taken_for_numbers():
    labels = TensorSpec(name="labels", dtype="int32", shape=(None,))
    for body in (b'{"instances": [[0.5, 1]]}', b'{"signature_name": "generate", "inputs": {"x": [1, 2]}}'):
        assert json_numbers.decode(body, lambda name: X) is not None
    assert json_numbers.decode(b'{"instances": [{"x": [1.5], "labels": 3}]}', lambda name: (*X, labels)) is not None


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"a":1,}', "Missing a name for object member. at offset: 7"),
        (b"  ", "The document is empty. at offset: 2"),
        (b"]", "The document is empty. at offset: 0"),
        (b'{"a" 1}', "Missing a colon after a name of object member. at offset: 5"),
        (b'{"a":}', "Invalid value. at offset: 5"),
        (b"[1,]", "Invalid value. at offset: 3"),
        (b"[1 2]", "Missing a comma or ']' after an array element. at offset: 3"),
        (b'["\\u12G4"]', "Incorrect hex digit after \\u escape in string. at offset: 2"),
        (b'["\\ud800x"]', "The surrogate pair in string is invalid. at offset: 2"),
        (b'["\\q"]', "Invalid escape character in string. at offset: 2"),
        (b'["abc', "Missing a closing quotation mark in string. at offset: 5"),
        (b'["a\nb"]', "Invalid escape character in string. at offset: 3"),
        (b"[1.]", "Miss fraction part in number. at offset: 3"),
        (b"[1e]", "Miss exponent in number. at offset: 3"),
        (b"[1e400]", "Number too big to be stored in double. at offset: 1"),
        (b"[-]", "Invalid value. at offset: 2"),
        (b"[Nan]", "Invalid value. at offset: 3"),
        (b"[trve]", "Invalid value. at offset: 3"),
    ],
)
def test_what_is_wrong_with_a_text(body, message):
    """RapidJSON's messages; offsets from its reader's rules."""
    with pytest.raises(ServingError) as caught:
        read(body)
    assert caught.value.message == f"JSON Parse error: {message}"


def test_the_first_of_repeated_keys_counts():
    for body in (
        b'{"inputs": [1], "inputs": [2]}',
        b'{"inputs": {"x": [1], "x": [2]}}',
        b'{"instances": [{"x": 1, "x": 2}]}',
    ):
        assert decode(body, lambda name: X).inputs["x"] == [1]


def test_a_nest_has_a_limit():
    for opening in (b"[", b'{"a":', b'{"instances":['):
        with pytest.raises(ServingError, match=f"deeper than {MAX_DEPTH} levels"):
            decode(opening * 100_000, lambda name: X)
    read(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)


def test_long_values_are_cut_off_in_errors():
    with pytest.raises(ServingError) as caught:
        decode(json.dumps({"instances": 5, "more": list(range(1000))}).encode(), lambda name: X)
    assert len(caught.value.message) < 400


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60) | st.text('{}[]":,0123456789.eE+-\\un tfalsruNInity', max_size=60).map(str.encode))
def test_any_bytes_are_an_answer_or_an_error(body):
    with contextlib.suppress(ServingError):
        decode(body, lambda name: X)


@settings(max_examples=200, deadline=None)
@given(st.recursive(NUMBERS_OF_JSON | st.text() | st.none() | st.booleans(), lambda inner: st.lists(inner, max_size=4)))
def test_the_reader_reads_what_json_writes(value):
    def same(ours, theirs):
        if isinstance(theirs, list):
            return len(ours) == len(theirs) and all(map(same, ours, theirs))
        if isinstance(theirs, int) and not isinstance(theirs, bool) and not -(2**63) <= theirs < 2**64:
            theirs = float(theirs)
        if isinstance(theirs, float):  # RapidJSON's, which the vectors hold it to, are off by a few units at the most
            return isinstance(ours, float) and math.isclose(ours, theirs, rel_tol=4e-15, abs_tol=1e-320)
        return ours == theirs and type(ours) is type(theirs)

    for ascii_only in (True, False):
        text = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
        if b"\\ud" not in text and b"\xed" not in text:
            assert same(read(text), json.loads(text))
