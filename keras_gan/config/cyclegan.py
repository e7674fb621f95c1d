"""Config of a `keras_gan.CycleGAN`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from keras_gan.config.parts import NamedPart
from keras_gan.config.translation import TranslationConfig, TranslationData


class UnpairedData(TranslationData):
    """Images of two domains that do not correspond."""

    shift: bool = Field(
        default=False,
        description="Move the images over white ground instead of cropping them, for single things on white.",
    )


class CycleGANConfig(TranslationConfig):
    """Config of a CycleGAN, which learns from two sets of images without pairs.

    Example:
    ```python
    config = keras_gan.config.CycleGANConfig(data={"x": "photos", "y": "monets", "image_size": 256})
    ```
    """

    model: Literal["cyclegan"] = Field(default="cyclegan", description="Kind of model.")
    name: str = Field(default="cyclegan", description="Name of the model. Exports are served under this name.")
    network: str = Field(
        default="cyclegan", description="Module of `keras_gan.networks` that builds generators and discriminators."
    )
    data: UnpairedData = Field(default=UnpairedData(), description="Training images of the two domains.")
    loss: NamedPart = Field(default=NamedPart(name="least_squares"), description="Adversarial loss.")
    cycle_weight: float = Field(
        default=10.0, ge=0, description="Weight of the cycle terms. Lower values let the generators change more."
    )
    identity_weight: float = Field(
        default=0.5, ge=0, description="Weight of the identity terms, relative to `cycle_weight`."
    )
    pool_size: int = Field(default=50, ge=0, description="Earlier images that each discriminator sees again.")
