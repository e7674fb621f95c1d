#!/usr/bin/env bash
# Installs the wheel into an empty environment and runs the first script of the README there, from another folder.
# usage: tests/check_wheel.sh PYTHON DIST README
set -euo pipefail
unset PYTHONPATH  # only the wheel may be found
python=$1 dist=$(realpath "$2") readme=$(realpath "$3")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

"$python" -m venv "$folder/env"
wheel=$(ls "$dist"/*.whl)
echo "Installing $(basename "$wheel") into an empty environment"
"$folder/env/bin/python" -m pip install --quiet --disable-pip-version-check "$wheel[tensorflow,export,data]"

mkdir "$folder/elsewhere"
cd "$folder/elsewhere"
"$folder/env/bin/python" - "$readme" <<'EOF'
import pathlib
import re
import sys

text = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")
pathlib.Path("readme.py").write_text(re.search(r"```python\n(.*?)```", text, re.S).group(1), encoding="utf-8")
EOF
echo "Running the first script of the README; it trains for a few minutes"
"$folder/env/bin/python" readme.py
test -s gan.keras
ls exported/*/1/model.onnx exported/*/1/model.tflite exported/*/1/saved_model.pb
"$folder/env/bin/keras-gan" --version --verbose
echo "The wheel works."
