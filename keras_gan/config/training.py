"""Base class of the configs."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import pydantic
from pydantic import Field

from keras_gan.config.image_size import check_size, height_and_width
from keras_gan.config.networks import check_network, check_options
from keras_gan.config.parts import EMA, NamedPart, Optimizer, penalty_options
from keras_gan.config.section import RESUMABLE, Section

Penalties = Annotated[dict[str, dict[str, Any]], pydantic.BeforeValidator(penalty_options)]


class TrainingConfig(Section):
    """Everything that defines a training, for all kinds of models.

    Build one of `GANConfig`, `CycleGANConfig` or `Pix2PixConfig`, or read one with `keras_gan.config.load`.

    Attributes:
        translates: `True` if the model translates images, `False` if it generates images from z.
    """

    translates: ClassVar[bool]

    model: str = Field(description="Kind of model.")
    name: str = Field(description="Name of the model. Exports are served under this name.")
    network: str = Field(description="Module of `keras_gan.networks` that builds generator and discriminator.")
    data: Section = Field(description="Training images.")
    generator: dict[str, Any] = Field(default={}, description="Options of the network's `generator`.")
    discriminator: dict[str, Any] = Field(
        default={},
        description="Options of the network's `discriminator`. With a gradient penalty and no `normalization` given, "
        "batch normalisation is left out.",
    )
    loss: NamedPart = Field(default=NamedPart(name="non_saturating"), description="Adversarial loss.")
    penalties: Penalties = Field(
        default={}, description="Penalties of the discriminator, by name, with their options: `{r1: {weight: 0.5}}`."
    )
    d_optimizer: Optimizer = Field(default=Optimizer(), description="Optimizer of each discriminator.")
    g_optimizer: Optimizer = Field(default=Optimizer(), description="Optimizer of each generator.")
    ema: EMA | None = Field(
        default=None, description="Exponential moving average (EMA) of the generators' weights, used for all images."
    )
    epochs: int = Field(
        default=20, ge=1, description="Number of passes over the training images.", json_schema_extra=RESUMABLE
    )
    batch_size: int = Field(default=64, ge=1, description="Number of images in one update of the discriminator.")
    seed: int = Field(
        default=0, ge=0, description="Seed of the initial weights, the noise and the order of the images."
    )
    jit_compile: bool = Field(default=False, description="Compile the training step with XLA.")
    deterministic: bool = Field(
        default=False,
        description="Use deterministic operations: one machine gives the same weights each time. Slower on a GPU.",
    )
    tensorboard: bool = Field(
        default=False, description="Write `RUN/tensorboard` as well.", json_schema_extra=RESUMABLE
    )

    @pydantic.model_validator(mode="after")
    def _check_networks(self) -> TrainingConfig:
        check_network(self.network, from_z=not self.translates)
        for part in ("generator", "discriminator"):
            check_options(self.network, part, getattr(self, part))
        size = height_and_width(getattr(self.data, "image_size", None))
        if size is not None:
            check_size(self.network, size, self.generator, self.discriminator)
        return self
