#!/usr/bin/env bash
# Installs what the tests marked `reference` compare with: PyTorch and torch-fidelity, Chromium, onnxruntime-web,
# Fashion-MNIST, emoji.
# usage: tests/install_references.sh PYTHON FOLDER
#
# PyTorch goes into FOLDER/python, not into the environment: only these tests see it. Its own dependencies are those of
# the environment. torch-fidelity imports torchvision, which the functions under test do not use: the test replaces it.
set -euo pipefail
python=$1 folder=$2
mkdir -p "$folder"

if [ ! -e "$folder/python/.installed" ]; then
    echo "Installing PyTorch into $folder/python"
    rm -rf "$folder/python"
    "$python" -m pip install --quiet --disable-pip-version-check --no-deps --target "$folder/python" \
        torch==2.13.0 torch-fidelity==0.4.0
    rm -rf "$folder/python/tests"  # torch-fidelity installs its tests as a package of that name
    touch "$folder/python/.installed"
fi

packages=(emoji-datasource-google@16.0.0 emoji-datasource-twitter@16.0.0 onnxruntime-web@1.30.0)
if [ "$(cat "$folder/node_modules/.installed" 2>/dev/null)" != "${packages[*]}" ]; then
    echo "Installing the emoji and onnxruntime-web into $folder/node_modules"
    npm install --silent --ignore-scripts --legacy-peer-deps --prefix "$folder" "${packages[@]}"
    echo "${packages[*]}" >"$folder/node_modules/.installed"
fi

missing=()
command -v chromium >/dev/null || missing+=(chromium)
[ -d /usr/share/datasets/fashion-mnist ] || missing+=(dataset-fashion-mnist)
if [ ${#missing[@]} -gt 0 ]; then
    as_root=()
    [ "$(id -u)" = 0 ] || as_root=(sudo)
    command -v apt-get >/dev/null || {
        echo "These tests need Debian or Ubuntu: ${missing[*]} come as their packages." >&2
        exit 1
    }
    echo "Installing ${missing[*]}"
    "${as_root[@]}" apt-get update -qq
    DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi
