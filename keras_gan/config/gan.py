"""Config of a `keras_gan.GAN`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pydantic
from pydantic import Field

from keras_gan.config.image_size import ImageSize, supported_sizes
from keras_gan.config.parts import NamedPart
from keras_gan.config.section import RESUMABLE, Section
from keras_gan.config.training import TrainingConfig
from keras_gan.config.value_range import VALUE_RANGE, ValueRange

Channels = Literal[1, 3, 4] | None
CHANNELS = "1 for grey, 3 for colour, 4 for colour with transparency. `null` for the channels of most images."


class ImageData(Section):
    """Images of one set."""

    shorthand = "name"
    name: str = Field(
        default="digits",
        description="Packaged set (`keras-gan datasets`), folder of images or WAV files, NumPy or CSV file, or TFDS "
        "name.",
    )
    image_size: ImageSize = Field(
        default=None,
        description="Size in pixels, or HEIGHTxWIDTH, to crop the centre to and resize. The length of sequences. "
        f"`null` for the size of the data. {supported_sizes()}",
    )
    channels: Channels = Field(default=None, description=CHANNELS)
    value_range: ValueRange = Field(default=None, description=VALUE_RANGE)
    labels: bool = Field(default=False, description="Train a GAN on the labels of the data: classes, or attributes.")
    limit: int | None = Field(default=None, ge=1, description="Number of images to use. `null` for all.")
    held_out: str | None = Field(
        default=None,
        description="Images that are not trained on, to detect a discriminator that memorises. "
        "`null` for the test split, if there is one.",
        json_schema_extra=RESUMABLE,
    )


class CodesConfig(Section):
    """Codes at the start of z, which InfoGAN learns without labels."""

    categorical: list[Annotated[int, Field(ge=2)]] = Field(
        default=[], description="Number of values of each categorical code."
    )
    continuous: int = Field(default=0, ge=0, description="Number of continuous codes.")

    @pydantic.model_validator(mode="after")
    def _check_some(self) -> CodesConfig:
        if not self.categorical and not self.continuous:
            raise ValueError(
                "codes must have categorical or continuous codes, as in codes={categorical: [10], continuous: 2}. "
                "Received: none"
            )
        return self


class BurnIn(Section):
    """Start of the training, during which values change along a cosine.

    The half-life of `ema` grows from 0 to its value in the same time.
    """

    learning_rate: float | None = Field(default=None, gt=0, description="Factor of the learning rates at the end.")
    penalties: float | None = Field(default=None, ge=0, description="Factor of the penalties' weights at the end.")
    fraction: float = Field(default=0.5, gt=0, le=1, description="Length as a fraction of the training.")


class Health(Section):
    """Detection of common failures during training."""

    every: int = Field(default=25, ge=1, description="Steps between two checks.", json_schema_extra=RESUMABLE)
    rollback: int = Field(
        default=0,
        ge=0,
        description="How often a failed training returns to its last good state and continues with another setting. "
        "With 0 it only warns.",
        json_schema_extra=RESUMABLE,
    )


class GANConfig(TrainingConfig):
    """Config of a GAN that generates images from z.

    Example:
    ```python
    config = keras_gan.config.GANConfig(network="dcgan", discriminator={"filters": 32}, epochs=6)
    ```
    """

    translates = False

    model: Literal["gan"] = Field(default="gan", description="Kind of model.")
    name: str = Field(default="gan", description="Name of the model. Exports are served under this name.")
    network: str = Field(
        default="dcgan", description="Module of `keras_gan.networks` that builds generator and discriminator."
    )
    data: ImageData = Field(default=ImageData(), description="Training images.")
    latent_dim: int = Field(default=128, ge=1, description="Length of z.")
    codes: CodesConfig | None = Field(
        default=None, description="Codes at the start of z, as in InfoGAN. The discriminator learns to recognise them."
    )
    auxiliary_loss: dict[str, Any] = Field(
        default={},
        description="Options of the loss of the discriminator's second output. With "
        "`discriminator.conditioning=auxiliary_classifier`: `d_weight` and `g_weight`. With `codes`: "
        "`categorical_weight`, `continuous_weight` and `deviation`.",
    )
    d_steps: int = Field(
        default=1, ge=1, description="Updates of the discriminator in a step, each with its own batch."
    )
    g_steps: int = Field(default=1, ge=1, description="Updates of the generator in a step.")
    augmentation: NamedPart | None = Field(
        default=None, description="Augmentation of all images that the discriminator sees, for small data sets."
    )
    init: str | None = Field(
        default=None,
        description="Trained GAN to start from: folder of a run, `.keras` file, or name of a GAN of the package. "
        "Layers of the same shapes get its weights.",
    )
    freeze_d: int = Field(
        default=0,
        ge=0,
        description="Number of layers of the discriminator, counted from the image, that keep their weights (FreezeD).",
    )
    burn_in: BurnIn | None = Field(default=None, description="Values that change at the start of the training.")
    health: Health = Field(default=Health(), description="Detection of common failures during training.")

    @pydantic.field_validator("burn_in", mode="before")
    @classmethod
    def _drop_empty(cls, value: object) -> object:
        return value or None

    @pydantic.model_validator(mode="after")
    def _check_codes(self) -> GANConfig:
        if self.codes is not None and sum(self.codes.categorical) + self.codes.continuous > self.latent_dim:
            raise ValueError(
                "latent_dim must be at least the numbers that the codes take. "
                f"Received: latent_dim={self.latent_dim}, codes={self.codes.model_dump()}"
            )
        return self
