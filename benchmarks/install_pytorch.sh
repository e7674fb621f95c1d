#!/usr/bin/env bash
# Installs PyTorch for benchmarks/train_step.py into a folder of its own, outside of the environment.
# usage: benchmarks/install_pytorch.sh PYTHON FOLDER
set -euo pipefail
python=$1 folder=$2
[ -e "$folder/torch" ] || "$python" -m pip install --quiet --disable-pip-version-check --target "$folder" torch==2.13.0
