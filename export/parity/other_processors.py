"""The proof of a SavedModel on processors of the other kind, those on which TensorFlow chooses its other CPU kernels.

TensorFlow turns oneDNN's kernels on for some x86-64 processors and leaves them off for others. The two support
different operations: a SavedModel may run on one processor and fail on another. Which kernels run is decided when
TensorFlow is imported, so that a new process checks the other ones.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from keras_gan.artifacts.manifest import ArtifactEntry
from keras_gan.artifacts.reference_check import ReferenceCheck
from keras_gan.artifacts.reference_images import load_reference, save_reference
from keras_gan.export.parity.reference import Reference
from keras_gan.utils.onednn import onednn_is_on
from keras_gan.utils.quiet import quiet

# What TensorFlow reads when it is imported.
SWITCH = "TF_ENABLE_ONEDNN_OPTS"
_X86_64 = ("x86_64", "AMD64")


def problems(folder: Path, entries: Sequence[ArtifactEntry], reference: Reference) -> list[str]:
    """Run the signatures of a SavedModel in a new process, with oneDNN on if it is off here, and off if it is on.

    It compares a few images, those that an export keeps for `verify`. Most of its time is the import of TensorFlow.

    Args:
        folder: The SavedModel's folder.
        entries: The manifest's entry of each signature.
        reference: The images of the Keras model.

    Returns:
        A sentence for each thing that is wrong. Empty on a machine that is not x86-64, where oneDNN is no default.
    """
    if platform.machine() not in _X86_64 or not sys.executable:
        return []
    switched = "0" if onednn_is_on() else "1"
    with tempfile.TemporaryDirectory() as temporary:
        cases = Path(temporary) / "cases.npz"
        save_reference(cases, reference.cases)
        asked = {
            "folder": str(folder.resolve()),
            "cases": str(cases),
            "image_range": reference.source.image_range,
            "entries": [entry.model_dump(mode="json") for entry in entries],
        }
        child = subprocess.run(
            [sys.executable, "-m", __name__],
            env=_environment(switched),
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            check=False,
        )
    kernels = f"with {SWITCH}={switched}, TensorFlow's default on other processors"
    if child.returncode:
        said = child.stderr.strip().splitlines()[-1:]
        return [f"saved_model: {kernels}, its process ends with code {child.returncode}: {''.join(said)}"]
    found: list[tuple[str, str]] = json.loads(child.stdout.splitlines()[-1])
    return [f"{name}: {kernels}: {problem}" for name, problem in found]


def _environment(switched: str) -> dict[str, str]:
    """Return the environment of the new process, which finds the modules that this one finds, and no GPU."""
    paths = os.pathsep.join(path for path in sys.path if path)
    return {**os.environ, SWITCH: switched, "PYTHONPATH": paths, "CUDA_VISIBLE_DEVICES": "-1"}


def _check(asked: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the label of a signature and a sentence, for each thing that is wrong."""
    low, high = asked["image_range"]
    check = ReferenceCheck(Path(asked["folder"]), (low, high), load_reference(Path(asked["cases"])))
    entries = [ArtifactEntry.model_validate(entry) for entry in asked["entries"]]
    return [(entry.label, problem) for entry in entries for problem in check.check(entry).problems]


if __name__ == "__main__":
    with quiet():
        answer = json.dumps(_check(json.load(sys.stdin)))
    print(answer)
