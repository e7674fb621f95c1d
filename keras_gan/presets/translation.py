"""Presets of models that translate images."""

from __future__ import annotations

from keras_gan.config import CycleGANConfig, Pix2PixConfig
from keras_gan.config.parts import EMA, NamedPart, Optimizer
from keras_gan.presets.preset import Preset

PRESETS = (
    Preset(
        "Translates between two sets of images without pairs. Any size divisible by 4.",
        "https://arxiv.org/abs/1703.10593",
        CycleGANConfig(name="cyclegan"),
    ),
    Preset(
        "CycleGAN whose generators learn a change of the image. R1, no normalisation, averaged generators.",
        "https://arxiv.org/abs/1801.04406",
        CycleGANConfig(
            name="cyclegan_r1",
            d_optimizer=Optimizer(learning_rate=4e-4, beta_2=0.99),
            g_optimizer=Optimizer(beta_2=0.99),
            loss=NamedPart(name="non_saturating"),
            penalties={"r1": {"weight": 5e-5, "interval": 4}},
            ema=EMA(half_life=2_000),
            generator={"residual": True, "upsampling": "nearest"},
            discriminator={"normalization": None},
            epochs=100,
            batch_size=4,
        ),
    ),
    Preset(
        "Translates between two sets of images that correspond in pairs.",
        "https://arxiv.org/abs/1611.07004",
        Pix2PixConfig(name="pix2pix"),
    ),
)
