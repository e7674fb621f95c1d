"""Training steps of keras_gan beside a script in the way of the Keras guides, and beside PyTorch.

    benchmarks/install_pytorch.sh .venv/bin/python .venv/pytorch     # once; PyTorch is no dependency
    python benchmarks/train_step.py --pytorch .venv/pytorch          # all cases, about fifteen minutes on two cores
    python benchmarks/train_step.py --cases dcgan28 --seconds 60

Each contender is a process of its own. All get the same weights, batches and numbers of images. Before anything is
timed, the numbers of weights must be equal, and the losses of a first step with the same z must agree. Then single
steps alternate: each process waits for its turn. So a machine whose speed drifts favours none.

Reported are the medians, and the median over the rounds of the time divided by that of the fastest PyTorch. FLOPs are
those of the convolutions and matrix products, counted in the graph. The share is that of the rate which TensorFlow
reaches, in the same process, for a product of 1024 x 1024 matrices.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent / "training"
sys.path.insert(0, str(HERE))

from cases import CASES, Case  # noqa: E402

LEAST_ROUNDS = 8
TOLERANCE = 2e-3  # of losses in float32
REDUCED_TOLERANCE = 5e-2  # of losses in bfloat16
PAUSE = 0.005  # seconds in which the threads of the last step go to sleep


class Contender:
    """A process that runs steps of one contender.

    Args:
        title: Name in the table.
        command: Arguments of the worker.
        environment: Environment variables.
    """

    def __init__(self, title: str, command: list[str], environment: dict[str, str]) -> None:
        self.title = title
        self.times: list[float] = []
        reading, writing = os.pipe()
        start = (
            f"import os, sys, runpy; os.dup2({writing}, 3); sys.argv = sys.argv[1:]; sys.path.insert(0, {str(HERE)!r})"
        )
        script = f"{start}; runpy.run_path(sys.argv[0], run_name='__main__')"
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115
        self.process = subprocess.Popen(
            [sys.executable, "-c", script, str(HERE / "worker.py"), *command],
            env=environment,
            pass_fds=[writing],
            stdin=subprocess.PIPE,
            stdout=self.errors,
            stderr=self.errors,
        )
        os.close(writing)
        self.pipe = os.fdopen(reading)

    def receive(self) -> dict[str, Any]:
        line = self.pipe.readline()
        if not line:
            self.errors.seek(0)
            raise RuntimeError(f"{self.title} failed:\n{self.errors.read().decode(errors='replace')[-1500:]}")
        found: dict[str, Any] = json.loads(line)
        return found

    def step(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(b"step\n")
        self.process.stdin.flush()
        self.times.append(self.receive()["ms"])

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self.pipe.close()
        self.errors.close()


Workers = dict[str, tuple[str, dict[str, str]]]


def on_cpu(case: Case, pytorch: Path | None, modes: list[str], xla: bool) -> Workers:
    """The worker's name and the environment of each contender, in the order in which they start."""
    found: Workers = {}
    for mode in modes:
        on = {"TF_ENABLE_ONEDNN_OPTS": mode, "CUDA_VISIBLE_DEVICES": "-1"}
        suffix = "" if mode == "1" else ", oneDNN off"
        found[f"keras_gan{suffix}"] = ("keras_gan", on)
        if xla:
            found[f"keras_gan, XLA{suffix}"] = ("keras_gan + XLA", on)
        if case.has_guide:
            found[f"Keras guide{suffix}"] = ("keras guide", on)
    if pytorch is not None:
        path = python_path(pytorch) | {"CUDA_VISIBLE_DEVICES": "-1"}
        found["PyTorch"] = ("pytorch", path)
        found["PyTorch, compiled"] = ("pytorch + compiled", path)
    return found


def python_path(pytorch: Path) -> dict[str, str]:
    """The environment in which PyTorch is found."""
    return {"PYTHONPATH": os.pathsep.join([str(pytorch), os.environ.get("PYTHONPATH", "")])}


def start(case_name: str, workers: Workers, folder: str) -> tuple[list[Contender], dict, list]:  # type: ignore[type-arg]
    """Starts all contenders that run this case, one after the other, and checks their weights and first losses."""
    running: list[Contender] = []
    facts: dict[str, dict[str, Any]] = {}
    notes = []
    weights = f"{folder}/{case_name}.npz"
    for title, (worker, extra) in workers.items():
        environment = {"TF_CPP_MIN_LOG_LEVEL": "3", **os.environ, **extra}
        contender = Contender(title, [worker, case_name, weights], environment)
        try:
            facts[title] = contender.receive()
        except RuntimeError as error:
            contender.close()
            if "compiled" not in title:
                raise
            last = [line for line in str(error).splitlines() if line.strip()][-1]
            notes.append(f"{title} does not run {CASES[case_name].title}: {last.strip()}")
            continue
        running.append(contender)
        tolerance = REDUCED_TOLERANCE if "bfloat16" in worker else TOLERANCE
        check_equal(title, facts[title], facts[running[0].title], tolerance)
    return running, facts, notes


def check_equal(title: str, found: dict[str, Any], first: dict[str, Any], tolerance: float) -> None:
    """Raises `ValueError` if the numbers of weights or the first losses are not those of keras_gan."""
    if found["weights"] != first["weights"]:
        raise ValueError(f"{title} must have {first['weights']} weights. Received: {found['weights']}")
    for name, loss in found["losses"].items():
        expected = first["losses"][name]
        if abs(loss - expected) > tolerance * max(1.0, abs(expected)):
            raise ValueError(f"The first {name} of {title} must be {expected:.6f}. Received: {loss:.6f}")


def measure(case_name: str, workers: Workers, seconds: float, folder: str) -> dict[str, Any]:
    """Runs one case, and returns its facts and times."""
    running, facts, notes = start(case_name, workers, folder)
    with contextlib.ExitStack() as stack:
        for contender in running:
            stack.callback(contender.close)
        ends = time.monotonic() + seconds
        rounds = 0
        while rounds < LEAST_ROUNDS or time.monotonic() < ends:
            for contender in sorted(running, key=lambda one: one.title, reverse=bool(rounds % 2)):
                contender.step()
                time.sleep(PAUSE)
            rounds += 1
        times = {contender.title: contender.times for contender in running}
    return {"case": case_name, "title": CASES[case_name].title, "facts": facts, "times": times, "notes": notes}


def table(result: dict[str, Any]) -> list[str]:
    """The lines of one case in a Markdown table."""
    times, facts = result["times"], result["facts"]
    references = [name for name in times if name.startswith("PyTorch")]
    best = min(references, key=lambda name: statistics.median(times[name])) if references else None
    lines = []
    for name, measured in times.items():
        median = statistics.median(measured)
        ratio = ""
        if best is not None:
            ratio = f"{statistics.median(a / b for a, b in zip(measured, times[best], strict=True)):.2f}"
        count = facts[name]["flops"] or facts["PyTorch"]["flops"]
        rate = count / median / 1e6
        share = rate / facts[name]["rates"]["matrix product"]
        lines.append(f"| {result['title']} | {name} | {median:.1f} ms | {ratio} | {count / 1e9:.1f} | {share:.0%} |")
    return lines


def report(results: list[dict[str, Any]]) -> str:
    """The whole report, in Markdown."""
    lines = ["| step | contender | median | time / fastest PyTorch | GFLOP | share of the matrix product |"]
    lines.append("|---|---|---|---|---|---|")
    for result in results:
        lines += table(result)
    lines += ["", "| GFLOP/s | matrix product | convolution | gradient of the kernel | gradient of the images |"]
    lines.append("|---|---|---|---|---|")
    for name, facts in results[0]["facts"].items():
        rates = " | ".join(f"{rate:.0f}" for rate in facts["rates"].values())
        lines.append(f"| {name} | {rates} |")
    lines += ["", *(f"- {note}" for result in results for note in result["notes"])]
    rounds = ", ".join(f"{r['case']} {len(next(iter(r['times'].values())))}" for r in results)
    return "\n".join([*lines, "", f"Rounds: {rounds}."])


def machine() -> dict[str, Any]:
    """The processor and its number of cores."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    found = {line.partition(":")[0].strip(): line.partition(":")[2].strip() for line in lines}
    features = [
        name for name in ("avx2", "avx512f", "avx512_bf16", "amx_tile") if name in found.get("flags", "").split()
    ]
    name = found.get("model name", platform.processor())
    return {"processor": name, "features": features, "cores": os.cpu_count(), "python": platform.python_version()}


def parser_of(doc: str | None) -> argparse.ArgumentParser:
    """The options of this script and of gpu.py."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--pytorch", type=Path, help="Folder that benchmarks/install_pytorch.sh made.")
    parser.add_argument("--seconds", type=float, default=100.0, help="Seconds of a case.")
    parser.add_argument("--output", type=Path, help="JSON file of all facts and times.")
    return parser


def run(options: argparse.Namespace, workers_of: Callable[[Case], Workers]) -> None:
    """Measures all cases, and prints the report."""
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for name in options.cases:
            results.append(measure(name, workers_of(CASES[name]), options.seconds, folder))
            print("\n".join(table(results[-1])), flush=True)
            if options.output is not None:
                content = {"machine": machine(), "results": results}
                options.output.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    versions = {k: v for r in results for facts in r["facts"].values() for k, v in facts["versions"].items()}
    print(f"\n{machine()}, {versions}\n\n{report(results)}")


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--onednn", nargs="+", choices=("1", "0"), default=["1", "0"], help="Modes of TensorFlow.")
    parser.add_argument("--xla", action="store_true", help="Time keras_gan with jit_compile=True too.")
    options = parser.parse_args()
    run(options, lambda case: on_cpu(case, options.pytorch, options.onednn, options.xla))


if __name__ == "__main__":
    main()
