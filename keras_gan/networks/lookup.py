"""Finding a network by its name."""

from __future__ import annotations

import inspect
from typing import Protocol, cast

import keras

from keras_gan.networks.capabilities import Capabilities
from keras_gan.utils.registry import modules_of, unknown_name

# Arguments that say what the network is for, not how it is built.
_TASK = {"image_shape", "latent_dim", "num_classes", "num_attributes", "output_channels", "name"}


class Network(Protocol):
    """A module of `keras_gan.networks` that defines a network."""

    CAPABILITIES: Capabilities

    def generator(self, *arguments: object, **options: object) -> keras.Model:
        """Builds the generator."""
        ...

    def discriminator(self, *arguments: object, **options: object) -> keras.Model:
        """Builds the discriminator."""
        ...


_NETWORKS = {
    name: cast(Network, module)
    for name, module in modules_of("keras_gan.networks").items()
    if hasattr(module, "CAPABILITIES")
}


def names() -> tuple[str, ...]:
    """Returns the names of all networks, sorted: the names of the files of `keras_gan.networks` that define one."""
    return tuple(sorted(_NETWORKS))


def get(name: str) -> Network:
    """Returns the module that defines a network: `generator`, `discriminator` and `CAPABILITIES`.

    Args:
        name: Name of a network, see `names()`.

    Raises:
        ValueError: If there is no such network.

    Example:
    ```python
    generator = keras_gan.networks.get("dcgan").generator((28, 28, 1), latent_dim=128)
    ```
    """
    if name not in _NETWORKS:
        raise ValueError(unknown_name("network", name, names()))
    return _NETWORKS[name]


def generator_options(name: str) -> frozenset[str]:
    """Returns the names of the options of a network's `generator`, such as `"filters"`.

    Args:
        name: Name of a network, see `names()`.
    """
    return _options(get(name).generator)


def discriminator_options(name: str) -> frozenset[str]:
    """Returns the names of the options of a network's `discriminator`, such as `"normalization"`.

    Args:
        name: Name of a network, see `names()`.
    """
    return _options(get(name).discriminator)


def _options(build: object) -> frozenset[str]:
    return frozenset(inspect.signature(build).parameters) - _TASK  # type: ignore[arg-type]
