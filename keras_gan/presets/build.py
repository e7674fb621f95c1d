"""Compiled models from configs."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from keras_gan.config import ConfigError, CycleGANConfig, GANConfig, Pix2PixConfig, TrainingConfig
from keras_gan.config.parts import NamedPart, Optimizer
from keras_gan.config.suggestions import not_a_field
from keras_gan.typing import Shape
from keras_gan.utils.registry import classes_of

if TYPE_CHECKING:
    from keras_gan.models.adversarial_model import AdversarialModel


def build(
    config: TrainingConfig,
    image_shape: Shape,
    num_classes: int | None = None,
    class_names: Sequence[str] = (),
    output_channels: int | None = None,
    attribute_names: Sequence[str] = (),
) -> AdversarialModel:
    """Builds and compiles the model of a config.

    Learning rates, penalties and EMA are constant. `set_schedules` lets them follow the length of the training.

    Args:
        config: Config of the training.
        image_shape: (height, width, channels) of the images, for translation models of both domains. (length,
            channels) of sequences, (n,) of vectors.
        num_classes: Number of classes of a class-conditional GAN. Defaults to `None`.
        class_names: Name of each class. Defaults to none.
        output_channels: Channels of the images of Y of a translation model. Defaults to `None`, those of X.
        attribute_names: Name of each attribute of a GAN that learns from attributes. Defaults to none.

    Returns:
        A compiled `keras_gan.GAN`, `CycleGAN` or `Pix2Pix`.

    Raises:
        ValueError: If the network does not support the image shape, or an option does not exist.

    Example:
    ```python
    config = keras_gan.config.GANConfig(network="dcgan", discriminator={"filters": 32})
    gan = keras_gan.presets.build(config, image_shape=(28, 28, 1))
    ```
    """
    arguments = compile_arguments(config)
    if _needs_no_batch_normalization(config, arguments["penalties"]):
        config = config.model_copy(update={"discriminator": {**config.discriminator, "normalization": None}})
    more: dict[str, Any] | None = {"class_names": class_names} if class_names else None
    if attribute_names:
        more = {"num_attributes": len(attribute_names), "attribute_names": attribute_names}
    model = build_model(config, image_shape, num_classes, config.seed, more, output_channels)
    model.compile(**optimizers(config, model), **arguments)
    return model


def chosen_options(config: TrainingConfig, image_shape: Shape) -> dict[str, Any]:
    """Returns the options of the networks that the config leaves open and `build` chooses.

    Args:
        config: Config of the training.
        image_shape: (height, width, channels) of the images.

    Returns:
        Values by the name of the field, such as `"generator.halvings"`.
    """
    from keras_gan import networks

    found: dict[str, Any] = {}
    if _needs_no_batch_normalization(config, compile_arguments(config)["penalties"]):
        found["discriminator.normalization"] = None
    fitted = getattr(networks.get(config.network), "fitted_options", None)
    if fitted is not None:
        options = fitted(image_shape, config.generator)
        found |= {f"generator.{name}": value for name, value in options.items() if name not in config.generator}
    return found


def build_model(
    config: TrainingConfig,
    image_shape: Shape,
    num_classes: int | None,
    seed: int | None,
    model: Mapping[str, Any] | None = None,
    output_channels: int | None = None,
) -> AdversarialModel:
    """Builds the model of a config, not compiled.

    Args:
        config: Config of the training.
        image_shape: (height, width, channels) of the images.
        num_classes: Number of classes, or `None`.
        seed: Seed of the model, or `None`.
        model: More arguments of the model. Defaults to `None`.
        output_channels: Channels of the images of Y of a translation model. Defaults to `None`, those of X.
    """
    import keras_gan

    network = keras_gan.networks.get(config.network)
    g, d, more = config.generator, config.discriminator, model or {}
    if isinstance(config, GANConfig):
        if "num_attributes" in more:
            g, d = ({**options, "num_attributes": more["num_attributes"]} for options in (g, d))
        generator = network.generator(image_shape, config.latent_dim, num_classes, **g)
        discriminator = network.discriminator(image_shape, num_classes, **d)
        if config.codes is not None:
            codes = keras_gan.latent.Codes(tuple(config.codes.categorical), config.codes.continuous)
            generator = keras_gan.networks.with_codes(generator, codes)
            discriminator = keras_gan.networks.with_code_head(discriminator, codes)
        return keras_gan.GAN(
            generator,
            discriminator,
            latent_dim=config.latent_dim,
            num_classes=num_classes,
            seed=seed,
            name=config.name,
            **more,
        )
    y_shape = (*image_shape[:2], output_channels or image_shape[-1])
    to_y: dict[str, Any] = {} if y_shape == image_shape else {"output_channels": y_shape[-1]}
    to_x: dict[str, Any] = {} if y_shape == image_shape else {"output_channels": image_shape[-1]}
    if isinstance(config, CycleGANConfig):
        weights = {name: getattr(config, name) for name in ("cycle_weight", "identity_weight", "pool_size")}
        return keras_gan.CycleGAN(
            network.generator(image_shape, **to_y, **g, name="generator_g"),
            network.generator(y_shape, **to_x, **g, name="generator_f"),
            network.discriminator(image_shape, **d, name="discriminator_x"),
            network.discriminator(y_shape, **d, name="discriminator_y"),
            image_shape=image_shape,
            seed=seed,
            name=config.name,
            **{**weights, **more},
        )
    assert isinstance(config, Pix2PixConfig)
    fitted = getattr(network, "fitted_options", lambda _, options: options)
    return keras_gan.Pix2Pix(
        network.generator(image_shape, **to_y, **fitted(image_shape, g)),
        network.discriminator(image_shape, **to_y, **d),
        image_shape=image_shape,
        name=config.name,
        **{"l1_weight": config.l1_weight, **more},
    )


def compile_arguments(config: TrainingConfig) -> dict[str, Any]:
    """Returns the arguments of the model's `compile`, without the optimizers."""
    import keras_gan
    from keras_gan.schedules import HalfLife

    arguments: dict[str, Any] = {"loss": _part("losses", "loss", config.loss)}
    arguments["penalties"] = [
        _make("penalties", f"penalties.{name}", name, given) for name, given in config.penalties.items()
    ]
    if config.ema is not None:
        half_life = config.ema.half_life
        arguments["ema_momentum"] = config.ema.momentum if half_life is None else HalfLife(half_life)
    if isinstance(config, GANConfig):
        arguments |= {"d_steps": config.d_steps, "g_steps": config.g_steps, "freeze_d": config.freeze_d}
        if config.auxiliary_loss:
            kind = keras_gan.losses.AuxiliaryClassifier if config.codes is None else keras_gan.losses.MutualInformation
            arguments["auxiliary_loss"] = _create(kind, "auxiliary_loss", config.auxiliary_loss)
        if config.augmentation is not None:
            arguments["augmentation"] = _part("augmentations", "augmentation", config.augmentation)
    if config.jit_compile:
        arguments["jit_compile"] = True
    return arguments


def optimizers(config: TrainingConfig, model: AdversarialModel, learning_rate: Any = None) -> dict[str, Any]:
    """Returns an optimizer for each network that a model trains.

    Args:
        config: Config of the training.
        model: Model with the names of its optimizers.
        learning_rate: Number or Keras schedule for all of them. Defaults to `None`, the config's.
    """
    import keras

    found = {}
    for name in model.trained_networks:
        one = optimizer_of(config, name)
        rate = one.learning_rate if learning_rate is None else learning_rate
        if one.name == "rmsprop":
            found[name] = keras.optimizers.RMSprop(rate, clipnorm=one.clipnorm)
        else:
            found[name] = keras.optimizers.Adam(rate, beta_1=one.beta_1, beta_2=one.beta_2, clipnorm=one.clipnorm)
    return found


def optimizer_of(config: TrainingConfig, name: str) -> Optimizer:
    """Returns the section for an optimizer of a model.

    Args:
        config: Config of the training.
        name: Name of the optimizer in the model's `compile`, such as `d_x_optimizer`.
    """
    return config.d_optimizer if name.startswith("d_") else config.g_optimizer


def _part(room: str, path: str, part: NamedPart) -> Any:
    """Returns the object of a section; a name alone stays a name, which some models read in their own way."""
    made = _make(room, path, part.name, part.options)
    return made if part.options else part.name


def _make(room: str, path: str, name: str, given: Mapping[str, Any]) -> Any:
    registry = classes_of(room)
    if name not in registry:
        raise ConfigError(f"{path} must be one of {', '.join(sorted(registry))}. Received: {name}")
    return _create(registry[name], path, given)


def _create(kind: Any, path: str, given: Mapping[str, Any]) -> Any:
    """Returns an object of a class, made with the options of a config."""
    parameters = inspect.signature(kind).parameters
    known = [key for key, one in parameters.items() if one.kind is not one.VAR_KEYWORD]
    for key in given:
        if key not in known:
            raise ConfigError(not_a_field(f"{path}.{key}", [f"{path}.{one}" for one in known]))
    try:
        return kind(**given)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{path}: {error}") from error


def _needs_no_batch_normalization(config: TrainingConfig, penalties: list[Any]) -> bool:
    """Returns `True` for a gradient penalty and a discriminator that has batch normalisation by default."""
    from keras_gan import networks

    default = networks.get(config.network).CAPABILITIES.normalizations[:1]
    given = "normalization" in config.discriminator
    return any(one.per_image for one in penalties) and not given and default == ("batch",)
