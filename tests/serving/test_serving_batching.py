"""Batches of requests: which requests share one, and what each gets back."""

import threading
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from serving_models import Z, write_generator

from keras_gan.serving.errors import ServingError
from keras_gan.serving.models.servable import Servable, load
from keras_gan.serving.models.signature import Signature
from keras_gan.serving.monitoring.metrics import Metrics
from keras_gan.serving.predict.batching import Batcher
from keras_gan.serving.predict.predictor import Predictor


class Doubling:
    """A model that doubles x, notes the rows of each run, and waits until it may run."""

    def __init__(self, free=True):
        self.rows = []
        self.running, self.free = threading.Semaphore(0), threading.Event()
        if free:
            self.free.set()

    def __call__(self, inputs):
        self.rows.append(len(inputs["x"]))
        self.running.release()
        assert self.free.wait(60)
        return {"y": inputs["x"] * 2}


def ask_all(batcher, run, sizes, key="m", width=2):
    """Starts a request with each number of rows; returns the list of their answers or errors, and the threads."""
    answers = [None] * len(sizes)

    def ask(i, size):
        try:
            answers[i] = batcher.run(key, run, {"x": np.full((size, width), i, np.float32)}, size)["y"]
        except ServingError as problem:
            answers[i] = problem

    threads = [threading.Thread(target=ask, args=pair) for pair in enumerate(sizes)]
    for thread in threads:
        thread.start()
    return answers, threads


def wait_for(batcher, count):
    """Waits until this number of requests waits for a processor."""
    deadline = time.monotonic() + 60
    while sum(map(len, batcher._waiting.values())) < count:
        assert time.monotonic() < deadline
        time.sleep(0.001)


def join(*groups):
    for thread in (thread for group in groups for thread in group):
        thread.join(60)
        assert not thread.is_alive()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 10), min_size=1, max_size=12), st.integers(1, 3))
def test_each_gets_its_own_rows(sizes, parallel):
    batcher, run = Batcher(max_rows=8, parallel=parallel), Doubling()
    answers, threads = ask_all(batcher, run, sizes)
    join(threads)
    for i, (size, answer) in enumerate(zip(sizes, answers, strict=True)):
        np.testing.assert_array_equal(answer, np.full((size, 2), 2 * i, np.float32))
    assert sum(run.rows) == sum(sizes)
    assert max(run.rows) <= max(8, *sizes)  # a request that is larger than a batch runs alone
    assert not batcher._waiting


def test_what_comes_while_a_batch_runs_is_the_next_batch():
    batcher, run = Batcher(max_rows=16, parallel=1), Doubling(free=False)
    _, first = ask_all(batcher, run, [1])
    assert run.running.acquire(timeout=60)
    _, others = ask_all(batcher, run, [2, 3, 4])
    wait_for(batcher, 3)
    run.free.set()
    join(first, others)
    assert run.rows == [1, 9]


def test_a_deadline_ends_the_wait():
    batcher, run = Batcher(parallel=1), Doubling(free=False)
    _, first = ask_all(batcher, run, [1])
    assert run.running.acquire(timeout=60)
    with pytest.raises(ServingError) as caught:
        batcher.run("m", run, {"x": np.zeros((1, 2), np.float32)}, 1, deadline=time.monotonic())
    assert caught.value.http_status == 504
    run.free.set()
    join(first)
    assert run.rows == [1]


def test_keys_and_shapes_do_not_mix():
    batcher, run, other = Batcher(max_rows=16, parallel=1), Doubling(free=False), Doubling()
    _, first = ask_all(batcher, run, [1])
    assert run.running.acquire(timeout=60)
    _, of_other_key = ask_all(batcher, other, [1, 1], key="n")
    _, of_other_shape = ask_all(batcher, run, [1], width=5)
    wait_for(batcher, 3)
    run.free.set()
    join(first, of_other_key, of_other_shape)
    assert (run.rows, other.rows) == ([1, 1], [2])


def test_each_request_of_a_batch_gets_its_error():
    batcher, run = Batcher(parallel=1), Doubling(free=False)
    _, first = ask_all(batcher, run, [1])
    assert run.running.acquire(timeout=60)

    def fail(inputs):
        raise ServingError("INTERNAL", f"no {len(inputs['x'])}")

    answers, others = ask_all(batcher, fail, [1, 2], key="n")
    wait_for(batcher, 2)
    run.free.set()
    join(first, others)
    assert [answer.message for answer in answers] == ["no 3", "no 3"]


@pytest.mark.parametrize(("format", "used"), [("onnx", 0), ("tflite", 0), ("saved_model", 1)])
def test_only_saved_models_use_batches(tmp_path, format, used):
    write_generator(tmp_path / "1")
    loaded = load("m", 1, tmp_path / "1")
    waited = []
    predictor = Predictor(Metrics(), Batcher(waited=waited.append))
    servable = Servable("m", 1, tmp_path, format, loaded.signatures)
    predictor.run(servable, "serving_default", {"z": np.zeros((2, Z), np.float32)})
    assert len(waited) == used
    assert isinstance(servable.signature("generate"), Signature)
