"""Models from presets, for Python."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from keras_gan.config import GANConfig
from keras_gan.presets.build import build_model, compile_arguments, optimizers
from keras_gan.presets.catalogue import get
from keras_gan.presets.schedules import set_burn_in
from keras_gan.typing import Shape

if TYPE_CHECKING:
    from keras_gan.models.adversarial_model import AdversarialModel


def load(
    name: str,
    image_shape: Shape,
    num_classes: int | None = None,
    seed: int | None = None,
    *,
    learning_rate: Any = None,
    generator: Mapping[str, Any] | None = None,
    discriminator: Mapping[str, Any] | None = None,
    model: Mapping[str, Any] | None = None,
    burn_in_steps: int | None = None,
    **compile_options: Any,
) -> AdversarialModel:
    """Builds and compiles the model of a preset.

    Args:
        name: Name in `keras_gan.presets.PRESETS`.
        image_shape: (height, width, channels) of the images, for translation models of both domains.
        num_classes: Number of classes of a class-conditional GAN. Defaults to `None`.
        seed: Seed of the model, as in `keras_gan.GAN`. Defaults to `None`.
        learning_rate: Number or Keras schedule for all optimizers. Defaults to `None`, the preset's.
        generator: More arguments of the network's `generator`, such as `{"filters": 32}`. Defaults to `None`.
        discriminator: More arguments of the network's `discriminator`. Defaults to `None`.
        model: More arguments of the model, such as `{"cycle_weight": 5.0}`. Defaults to `None`.
        burn_in_steps: Length of the preset's burn-in in updates of the generator. R3GAN changes learning rates,
            penalties and EMA in this time, except those given here. Defaults to `None`, no burn-in.
        **compile_options: Arguments of the model's `compile` that override the preset.

    Returns:
        A compiled `keras_gan.GAN`, `CycleGAN` or `Pix2Pix`.

    Raises:
        ValueError: If there is no such preset, or its network does not support the image shape.

    Example:
    ```python
    gan = keras_gan.presets.load("dcgan", image_shape=(28, 28, 1))
    ```
    """
    config = get(name).config
    if num_classes is not None and config.translates:
        raise ValueError(f"{name} translates images and has no classes. Received: num_classes={num_classes}")
    networks = {"generator": generator or {}, "discriminator": discriminator or {}}
    config = config.model_copy(update={part: {**getattr(config, part), **given} for part, given in networks.items()})
    built = build_model(config, image_shape, num_classes, seed, model)
    arguments = {**optimizers(config, built, learning_rate), **compile_arguments(config)}
    built.compile(**{**arguments, **compile_options})
    if burn_in_steps is not None and isinstance(config, GANConfig):
        given = {"learning_rate"} if learning_rate is not None else set()
        set_burn_in(built, config, burn_in_steps, given | set(compile_options))
    return built
