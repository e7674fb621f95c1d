"""The recipes, as data."""

from __future__ import annotations

import dataclasses
import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keras_gan.gan import GAN


@dataclasses.dataclass(frozen=True)
class Preset:
    """How to make and compile a GAN.

    Args:
        summary: A line for the list of presets.
        reference: The paper.
        network: The module of `keras_gan.networks` that has the generator and the discriminator.
        latent_dim: The length of z.
        learning_rate: Of both optimizers, which are Adam.
        beta_1: Of both optimizers.
        loss: The name of the adversarial loss.
        d_steps: Discriminator updates before each generator update.
    """

    summary: str
    reference: str
    network: str
    latent_dim: int = 128
    learning_rate: float = 2e-4
    beta_1: float = 0.5
    loss: str = "non_saturating"
    d_steps: int = 1


PRESETS: dict[str, Preset] = {
    "gan": Preset(
        summary="The first GAN: fully connected, rectified generator and maxout discriminator; any image shape.",
        reference="https://arxiv.org/abs/1406.2661",
        network="mlp",
        latent_dim=100,
    ),
    "dcgan": Preset(
        summary="Convolutional, batch normalised; squares of 28, 32, 64 or 128 pixels.",
        reference="https://arxiv.org/abs/1511.06434",
        network="dcgan",
    ),
}


def load(
    name: str,
    image_shape: tuple[int, int, int],
    num_classes: int | None = None,
    seed: int | None = None,
    **compile_arguments: Any,
) -> GAN:
    """Make a compiled GAN from a recipe.

    Args:
        name: One of `PRESETS`.
        image_shape: (height, width, channels).
        num_classes: Draw by label, one of so many. Defaults to `None`.
        seed: As of `keras_gan.GAN`. Defaults to `None`.
        **compile_arguments: What `GAN.compile` shall take instead of the recipe's.

    Returns:
        A compiled `keras_gan.GAN`.

    Raises:
        ValueError: If there is no such preset, or its networks do not draw that shape.

    Example:
    ```python
    gan = keras_gan.presets.load("dcgan", image_shape=(28, 28, 1))
    ```
    """
    if name not in PRESETS:
        raise ValueError(f"`name` must be one of {sorted(PRESETS)}. Received: {name!r}")
    import keras

    from keras_gan.gan import GAN

    preset = PRESETS[name]
    network = importlib.import_module(f"keras_gan.networks.{preset.network}")
    gan = GAN(
        network.generator(image_shape, preset.latent_dim, num_classes),
        network.discriminator(image_shape, num_classes),
        latent_dim=preset.latent_dim,
        num_classes=num_classes,
        seed=seed,
        name=name,
    )
    arguments: dict[str, Any] = {
        player: keras.optimizers.Adam(preset.learning_rate, beta_1=preset.beta_1)
        for player in ("d_optimizer", "g_optimizer")
    }
    gan.compile(**{**arguments, "loss": preset.loss, "d_steps": preset.d_steps, **compile_arguments})
    return gan
