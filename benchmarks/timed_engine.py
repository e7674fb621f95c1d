"""An exported file in a process of its own, as it is where it is deployed: it runs, and is timed, when it is told to.

`python benchmarks/timed_engine.py model.onnx` reads the names of .npz files of inputs, a line each, and answers each
with a line of milliseconds.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

TURN = 3
SLOW = 1.0  # seconds after which no further run is begun
# Idle threads of ONNX Runtime spin for 40 ms, in which what comes next has the other processors in part only; and Linux
# takes some milliseconds to give a processor to each thread that was asleep.
WARM_UP = 0.06


def turn(run: Callable[[], Any]) -> list[float]:
    """The milliseconds of some runs, after others that are not counted."""
    begun = time.perf_counter()
    while time.perf_counter() - begun < WARM_UP:
        run()
    took: list[float] = []
    while len(took) < TURN and sum(took) < 1000 * SLOW:
        started = time.perf_counter()
        run()
        took.append(1000 * (time.perf_counter() - started))
    return took


class TimedEngine:
    """The process, as its parent sees it.

    Args:
        file: What it opens.
    """

    def __init__(self, file: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__, file], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def turn(self, inputs: Path) -> list[float]:
        """What `turn` gives there; `inputs` is an .npz file."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{inputs}\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"the process ended with {self._process.wait()}")
        times: list[float] = json.loads(answer)
        return times

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


def typed(array: np.ndarray, dtype: str) -> np.ndarray:
    """Images in [-1, 1] as what takes uint8 wants them."""
    return np.rint((array + 1) * 127.5).astype(np.uint8) if dtype == "uint8" else array


def main() -> None:
    from keras_gan.artifacts.engines import open_engine

    engine = open_engine(Path(sys.argv[1]))
    for line in sys.stdin:
        with np.load(line.rstrip("\n")) as arrays:
            inputs = {spec.name: typed(arrays[spec.name], spec.dtype) for spec in engine.inputs}
        print(json.dumps(turn(lambda inputs=inputs: engine.run(inputs))), flush=True)


if __name__ == "__main__":
    main()
