"""Threefry-2x32-20: random bits that are a function of only a key and a counter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

_ROTATIONS = (13, 15, 26, 6, 17, 29, 16, 24)
_ROUNDS = 20
_PARITY = 0x1BD11BDA
_LEFT = [np.array(1 << places, np.uint32) for places in _ROTATIONS]
_RIGHT = [np.array(32 - places, np.uint32) for places in _ROTATIONS]


def threefry2x32(key: tuple[Any, Any], counter: tuple[Any, Any], xp: Any = np) -> tuple[Any, Any]:
    """Encrypts a counter: returns 64 random bits, the same at each call and on each machine.

    It adds, multiplies, shifts and XORs unsigned 32-bit words. NumPy, TensorFlow, LiteRT and ONNX Runtime support all
    of these.

    Args:
        key: Two words, uint32 arrays whose shapes broadcast with those of `counter`. Scalars are not supported.
        counter: Two words, uint32 arrays.
        xp: Module that shifts bits: `numpy`, or `keras.ops` for tensors. Defaults to `numpy`.

    Returns:
        Two words, uint32, of the broadcast shape.

    Example:
    ```python
    word = lambda value: np.array([value], np.uint32)
    threefry2x32((word(0), word(0)), (word(0), word(0)))  # 0x6b200159, 0x99ba4efe
    ```

    Reference:
        [Salmon et al., 2011, Parallel Random Numbers: As Easy as 1, 2, 3](https://doi.org/10.1145/2063384.2063405),
        section 4.2. Its library Random123 gives known answers.
    """
    keys = (*key, key[0] ^ key[1] ^ np.uint32(_PARITY))
    x0, x1 = counter[0] + keys[0], counter[1] + keys[1]
    if xp is np:
        return _in_place(keys, x0, x1)
    for i in range(_ROUNDS):
        x0 = x0 + x1
        x1 = _rotated(x1, _ROTATIONS[i % 8], xp) ^ x0
        if i % 4 == 3:
            turn = i // 4 + 1
            x0 = x0 + keys[turn % 3]
            x1 = x1 + (keys[(turn + 1) % 3] + np.uint32(turn))
    return x0, x1


def _in_place(keys: Sequence[np.ndarray], x0: np.ndarray, x1: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Runs the rounds on NumPy arrays. For few words the number of operations decides the time, not their size."""
    words = np.empty((6, *np.broadcast(x0, x1, *keys).shape), np.uint32)
    for word, value in zip(words, (x0, x1, *keys), strict=False):
        word[...] = value
    x0, x1, *keys, left = words
    for i in range(_ROUNDS):
        np.add(x0, x1, out=x0)
        np.multiply(x1, _LEFT[i % 8], out=left)
        np.right_shift(x1, _RIGHT[i % 8], out=x1)
        np.bitwise_or(x1, left, out=x1)
        np.bitwise_xor(x1, x0, out=x1)
        if i % 4 == 3:
            turn = i // 4 + 1
            np.add(x0, keys[turn % 3], out=x0)
            np.add(x1, keys[(turn + 1) % 3] + np.uint32(turn), out=x1)
    return x0, x1


def _rotated(x: Any, places: int, xp: Any) -> Any:
    """Returns x rotated left. LiteRT has no left shift, so this multiplies by a power of two instead."""
    return (x * np.uint32(1 << places)) ^ xp.right_shift(x, np.uint32(32 - places))
