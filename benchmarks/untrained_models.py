"""Untrained models around the networks of the library, for benchmarks of exports."""

from __future__ import annotations

import dataclasses
import inspect
from typing import Any

import keras_gan.networks

import numpy as np

LATENT = 128


@dataclasses.dataclass
class Untrained:
    """Stand-in for a GAN with an untrained generator, with the attributes that an export uses."""

    generator: Any
    image_shape: tuple[int, int, int]
    name: str
    latent_dim: int = LATENT
    num_classes: int | None = None
    image_range: tuple[float, float] = (-1.0, 1.0)

    def training_record(self) -> dict[str, Any]:
        return {"trained": False}


@dataclasses.dataclass
class UntrainedTranslation:
    """Stand-in for a translation model with an untrained generator."""

    translators: dict[str, Any]
    image_shape: tuple[int, int, int]
    name: str
    size_multiple: int
    image_range: tuple[float, float] = (-1.0, 1.0)

    def training_record(self) -> dict[str, Any]:
        return {"trained": False}


def untrained(network: str, size: int) -> Any:
    """Returns a model with the network's generator and random weights."""
    build = keras_gan.networks.get(network).generator
    shape = (size, size, 1 if network == "mlp" else 3)
    if "latent_dim" in inspect.signature(build).parameters:
        return Untrained(lively(build(shape, LATENT)), shape, f"{network}-{size}")
    return UntrainedTranslation({"g": lively(build(shape))}, shape, f"{network}-{size}", size)


def lively(model: Any) -> Any:
    """Sets the kernels to random values whose scale gives the images contrast."""
    rng = np.random.default_rng(0)
    for weight in model.weights:
        if "kernel" in weight.path:
            weight.assign(rng.standard_normal(weight.shape) * np.sqrt(2 / np.prod(weight.shape[:-1])))
    return model
