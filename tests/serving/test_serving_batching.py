"""Requests put together: by whom, how many, and what each gets back."""

import threading
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_gan.serving.errors import ServingError
from keras_gan.serving.predict.batching import Batcher, BatchingParameters


class Doubling:
    """A model that doubles x, counts the rows of its runs, and runs when it is let."""

    def __init__(self, free=True):
        self.rows = []
        self.let = threading.Event()
        if free:
            self.let.set()

    def __call__(self, inputs):
        self.rows.append(len(inputs["x"]))
        assert self.let.wait(60)
        return {"y": inputs["x"] * 2}


def ask_all(batcher, run, sizes, key="m"):
    """Ask for batches of these sizes at once; gives each's answer or error."""
    answers = [None] * len(sizes)

    def ask(i, size):
        x = np.full((size, 2), i, np.float32)
        try:
            answers[i] = batcher.run(key, run, {"x": x}, size)["y"]
        except ServingError as problem:
            answers[i] = problem

    threads = [threading.Thread(target=ask, args=pair) for pair in enumerate(sizes)]
    for thread in threads:
        thread.start()
    return answers, threads


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.integers(1, 8), min_size=1, max_size=12),
    st.sampled_from([(), (1, 4, 8), (8,)]),
    st.integers(1, 3),
)
def test_each_gets_its_own_rows(sizes, allowed, threads):
    batcher = Batcher(BatchingParameters(8, num_batch_threads=threads, allowed_batch_sizes=allowed))
    run = Doubling()
    answers, asking = ask_all(batcher, run, sizes)
    for thread in asking:
        thread.join(60)
    batcher.close()
    for i, (size, answer) in enumerate(zip(sizes, answers, strict=True)):
        np.testing.assert_array_equal(answer, np.full((size, 2), 2 * i, np.float32))
    assert max(run.rows) <= 8
    assert not allowed or set(run.rows) <= set(allowed)


def test_what_comes_while_a_batch_runs_is_the_next_batch():
    batcher, run = Batcher(BatchingParameters(16, num_batch_threads=1)), Doubling(free=False)
    _, first = ask_all(batcher, run, [1])
    while not run.rows:
        time.sleep(0.001)
    _, others = ask_all(batcher, run, [2, 3, 4])
    while next(iter(batcher._queues.values()), None) is None or next(iter(batcher._queues.values())).rows < 9:
        time.sleep(0.001)
    run.let.set()
    for thread in (*first, *others):
        thread.join(60)
    batcher.close()
    assert run.rows == [1, 9]


def test_a_batch_waits_for_its_timeout_and_no_longer_than_full():
    batcher, run = Batcher(BatchingParameters(4, batch_timeout_micros=200_000)), Doubling()
    began = time.monotonic()
    batcher.run("m", run, {"x": np.zeros((1, 2), np.float32)}, 1)
    assert time.monotonic() - began >= 0.2
    batcher.close()
    batcher = Batcher(BatchingParameters(4, batch_timeout_micros=600_000_000))
    answers, asking = ask_all(batcher, run, [2, 2])
    for thread in asking:
        thread.join(60)
    assert [len(answer) for answer in answers] == [2, 2]
    assert run.rows == [1, 4]
    batcher.close()


def test_a_full_queue_and_a_large_task_are_refused():
    batcher, run = Batcher(BatchingParameters(2, max_enqueued_batches=1)), Doubling(free=False)
    with pytest.raises(ServingError, match="Task size 3 is larger than maximum input batch size 2") as caught:
        batcher.run("m", run, {"x": np.zeros((3, 2), np.float32)}, 3)
    assert caught.value.http_status == 400
    _, first = ask_all(batcher, run, [2])
    while not run.rows:
        time.sleep(0.001)
    _, second = ask_all(batcher, run, [2])
    while not batcher._queues:
        time.sleep(0.001)
    with pytest.raises(
        ServingError, match="The batch scheduling queue to which this task was submitted is full; "
    ) as caught:
        batcher.run("m", run, {"x": np.zeros((1, 2), np.float32)}, 1)
    assert caught.value.http_status == 503
    run.let.set()
    for thread in (*first, *second):
        thread.join(60)
    batcher.close()


def test_a_large_task_is_split_if_it_may_be():
    parameters = BatchingParameters(8, enable_large_batch_splitting=True, max_execution_batch_size=3)
    batcher, run = Batcher(parameters), Doubling()
    x = np.arange(20, dtype=np.float32).reshape(10, 2)
    np.testing.assert_array_equal(batcher.run("m", run, {"x": x}, 10)["y"], x * 2)
    assert run.rows == [3, 3, 3, 1]
    batcher.close()


def test_a_deadline_ends_the_wait():
    batcher, run = Batcher(BatchingParameters(2)), Doubling(free=False)
    _, first = ask_all(batcher, run, [1])
    while not run.rows:
        time.sleep(0.001)
    with pytest.raises(ServingError) as caught:
        batcher.run("m", run, {"x": np.zeros((1, 2), np.float32)}, 1, deadline=time.monotonic() + 0.05)
    assert caught.value.http_status == 504
    run.let.set()
    for thread in first:
        thread.join(60)
    batcher.close()
    assert run.rows == [1]  # nobody waited for the other any more


def test_keys_and_shapes_do_not_mix():
    batcher, run, other = Batcher(BatchingParameters(16)), Doubling(free=False), Doubling()
    _, first = ask_all(batcher, run, [1])
    while not run.rows:
        time.sleep(0.001)
    _, second = ask_all(batcher, other, [1, 1], key="n")
    wide = threading.Thread(target=lambda: batcher.run("m", run, {"x": np.zeros((1, 5))}, 1))
    wide.start()
    while sum(queue.rows for queue in list(batcher._queues.values())) < 3:
        time.sleep(0.001)
    run.let.set()
    for thread in (*first, *second, wide):
        thread.join(60)
    batcher.close()
    assert (run.rows, sum(other.rows)) == ([1, 1], 2)


def test_an_error_is_everyones():
    def fail(inputs):
        raise ValueError("no")

    batcher = Batcher(BatchingParameters(4))
    with pytest.raises(ValueError, match="no"):
        batcher.run("m", fail, {"x": np.zeros((1, 2), np.float32)}, 1)
    np.testing.assert_array_equal(batcher.run("m", Doubling(), {"x": np.ones((1, 2))}, 1)["y"], [[2, 2]])
    batcher.close()
    with pytest.raises(ServingError):
        batcher.run("m", Doubling(), {"x": np.ones((1, 2))}, 1)
