"""Config of a `keras_gan.Pix2Pix`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from keras_gan.config.translation import TranslationConfig


class Pix2PixConfig(TranslationConfig):
    """Config of a pix2pix model, which learns from pairs of images.

    Example:
    ```python
    config = keras_gan.config.Pix2PixConfig(data={"x": "facades/train", "image_size": 256})
    ```
    """

    one_folder = True

    model: Literal["pix2pix"] = Field(default="pix2pix", description="Kind of model.")
    name: str = Field(default="pix2pix", description="Name of the model. Exports are served under this name.")
    network: str = Field(
        default="pix2pix", description="Module of `keras_gan.networks` that builds generator and discriminator."
    )
    l1_weight: float = Field(
        default=100.0, ge=0, description="Weight of the mean absolute error between output and target."
    )
