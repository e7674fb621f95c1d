"""Freed memory goes back to the system, by glibc's own count of mapped memory."""

import ctypes
import os
import subprocess
import sys

import pytest

COUNT = """
import ctypes, sys
if sys.argv[1] == "held":
    from keras_gan.serving.memory import return_freed_memory
    return_freed_memory()
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]
fields = [(str(i), ctypes.c_size_t) for i in range(10)]
libc.mallinfo2.restype = type("Figures", (ctypes.Structure,), {"_fields_": fields})
def mapped():
    return getattr(libc.mallinfo2(), "4")  # hblkhd
libc.free(libc.malloc(4 << 20))
before = mapped()
block = libc.malloc(2 << 20)
print(mapped() - before)
libc.free(block)
"""


@pytest.mark.skipif(
    not (sys.platform.startswith("linux") and hasattr(ctypes.CDLL(None), "mallinfo2")), reason="glibc alone does this"
)
@pytest.mark.parametrize(
    ("how", "set_by_hand", "least"),
    [("held", {}, 2 << 20), ("held", {"MALLOC_MMAP_THRESHOLD_": "8000000"}, 0), ("free", {}, 0)],
)
def test_a_block_after_a_larger_one_is_a_mapping_still(how, set_by_hand, least):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")} | set_by_hand
    child = subprocess.run(
        [sys.executable, "-c", COUNT, how], env=environment, capture_output=True, text=True, check=True
    )
    assert least <= int(child.stdout) <= least + 2**16
