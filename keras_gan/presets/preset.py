"""The recipes, as data."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keras_gan.models.adversarial_model import AdversarialModel


@dataclasses.dataclass(frozen=True)
class Preset:
    """How to make and compile a model.

    Args:
        summary: A line for the list of presets.
        reference: The paper.
        network: The module of `keras_gan.networks` that has the generator and the discriminator.
        model: "gan", "cyclegan" or "pix2pix". Defaults to `"gan"`.
        latent_dim: The length of z, of a GAN.
        learning_rate: Of all optimizers.
        d_learning_rate: Of the discriminators' optimizers, if another (two time-scale update rule).
        optimizer: "adam" or "rmsprop", of all players. Defaults to `"adam"`.
        beta_1: Of Adam.
        beta_2: Of Adam.
        loss: The name of the adversarial loss.
        penalties: The names of D's penalties, and their arguments.
        d_steps: Discriminator updates before each generator update, of a GAN.
        ema_images: The half-life of the average of the generator's weights, in images; `None` for no average.
        generator: Arguments of the network's `generator`.
        discriminator: Arguments of the network's `discriminator`.
        burn_in: What "learning_rate" and the "penalties" are multiplied by in the end, eased by a cosine while the
            half-life of the average is eased up from 0; see `ease`. Defaults to none of it.
        epochs: Passes over the data that `keras-gan train` makes.
        batch_size: Images in one discriminator update, as `keras-gan train` trains.
    """

    summary: str
    reference: str
    network: str
    model: str = "gan"
    latent_dim: int = 128
    learning_rate: float = 2e-4
    d_learning_rate: float | None = None
    optimizer: str = "adam"
    beta_1: float = 0.5
    beta_2: float = 0.999
    loss: str = "non_saturating"
    penalties: Mapping[str, Mapping[str, float]] = dataclasses.field(default_factory=dict)
    d_steps: int = 1
    ema_images: int | None = None
    generator: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    discriminator: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    burn_in: Mapping[str, float] = dataclasses.field(default_factory=dict)
    epochs: int = 20
    batch_size: int = 64

    def rate(self, player: str) -> float:
        """The learning rate of an optimizer, by its name in `compile`."""
        own = self.d_learning_rate if player.startswith("d_") else None
        return self.learning_rate if own is None else own


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
    "lsgan": Preset(
        summary="DCGAN with the least-squares loss.",
        reference="https://arxiv.org/abs/1611.04076",
        network="dcgan",
        loss="least_squares",
    ),
    "wgan": Preset(
        summary="DCGAN as a critic of clipped weights; 5 critic updates a step, RMSprop.",
        reference="https://arxiv.org/abs/1701.07875",
        network="dcgan",
        optimizer="rmsprop",
        learning_rate=5e-5,
        loss="wasserstein",
        penalties={"weight_clipping": {"limit": 0.01}},
        d_steps=5,
    ),
    "wgan_gp": Preset(
        summary="Wasserstein critic with gradient penalty and no normalisation; 5 critic updates a step.",
        reference="https://arxiv.org/abs/1704.00028",
        network="dcgan",
        learning_rate=1e-4,
        beta_1=0.0,
        beta_2=0.9,
        loss="wasserstein",
        penalties={"wgan_gp": {"weight": 10.0}},
        d_steps=5,
        discriminator={"normalization": None},
    ),
    "dragan": Preset(
        summary="DCGAN with a gradient penalty around the real images.",
        reference="https://arxiv.org/abs/1705.07215",
        network="dcgan",
        learning_rate=1e-4,
        beta_2=0.9,
        penalties={"dragan": {"weight": 10.0}},
        discriminator={"normalization": None},
    ),
    "sngan": Preset(
        summary="DCGAN with a spectrally normalised discriminator and the hinge loss.",
        reference="https://arxiv.org/abs/1802.05957",
        network="dcgan",
        loss="hinge",
        discriminator={"normalization": "spectral"},
    ),
    "r3gan": Preset(
        summary="Relativistic loss, R1 and R2 on grouped-convolution ResNets without normalisation; averaged weights.",
        reference="https://arxiv.org/abs/2501.05441",
        network="r3gan",
        latent_dim=64,
        beta_1=0.0,
        beta_2=0.99,
        loss="relativistic",
        penalties={"r1": {"weight": 1.0}, "r2": {"weight": 1.0}},
        ema_images=10_000,
        burn_in={"learning_rate": 0.25, "penalties": 0.1},
        generator={"filters": 32},
        discriminator={"filters": 32},
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
    "cyclegan_r1": Preset(
        summary="CycleGAN whose generators learn changes, against critics with R1 and no normalisation; averages.",
        reference="https://arxiv.org/abs/1801.04406",
        network="cyclegan",
        model="cyclegan",
        d_learning_rate=4e-4,
        beta_2=0.99,
        penalties={"r1": {"weight": 5e-5, "interval": 4}},
        ema_images=2_000,
        generator={"residual": True, "upsampling": "nearest"},
        discriminator={"normalization": None},
        epochs=100,
        batch_size=4,
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
    burn_in_steps: int | None = None,
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
        burn_in_steps: Generator updates over which the recipe's burn-in, as R3GAN's, eases its learning rates,
            penalties and average; what is given here instead stays as it is. Defaults to `None`, constant.
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
    from keras_gan import penalties, schedules

    built = _build(preset, name, image_shape, num_classes, seed, generator or {}, discriminator or {}, model or {})
    rates = {
        player: preset.rate(player) if learning_rate is None else learning_rate for player in built.trained_networks
    }
    arguments: dict[str, Any] = {player: _optimizer(preset, rate) for player, rate in rates.items()}
    arguments["loss"] = preset.loss
    arguments["penalties"] = [penalties.get(name, **options) for name, options in preset.penalties.items()]
    if preset.ema_images is not None:
        arguments["ema_momentum"] = schedules.HalfLife(preset.ema_images)
    if preset.model == "gan":
        arguments["d_steps"] = preset.d_steps
    built.compile(**{**arguments, **compile_arguments})
    if burn_in_steps is not None:
        given = {"learning_rate"} if learning_rate is not None else set()
        ease(built, name, burn_in_steps, given | set(compile_arguments))
    return built


def ease(model: AdversarialModel, name: str, steps: int, given: Collection[str] = ()) -> None:
    """Let a model go by its recipe's burn-in, if that has one; where a rollback slowed it down it stays slower.

    Args:
        model: A compiled model that `load` made, also one that was saved and loaded since.
        name: The recipe.
        steps: The generator updates that the burn-in lasts, at least 1.
        given: What stays as it is, of "learning_rate", "penalties" and "ema_momentum". Defaults to none.

    Raises:
        ValueError: If `steps` is below 1.
    """
    from keras_gan.schedules import CosineBurnIn, HalfLife
    from keras_gan.schedules.scaled import scaled_like, schedule_of

    preset = PRESETS[name]
    if "learning_rate" in preset.burn_in and "learning_rate" not in given:
        for player in model.trained_networks:
            rate, optimizer = preset.rate(player), getattr(model, player)
            eased = CosineBurnIn(rate, preset.burn_in["learning_rate"] * rate, steps)
            optimizer.learning_rate = scaled_like(eased, schedule_of(optimizer))
    if "penalties" in preset.burn_in and "penalties" not in given:
        for penalty, options in zip(model.penalties, preset.penalties.values(), strict=True):
            penalty.weight = CosineBurnIn(options["weight"], preset.burn_in["penalties"] * options["weight"], steps)
    if preset.burn_in and preset.ema_images is not None and "ema_momentum" not in given:
        model.ema_momentum = HalfLife(CosineBurnIn(0.0, preset.ema_images, steps))


def _optimizer(preset: Preset, learning_rate: Any) -> Any:
    import keras

    if preset.optimizer == "rmsprop":
        return keras.optimizers.RMSprop(learning_rate)
    return keras.optimizers.Adam(learning_rate, beta_1=preset.beta_1, beta_2=preset.beta_2)


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

    network = keras_gan.networks.get(preset.network)
    g, d = {**preset.generator, **g}, {**preset.discriminator, **d}
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
