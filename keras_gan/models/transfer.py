"""Weights of one network for another: those of the layers that fit."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TypeAlias

import keras
import numpy as np

Kind: TypeAlias = "tuple[str, tuple[tuple[int, ...], ...]]"
"""Class of a layer and the shapes of its weights."""


@dataclasses.dataclass(frozen=True)
class Transfer:
    """Layers of a network that got the weights of another network, and layers that kept their own.

    Args:
        taken: Names of the layers that got weights.
        kept: Names of the layers that kept their own, with the shapes of their weights.
    """

    taken: tuple[str, ...]
    kept: tuple[str, ...]

    def __str__(self) -> str:
        """Returns one sentence for the user."""
        number = f"{len(self.taken)} of {len(self.taken) + len(self.kept)} layers got trained weights"
        return number if not self.kept else f"{number}. New: {', '.join(self.kept)}"


def transfer_weights(source: keras.Model, target: keras.Model, from_image: bool = False) -> Transfer:
    """Copy the weights of the layers that both networks have in the same order, of the same class and shapes.

    Layers in the middle may be missing in one of the networks, such as those of a larger image. If a layer could get
    the weights of several layers, it gets those of a layer with small feature maps.

    Args:
        source: Network to read from.
        target: Network to write to.
        from_image: `True` for networks that begin with an image, so that the feature maps become smaller. Defaults to
            `False`.

    Returns:
        A `Transfer`.
    """
    old, new = _layers(source), _layers(target)
    if from_image:
        old, new = old[::-1], new[::-1]
    pairs = common_subsequence([_kind(layer) for layer in old], [_kind(layer) for layer in new])
    for i, j in pairs:
        for value, variable in zip(_weights(old[i]), _weights(new[j]), strict=True):
            variable.assign(keras.ops.convert_to_numpy(value))
    matched = {j for _, j in pairs}
    order = range(len(new))[::-1] if from_image else range(len(new))
    return Transfer(
        tuple(new[j].name for j in order if j in matched),
        tuple(f"{new[j].name} {_shapes(new[j])}" for j in order if j not in matched),
    )


def common_subsequence(a: Sequence[object], b: Sequence[object]) -> list[tuple[int, int]]:
    """Returns the pairs of indices of a longest common subsequence. Of several it is one with early elements."""
    length = np.zeros((len(a) + 1, len(b) + 1), int)
    for i in reversed(range(len(a))):
        for j in reversed(range(len(b))):
            equal = a[i] == b[j]
            length[i, j] = length[i + 1, j + 1] + 1 if equal else max(length[i + 1, j], length[i, j + 1])
    pairs, i, j = [], 0, 0
    while i < len(a) and j < len(b):
        if a[i] == b[j]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif length[i + 1, j] >= length[i, j + 1]:
            i += 1
        else:
            j += 1
    return pairs


def _layers(network: keras.Model) -> list[keras.layers.Layer]:
    """Returns the layers at any depth that have weights of their own, each once."""
    found = {id(layer): layer for layer in network._flatten_layers() if _weights(layer)}
    return list(found.values())


def _weights(layer: keras.layers.Layer) -> list[keras.Variable]:
    return [*layer._trainable_variables, *layer._non_trainable_variables]


def _kind(layer: keras.layers.Layer) -> Kind:
    return type(layer).__name__, tuple(tuple(variable.shape) for variable in _weights(layer))


def _shapes(layer: keras.layers.Layer) -> str:
    return " ".join("x".join(map(str, variable.shape)) or "scalar" for variable in _weights(layer))
