"""The recipes, as data."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keras_gan.adversarial_model import AdversarialModel


@dataclasses.dataclass(frozen=True)
class Preset:
    """How to make and compile a model.

    Args:
        summary: A line for the list of presets.
        reference: The paper.
        network: The module of `keras_gan.networks` that has the generator and the discriminator.
        model: "gan", "cyclegan" or "pix2pix". Defaults to `"gan"`.
        latent_dim: The length of z, of a GAN.
        learning_rate: Of all optimizers, which are Adam.
        beta_1: Of all optimizers.
        loss: The name of the adversarial loss.
        d_steps: Discriminator updates before each generator update, of a GAN.
        epochs: Passes over the data that `keras-gan train` makes.
        batch_size: Images in one discriminator update, as `keras-gan train` trains.
    """

    summary: str
    reference: str
    network: str
    model: str = "gan"
    latent_dim: int = 128
    learning_rate: float = 2e-4
    beta_1: float = 0.5
    loss: str = "non_saturating"
    d_steps: int = 1
    epochs: int = 20
    batch_size: int = 64


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
    "cyclegan": Preset(
        summary="Translates between two sets of images without pairs; any size divisible by 4.",
        reference="https://arxiv.org/abs/1703.10593",
        network="cyclegan",
        model="cyclegan",
        loss="least_squares",
        epochs=200,
        batch_size=1,
    ),
    "pix2pix": Preset(
        summary="Translates between two sets of images that correspond in pairs.",
        reference="https://arxiv.org/abs/1611.07004",
        network="pix2pix",
        model="pix2pix",
        epochs=200,
        batch_size=1,
    ),
}


def load(
    name: str,
    image_shape: tuple[int, int, int],
    num_classes: int | None = None,
    seed: int | None = None,
    *,
    learning_rate: Any = None,
    generator: Mapping[str, Any] | None = None,
    discriminator: Mapping[str, Any] | None = None,
    model: Mapping[str, Any] | None = None,
    **compile_arguments: Any,
) -> AdversarialModel:
    """Make a compiled model from a recipe.

    Args:
        name: One of `PRESETS`.
        image_shape: (height, width, channels); of a translation model, of the images of both domains.
        num_classes: Draw by label, one of so many; of a GAN only. Defaults to `None`.
        seed: As of `keras_gan.GAN`. Defaults to `None`.
        learning_rate: A number or a Keras schedule instead of the recipe's. Defaults to `None`.
        generator: Further arguments of the network's `generator`, such as `{"filters": 32}`. Defaults to `None`.
        discriminator: Further arguments of its `discriminator`. Defaults to `None`.
        model: Further arguments of the model, such as `{"cycle_weight": 5.0}`. Defaults to `None`.
        **compile_arguments: What the model's `compile` shall take instead of the recipe's.

    Returns:
        A compiled `keras_gan.GAN`, `CycleGAN` or `Pix2Pix`.

    Raises:
        ValueError: If there is no such preset, or its networks do not draw that shape.

    Example:
    ```python
    gan = keras_gan.presets.load("dcgan", image_shape=(28, 28, 1))
    ```
    """
    if name not in PRESETS:
        raise ValueError(f"`name` must be one of {sorted(PRESETS)}. Received: {name!r}")
    preset = PRESETS[name]
    if num_classes is not None and preset.model != "gan":
        raise ValueError(f"{name} translates images and has no classes. Received: num_classes={num_classes}")
    import keras

    built = _build(preset, name, image_shape, num_classes, seed, generator or {}, discriminator or {}, model or {})
    rate = preset.learning_rate if learning_rate is None else learning_rate
    arguments: dict[str, Any] = {player: keras.optimizers.Adam(rate, beta_1=preset.beta_1) for player in built.players}
    if preset.model == "gan":
        arguments["d_steps"] = preset.d_steps
    built.compile(**{**arguments, "loss": preset.loss, **compile_arguments})
    return built


def _build(
    preset: Preset,
    name: str,
    shape: tuple[int, int, int],
    num_classes: int | None,
    seed: int | None,
    g: Mapping[str, Any],
    d: Mapping[str, Any],
    m: Mapping[str, Any],
) -> AdversarialModel:
    import keras_gan

    network = importlib.import_module(f"keras_gan.networks.{preset.network}")
    if preset.model == "gan":
        return keras_gan.GAN(
            network.generator(shape, preset.latent_dim, num_classes, **g),
            network.discriminator(shape, num_classes, **d),
            latent_dim=preset.latent_dim,
            num_classes=num_classes,
            seed=seed,
            name=name,
            **m,
        )
    if preset.model == "cyclegan":
        return keras_gan.CycleGAN(
            network.generator(shape, **g, name="generator_g"),
            network.generator(shape, **g, name="generator_f"),
            network.discriminator(shape, **d, name="discriminator_x"),
            network.discriminator(shape, **d, name="discriminator_y"),
            image_shape=shape,
            seed=seed,
            name=name,
            **m,
        )
    return keras_gan.Pix2Pix(
        network.generator(shape, **g), network.discriminator(shape, **d), image_shape=shape, name=name, **m
    )
