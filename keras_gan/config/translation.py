"""Fields that CycleGAN and pix2pix share."""

from __future__ import annotations

from typing import ClassVar, Literal

import pydantic
from pydantic import Field

from keras_gan.config.image_size import ImageSize
from keras_gan.config.section import RESUMABLE, Section
from keras_gan.config.training import TrainingConfig
from keras_gan.config.value_range import VALUE_RANGE, ValueRange


class TranslationData(Section):
    """Images of two domains, X and Y."""

    x: str | None = Field(
        default=None,
        description="Images to translate from: packaged set, folder of images, TFDS name, or `NAME:SPLIT`.",
    )
    y: str | None = Field(default=None, description="Images to translate to, given in the same way as `x`.")
    test_x: str | None = Field(
        default=None,
        description="Held-out images of X, for pictures and evaluation. `null` for the test split of `x`, if any.",
    )
    test_y: str | None = Field(
        default=None, description="Held-out images of Y. `null` for the test split of `y`, if any."
    )
    image_size: ImageSize = Field(
        default=None,
        description="Size in pixels, or HEIGHTxWIDTH, to crop the centre to and resize. `null` for the size of the "
        "data.",
    )
    channels: Literal[1, 3] | None = Field(
        default=None,
        description="1 for grey, 3 for colour, in both domains. `null` for the channels of most images.",
    )
    x_channels: Literal[1, 3] | None = Field(default=None, description="Channels of X. `null` for `channels`.")
    y_channels: Literal[1, 3] | None = Field(default=None, description="Channels of Y. `null` for `channels`.")
    value_range: ValueRange = Field(default=None, description=f"{VALUE_RANGE} For both domains.")
    x_value_range: ValueRange = Field(default=None, description="`value_range` of X alone.")
    y_value_range: ValueRange = Field(default=None, description="`value_range` of Y alone.")
    limit: int | None = Field(default=None, ge=1, description="Number of images of each domain to use. `null` for all.")
    jitter: bool = Field(default=True, description="Enlarge the images a little and crop them at random.")
    flip: bool = Field(default=True, description="Mirror images at random, left to right.")


class TranslationConfig(TrainingConfig):
    """Config of a model that translates images between two domains."""

    translates = True
    one_folder: ClassVar[bool] = False  # one folder of images side by side may hold both domains

    data: TranslationData = Field(default=TranslationData(), description="Training images of the two domains.")
    schedule: Literal["linear", "constant"] = Field(
        default="linear",
        description="Learning rates over the training. `linear` keeps them for the first half and then lowers them "
        "to zero.",
    )
    epochs: int = Field(
        default=200, ge=1, description="Number of passes over the training images.", json_schema_extra=RESUMABLE
    )
    batch_size: int = Field(default=1, ge=1, description="Number of images of each domain in one update.")

    def check_data(self) -> None:
        """Raises `ValueError` if a domain is missing."""
        given = [f"--{key}" for key in ("x", "y") if getattr(self.data, key) is not None]
        if len(given) < 2 and not (self.one_folder and given == ["--x"]):
            raise ValueError(
                f"{self.name} translates between two sets of images: expected --x and --y. "
                f"Received: {given[0] if given else 'neither'}"
            )

    @pydantic.model_validator(mode="after")
    def _check_held_out(self) -> TranslationConfig:
        alone = self.one_folder and self.data.y is None
        if (self.data.test_x is None) != (self.data.test_y is None) and not alone:
            raise ValueError(
                "data.test_x and data.test_y must be given together. "
                f"Received: test_x={self.data.test_x}, test_y={self.data.test_y}"
            )
        return self
