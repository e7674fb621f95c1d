"""oneDNN, a library of fast kernels for CPUs that TensorFlow uses by default on some processors only."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path

SWITCH = "TF_ENABLE_ONEDNN_OPTS"  # TensorFlow reads this variable when it is imported
_GPUS = ("/proc/driver/nvidia/gpus", "/dev/nvidia0", "/dev/kfd", "/dev/dxg")  # NVIDIA, AMD, and both under Windows


def enable_onednn() -> None:
    """Set `TF_ENABLE_ONEDNN_OPTS=1` for this process and its children.

    Nothing changes if the variable is set, TensorFlow is imported already, or there is a GPU. The gain was measured on
    Linux and x86-64 only, so nothing changes elsewhere.
    """
    if SWITCH not in os.environ and "tensorflow" not in sys.modules and is_supported() and not has_gpu():
        os.environ[SWITCH] = "1"


def onednn_is_on() -> bool:
    """Return `True` if TensorFlow runs its oneDNN kernels in this process. It imports TensorFlow."""
    from tensorflow.python.util import _pywrap_util_port  # TensorFlow has no public function for it

    return bool(_pywrap_util_port.IsMklEnabled())


def has_gpu() -> bool:
    """Return `True` if TensorFlow may find a GPU. It does not import TensorFlow."""
    if os.environ.get("CUDA_VISIBLE_DEVICES", "0").strip() in {"", "-1"}:
        return False
    return any(Path(place).exists() for place in _GPUS)


def is_supported() -> bool:
    """Return `True` if oneDNN's gain was measured on this system and processor."""
    return sys.platform == "linux" and platform.machine() == "x86_64"
