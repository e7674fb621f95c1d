"""Presets of models that generate images from z."""

from __future__ import annotations

from keras_gan.config import GANConfig
from keras_gan.config.gan import BurnIn
from keras_gan.config.parts import EMA, NamedPart, Optimizer
from keras_gan.presets.preset import Preset, Result

_CLIPPED = Optimizer(name="rmsprop", learning_rate=5e-5)
_PENALISED = Optimizer(learning_rate=1e-4, beta_1=0.0, beta_2=0.9)
_HALF = Optimizer(learning_rate=1e-4, beta_2=0.9)
_R3GAN = Optimizer(beta_1=0.0, beta_2=0.99)
_STYLEGAN2 = Optimizer(learning_rate=2e-3, beta_1=0.0, beta_2=0.99)

PRESETS = (
    Preset(
        "The first GAN: fully connected, with a maxout discriminator. Any image shape.",
        "https://arxiv.org/abs/1406.2661",
        GANConfig(name="gan", network="mlp", latent_dim=100),
    ),
    Preset(
        "Convolutional networks with batch normalisation. Sizes such as 28, 32, 64 or 48x96 pixels.",
        "https://arxiv.org/abs/1511.06434",
        GANConfig(name="dcgan", network="dcgan"),
        Result(
            command="keras-gan train --preset dcgan --data digits --labels --batch-size 32 --epochs 16 --output run",
            time="4 min 2 s with the installation and the exports (`make quickstart`)",
            machine="two cores of a shared x86-64 machine",
            metric="KID-EffLite0 0.0586 +- 0.0014",
            protocol="EfficientNet-Lite0 at 224 pixels, 2,000 generated and 2,000 training images, seed 0",
        ),
    ),
    Preset(
        "DCGAN with the least-squares loss.",
        "https://arxiv.org/abs/1611.04076",
        GANConfig(name="lsgan", network="dcgan", loss=NamedPart(name="least_squares")),
    ),
    Preset(
        "DCGAN with a Wasserstein critic whose weights are clipped. 5 critic updates a step, RMSprop.",
        "https://arxiv.org/abs/1701.07875",
        GANConfig(
            name="wgan",
            network="dcgan",
            d_optimizer=_CLIPPED,
            g_optimizer=_CLIPPED,
            loss=NamedPart(name="wasserstein"),
            penalties={"weight_clipping": {"limit": 0.01}},
            d_steps=5,
        ),
    ),
    Preset(
        "DCGAN with a Wasserstein critic, a gradient penalty and no normalisation. 5 critic updates a step.",
        "https://arxiv.org/abs/1704.00028",
        GANConfig(
            name="wgan_gp",
            network="dcgan",
            d_optimizer=_PENALISED,
            g_optimizer=_PENALISED,
            loss=NamedPart(name="wasserstein"),
            penalties={"wgan_gp": {"weight": 10.0}},
            d_steps=5,
            discriminator={"normalization": None},
        ),
        of_paper="inception score 7.86 on CIFAR-10 without labels, with a ResNet (needs a GPU)",
    ),
    Preset(
        "Convolutions over sequences such as audio, with a Wasserstein critic. The length is a multiple of 4.",
        "https://arxiv.org/abs/1802.04208",
        GANConfig(
            name="wavegan",
            network="wavegan",
            latent_dim=100,
            d_optimizer=_HALF,
            g_optimizer=_HALF,
            loss=NamedPart(name="wasserstein"),
            penalties={"wgan_gp": {"weight": 10.0}},
            d_steps=5,
        ),
    ),
    Preset(
        "DCGAN with a gradient penalty around the real images.",
        "https://arxiv.org/abs/1705.07215",
        GANConfig(
            name="dragan",
            network="dcgan",
            d_optimizer=_HALF,
            g_optimizer=_HALF,
            penalties={"dragan": {"weight": 10.0}},
            discriminator={"normalization": None},
        ),
    ),
    Preset(
        "DCGAN with a spectrally normalised discriminator and the hinge loss.",
        "https://arxiv.org/abs/1802.05957",
        GANConfig(
            name="sngan",
            network="dcgan",
            loss=NamedPart(name="hinge"),
            discriminator={"normalization": "spectral"},
        ),
    ),
    Preset(
        "ResNets with a spectrally normalised discriminator and the hinge loss. 5 discriminator updates a step.",
        "https://arxiv.org/abs/1802.05957",
        GANConfig(
            name="resnet",
            network="resnet",
            d_optimizer=Optimizer(beta_1=0.0, beta_2=0.9),
            g_optimizer=Optimizer(beta_1=0.0, beta_2=0.9),
            loss=NamedPart(name="hinge"),
            d_steps=5,
        ),
        of_paper="FID 21.7 on CIFAR-10 without labels (needs a GPU)",
    ),
    Preset(
        "ResNets with self-attention, spectral normalisation in both networks, and two learning rates.",
        "https://arxiv.org/abs/1805.08318",
        GANConfig(
            name="sagan",
            network="sagan",
            d_optimizer=Optimizer(learning_rate=4e-4, beta_1=0.0, beta_2=0.9),
            g_optimizer=Optimizer(learning_rate=1e-4, beta_1=0.0, beta_2=0.9),
            loss=NamedPart(name="hinge"),
            generator={"filters": 32},
            discriminator={"filters": 32},
        ),
        of_paper="FID 18.65 on ImageNet at 128 pixels (needs several GPUs)",
    ),
    Preset(
        "Wide ResNets with self-attention and a part of z in each block, for labelled images. Averaged generator.",
        "https://arxiv.org/abs/1809.11096",
        GANConfig(
            name="biggan",
            network="biggan",
            d_optimizer=Optimizer(learning_rate=2e-4, beta_1=0.0),
            g_optimizer=Optimizer(learning_rate=5e-5, beta_1=0.0),
            loss=NamedPart(name="hinge"),
            penalties={"orthogonal": {"weight": 1e-4}},
            d_steps=2,
            ema=EMA(half_life=50_000),
            generator={"filters": 32},
            discriminator={"filters": 32},
        ),
        of_paper="FID 7.4 on ImageNet at 128 pixels, with wider networks (needs TPUs)",
    ),
    Preset(
        "A mapping network and modulated convolutions, with R1 in every 16th update. Averaged generator.",
        "https://arxiv.org/abs/1912.04958",
        GANConfig(
            name="stylegan2",
            network="stylegan2",
            d_optimizer=_STYLEGAN2,
            g_optimizer=_STYLEGAN2,
            penalties={"r1": {"weight": 1.0, "interval": 16}, "path_length": {"weight": 2.0, "interval": 4}},
            ema=EMA(half_life=10_000),
            generator={"filters": 32, "max_filters": 256},
            discriminator={"filters": 32, "max_filters": 256},
        ),
        of_paper="FID 2.84 on FFHQ at 1024 pixels, with wider networks (needs several GPUs)",
    ),
    Preset(
        "ResNets without normalisation, the relativistic loss, R1 and R2. Averaged generator.",
        "https://arxiv.org/abs/2501.05441",
        GANConfig(
            name="r3gan",
            network="r3gan",
            latent_dim=64,
            d_optimizer=_R3GAN,
            g_optimizer=_R3GAN,
            loss=NamedPart(name="relativistic"),
            penalties={"r1": {"weight": 1.0}, "r2": {"weight": 1.0}},
            ema=EMA(half_life=10_000),
            burn_in=BurnIn(learning_rate=0.25, penalties=0.1),
            generator={"filters": 32},
            discriminator={"filters": 32},
        ),
        of_paper="FID 1.96 on CIFAR-10 and 2.75 on FFHQ at 256 pixels, with wider networks (needs several GPUs)",
    ),
)
