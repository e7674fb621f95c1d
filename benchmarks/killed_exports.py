"""Test that a killed export never leaves a partial version behind.

    python benchmarks/killed_exports.py --exports 100

Each export writes a small generator to SavedModel, TFLite and ONNX in a process of its own, which is ended by SIGKILL.
Three of four are killed at any moment, one while it publishes, which takes a fiftieth of the time. Two exports run at
the same time, under one name. A poller reads the folder as a server does, and compares each version that it finds with
its manifest. At the end every version is verified, with its images. One more export must remove the remains of the
killed ones. It takes about ten minutes on two idle cores.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from keras_gan.export import Manifest, verify

from rich.console import Console
from rich.progress import track
from rich.table import Table

NAME = "small"
# Imported once, before the fork. None of these modules starts a thread, which a fork would lose.
PRELOADED = ["tensorflow", "keras", "onnx", "tf2onnx", "onnxruntime", "ai_edge_litert.interpreter", "keras_gan.export"]


def export(directory: Path, steps: Connection) -> None:
    """Exports a small GAN and sends each step."""
    import keras_gan

    networks = keras_gan.networks.mlp
    gan = keras_gan.GAN(networks.generator((8, 8, 1), 6), networks.discriminator((8, 8, 1)), latent_dim=6, name=NAME)
    gan.compile()
    steps.send("exporting")
    keras_gan.export.export_generator(gan, directory, progress=steps.send)
    steps.send("published")


class Poller(threading.Thread):
    """Thread that reads a folder of versions repeatedly, as a server does.

    Args:
        home: Folder of all versions.

    Attributes:
        seen: Problem of each version when it was first seen, or None.
        polls: Number of reads.
        lost: Versions that were removed after they had been seen.
    """

    def __init__(self, home: Path) -> None:
        super().__init__(daemon=True)
        self.home = home
        self.seen: dict[str, str | None] = {}
        self.polls = 0
        self.lost: set[str] = set()
        self._done = threading.Event()

    def run(self) -> None:
        while not self._done.wait(0.0005):
            self.polls += 1
            there = {entry.name for entry in self.home.glob("*") if entry.name.isdecimal()}
            self.lost |= set(self.seen) - there
            for name in sorted(there - set(self.seen)):
                self.seen[name] = problem_of(self.home / name)

    def stop(self) -> None:
        self._done.set()
        self.join()


def problem_of(version: Path) -> str | None:
    """Returns the first problem of a version; None if it is complete."""
    try:
        manifest = Manifest.load(version)
        manifest.check(version)
    except (OSError, ValueError) as error:
        return str(error)
    others = [manifest.difference(version), *(file.difference(version) for file in manifest.files)]
    return next((found for found in others if found is not None), None)


def start(context: Any, directory: Path) -> tuple[Any, Connection]:
    """Starts a process, and waits until it exports."""
    mine, its = context.Pipe(duplex=False)
    process = context.Process(target=export, args=(directory, its))
    process.start()
    its.close()
    assert mine.recv() == "exporting"
    return process, mine


def finish(context: Any, directory: Path) -> dict[str, float]:
    """Exports without a kill; returns the start of each step in seconds."""
    process, steps = start(context, directory)
    begun, times = time.perf_counter(), {}
    while "published" not in times:
        times[steps.recv()] = time.perf_counter() - begun
    process.join()
    return times


def kill_one(context: Any, directory: Path, wait: float, publishing: bool) -> str:
    """Starts an export and kills it; returns its last step."""
    process, steps = start(context, directory)
    step = "exporting"
    while publishing and step != "publishing":
        step = steps.recv()
    time.sleep(wait)
    process.kill()
    process.join()
    try:
        while steps.poll():
            step = steps.recv()
    except EOFError:
        pass
    return step


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--exports", type=int, default=100, help="number of killed exports; default 100")
    parser.add_argument("--seed", type=int, default=0, help="seed of the moments; default 0")
    parser.add_argument("--at-once", type=int, default=2, help="number of exports at the same time; default 2")
    arguments = parser.parse_args()
    os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    moments, console = random.Random(arguments.seed), Console()
    with tempfile.TemporaryDirectory() as temporary:
        directory = Path(temporary)
        home = directory / NAME
        poller = Poller(home)
        poller.start()
        with ThreadPoolExecutor(arguments.at_once) as pool:
            times, *_ = pool.map(lambda _: finish(context, directory), range(arguments.at_once))
        console.print(
            f"An export takes {times['published']:.1f} s. It starts to publish after {times['publishing']:.1f} s"
        )
        waits = []
        for i in range(arguments.exports):
            publishing = i % 4 == 3
            longest = times["published"] - (times["publishing"] if publishing else 0)
            # Publishing ends long before the process does, so early moments matter.
            waits.append((longest * moments.random() ** (4 if publishing else 1), publishing))
        with ThreadPoolExecutor(arguments.at_once) as pool:
            ends = pool.map(lambda wait: kill_one(context, directory, *wait), waits)
            killed = list(track(ends, "killing", total=arguments.exports))
        left = len(list(directory.glob(".export.*")))
        finish(context, directory)
        time.sleep(0.1)
        poller.stop()
        still_left = len(list(directory.glob(".export.*")))
        verified = {version.name: verify(version) for version in home.iterdir()}
    corrupt = {name: wrong for name, wrong in poller.seen.items() if wrong is not None}
    corrupt |= {name: "; ".join(found.problems) for name, found in verified.items() if not found.passed}
    unseen = set(verified) - set(poller.seen)
    table = Table(title=f"{arguments.exports} exports killed with SIGKILL")
    table.add_column("")
    table.add_column("", justify="right")
    for step in dict.fromkeys(killed):
        table.add_row(
            "killed after publishing" if step == "published" else f"killed while: {step}", str(killed.count(step))
        )
    table.add_row("reads of the folder", str(poller.polls))
    table.add_row("versions seen", str(len(poller.seen)))
    table.add_row("corrupt or partial", str(len(corrupt)))
    table.add_row("removed after they were seen", str(len(poller.lost)))
    table.add_row("hidden folders before the last export", str(left))
    table.add_row("hidden folders after it", str(still_left))
    console.print(table)
    for name, wrong in corrupt.items():
        console.print(f"[red]{name}:[/] {wrong}")
    return int(bool(corrupt or poller.lost or unseen or still_left))


if __name__ == "__main__":
    sys.exit(main())
