"""The training steps of `benchmarks/train_step.py`. Imports neither TensorFlow nor PyTorch."""

from __future__ import annotations

import dataclasses

Shape = tuple[int, int, int]


@dataclasses.dataclass(frozen=True)
class Case:
    """A training step.

    Args:
        title: Name in the table.
        network: "dcgan", "resnet", "r3gan" or "cyclegan".
        shape: (height, width, channels) of the images.
        batch: Number of images in an update.
        latent: Length of z; 0 for translation.
        d_steps: Number of updates of the discriminator. Defaults to 1.
        batch_norm: True if the discriminator has batch normalisation. Defaults to False.
        has_guide: True if keras.io has a script for it. Defaults to True.
    """

    title: str
    network: str
    shape: Shape
    batch: int
    latent: int = 128
    d_steps: int = 1
    batch_norm: bool = False
    has_guide: bool = True


CASES = {
    "dcgan28": Case("DCGAN, 28 px", "dcgan", (28, 28, 1), 64, batch_norm=True),
    "dcgan64": Case("DCGAN, 64 px", "dcgan", (64, 64, 3), 64, batch_norm=True),
    "wgan_gp28": Case("WGAN-GP, 28 px, 5 critic updates", "dcgan", (28, 28, 1), 64, d_steps=5),
    "resnet32": Case("ResNet, 32 px", "resnet", (32, 32, 3), 64, has_guide=False),
    "r3gan32": Case("R3GAN, 32 px", "r3gan", (32, 32, 3), 64, 64, has_guide=False),
    "cyclegan64": Case("CycleGAN, 64 px", "cyclegan", (64, 64, 3), 1, 0),
}
RESNET_FILTERS, RESNET_WIDEST = 64, 128
R3GAN_FILTERS = 32
R1_WEIGHT = 1.0  # of R1 and of R2
HALF_LIFE = 10_000  # images, of R3GAN's averaged generator
