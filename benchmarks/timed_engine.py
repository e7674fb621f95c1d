"""Timing of an exported file in a process of its own, as in a deployment.

`python benchmarks/timed_engine.py model.onnx` reads the names of .npz files with inputs, one in each line. It answers
each with a line of milliseconds.
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
SLOW = 1.0  # seconds after which no further run starts
# Idle threads of ONNX Runtime spin for 40 ms and slow down the next engine. Linux needs milliseconds to wake up each
# thread.
WARM_UP = 0.06


def turn(run: Callable[[], Any]) -> list[float]:
    """Returns the milliseconds of some runs after a warm-up."""
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
    """Process that runs an exported file.

    Args:
        file: The file.
    """

    def __init__(self, file: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__, file], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def turn(self, inputs: Path) -> list[float]:
        """Calls `turn()` in the process, with the inputs of an .npz file."""
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
        """Ends the process."""
        self._process.communicate()


def typed(array: np.ndarray, dtype: str) -> np.ndarray:
    """Converts images in [-1, 1] to uint8 for such an input."""
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
