"""Training steps of keras_gan beside PyTorch on a GPU: float32 and bfloat16, without XLA and with it.

    benchmarks/install_pytorch.sh .venv/bin/python .venv/pytorch     # PyTorch with CUDA
    python benchmarks/gpu.py --pytorch .venv/pytorch

The protocol is that of train_step.py. This script has not been run on a GPU: the project has none. `--cpu` runs it on a
CPU, to test the script itself.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from train_step import Case, Workers, parser_of, python_path, run


def on_gpu(case: Case, pytorch: Path | None, cpu: bool) -> Workers:
    """The worker's name and the environment of each contender, in the order in which they start."""
    places = {"CUDA_VISIBLE_DEVICES": "-1"} if cpu else {}
    found: Workers = {
        "keras_gan": ("keras_gan", places),
        "keras_gan, XLA": ("keras_gan + XLA", places),
        "keras_gan, bfloat16": ("keras_gan + bfloat16", places),
        "keras_gan, bfloat16, XLA": ("keras_gan + bfloat16 + XLA", places),
    }
    if case.has_guide:
        found["Keras guide, XLA"] = ("keras guide + XLA", places)
    if pytorch is not None:
        device = "" if cpu else " + cuda"
        path = python_path(pytorch) | places
        for options in ("", " + compiled", " + bfloat16", " + compiled + bfloat16"):
            found[f"PyTorch{options.replace(' +', ',')}"] = (f"pytorch{device}{options}", path)
    return found


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--cpu", action="store_true", help="Run on the CPU, to test this script.")
    options = parser.parse_args()
    run(options, lambda case: on_gpu(case, options.pytorch, options.cpu))


if __name__ == "__main__":
    main()
