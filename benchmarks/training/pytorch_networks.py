"""The same networks in PyTorch, channels first, for memory in channels-last format.

The layers are created in the order in which Keras creates those of `keras_gan.networks`, so that weights can be copied
one after the other. Where TensorFlow's "same" padding is not symmetric, the images are padded or cropped.
"""

from __future__ import annotations

import itertools
import math

import torch
from cases import R3GAN_FILTERS, RESNET_FILTERS, RESNET_WIDEST, Case
from torch import nn
from torch.nn import functional

SLOPE = 0.2


class DCGANGenerator(nn.Module):
    def __init__(self, case: Case) -> None:
        super().__init__()
        self.start, doublings = (7, 2) if case.shape[0] == 28 else (4, (case.shape[0] // 4).bit_length() - 1)
        self.width = 64 * 2 ** (doublings - 1)
        self.dense = nn.Linear(case.latent, self.start**2 * self.width, bias=False)
        self.norms, self.convolutions = nn.ModuleList(), nn.ModuleList()
        width = self.width
        for stage in range(doublings - 1, -1, -1):
            self.norms.append(nn.BatchNorm2d(width, eps=1e-5))
            out = 64 * 2 ** (stage - 1) if stage else case.shape[-1]
            self.convolutions.append(nn.ConvTranspose2d(width, out, 4, 2, 1, bias=False))
            width = out
        self.layers = [self.dense]
        for norm, convolution in zip(self.norms, self.convolutions, strict=True):
            self.layers += [norm, convolution]

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        x = self.dense(z).view(-1, self.start, self.start, self.width).permute(0, 3, 1, 2)
        for norm, convolution in zip(self.norms, self.convolutions, strict=True):
            x = convolution(functional.relu(norm(x), inplace=True))
        return torch.tanh(x)


class DCGANDiscriminator(nn.Module):
    def __init__(self, case: Case) -> None:
        super().__init__()
        halvings = 2 if case.shape[0] == 28 else (case.shape[0] // 4).bit_length() - 1
        biased, width, size = not case.batch_norm, case.shape[-1], case.shape[0]
        self.norms, self.convolutions, self.layers = nn.ModuleList(), nn.ModuleList(), []
        for stage in range(halvings):
            self.convolutions.append(nn.Conv2d(width, 64 * 2**stage, 4, 2, 1, bias=biased))
            width, size = 64 * 2**stage, size // 2
            self.norms.append(nn.BatchNorm2d(width, eps=1e-5) if stage and case.batch_norm else nn.Identity())
            self.layers += [self.convolutions[-1], self.norms[-1]]
        self.dense = nn.Linear(size * size * width, 1, bias=biased)
        self.layers.append(self.dense)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for norm, convolution in zip(self.norms, self.convolutions, strict=True):
            x = functional.leaky_relu(norm(convolution(x)), SLOPE)
        return self.dense(x.permute(0, 2, 3, 1).flatten(1))


class Resampling(nn.Module):
    """R3GAN's fixed filter, as in its official code: a strided depthwise convolution, or its transpose."""

    def __init__(self, up: bool) -> None:
        super().__init__()
        line = torch.tensor([1.0, 3.0, 3.0, 1.0]) / (4 if up else 8)
        self.up = up
        self.register_buffer("kernel", torch.outer(line, line)[None, None])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        channels = x.shape[1]
        kernel = self.kernel.expand(channels, 1, 4, 4)
        resample = functional.conv_transpose2d if self.up else functional.conv2d
        return resample(x, kernel, stride=2, padding=1, groups=channels)


class Block(nn.Module):
    def __init__(self, width: int, group_size: int = 16) -> None:
        super().__init__()
        wide = 2 * width
        self.first = nn.Conv2d(width, wide, 1)
        self.grouped = nn.Conv2d(wide, wide, 3, padding=1, groups=max(1, wide // group_size))
        self.last = nn.Conv2d(wide, width, 1, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = functional.leaky_relu(self.first(x), SLOPE)
        return x + self.last(functional.leaky_relu(self.grouped(y), SLOPE))


class R3GANGenerator(nn.Module):
    def __init__(self, case: Case) -> None:
        super().__init__()
        width, stages = R3GAN_FILTERS, (case.shape[0] // 4).bit_length()
        self.dense = nn.Linear(case.latent, width, bias=False)
        self.basis = nn.Parameter(torch.zeros(4, 4, width))
        self.blocks = nn.ModuleList(Block(width) for _ in range(stages))
        self.up = Resampling(up=True)
        self.image = nn.Conv2d(width, case.shape[-1], 1, bias=False)
        self.layers = [self.dense, self.basis]
        for block in self.blocks:
            self.layers += [block.first, block.grouped, block.last]
        self.layers.append(self.image)

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        x = (self.dense(z)[:, None, None, :] * self.basis).permute(0, 3, 1, 2)
        for stage, block in enumerate(self.blocks):
            x = block(self.up(x) if stage else x)
        return self.image(x)


class R3GANDiscriminator(nn.Module):
    def __init__(self, case: Case) -> None:
        super().__init__()
        width, stages = R3GAN_FILTERS, (case.shape[0] // 4).bit_length()
        self.first = nn.Conv2d(case.shape[-1], width, 1, bias=False)
        self.blocks = nn.ModuleList(Block(width) for _ in range(stages))
        self.down = Resampling(up=False)
        self.basis = nn.Conv2d(width, width, 4, groups=width, bias=False)
        self.dense = nn.Linear(width, 1, bias=False)
        self.layers = [self.first]
        for block in self.blocks:
            self.layers += [block.first, block.grouped, block.last]
        self.layers += [self.basis, self.dense]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.first(x)
        for stage, block in enumerate(self.blocks):
            x = block(self.down(x) if stage else x)
        return self.dense(self.basis(x).flatten(1))


def conv(width: int, filters: int, kernel: int = 3) -> nn.Conv2d:
    return nn.Conv2d(width, filters, kernel, padding="same")


def doubled(x: torch.Tensor) -> torch.Tensor:
    return functional.interpolate(x, scale_factor=2, mode="nearest")


class ResNetGeneratorBlock(nn.Module):
    def __init__(self, width: int, filters: int) -> None:
        super().__init__()
        self.norm_1, self.first = nn.BatchNorm2d(width, eps=1e-5), conv(width, filters)
        self.norm_2, self.shortcut = nn.BatchNorm2d(filters, eps=1e-5), conv(width, filters, 1)
        self.second = conv(filters, filters)
        self.layers = [self.norm_1, self.first, self.norm_2, self.shortcut, self.second]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.first(doubled(functional.relu(self.norm_1(x), inplace=True)))
        return doubled(self.shortcut(x)) + self.second(functional.relu(self.norm_2(y), inplace=True))


class ResNetDiscriminatorBlock(nn.Module):
    def __init__(self, width: int, filters: int, first: bool, halve: bool) -> None:
        super().__init__()
        self.is_first, self.halve = first, halve
        hidden = filters if first else width
        self.first, self.second = conv(width, hidden), conv(hidden, filters)
        self.layers = [self.first, self.second]
        if halve:
            self.shortcut = conv(width, filters, 1)
            self.layers.append(self.shortcut)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.second(functional.relu(self.first(x if self.is_first else functional.relu(x))))
        return self.shortcut(functional.avg_pool2d(x, 2)) + functional.avg_pool2d(y, 2) if self.halve else x + y


class ResNetGenerator(nn.Module):
    def __init__(self, case: Case) -> None:
        super().__init__()
        self.start = case.shape[0] // 8
        self.dense = nn.Linear(case.latent, self.start**2 * RESNET_WIDEST)
        widths = [RESNET_WIDEST, RESNET_WIDEST, RESNET_WIDEST, RESNET_FILTERS]
        self.blocks = nn.ModuleList(ResNetGeneratorBlock(*pair) for pair in itertools.pairwise(widths))
        self.norm, self.image = nn.BatchNorm2d(RESNET_FILTERS, eps=1e-5), conv(RESNET_FILTERS, case.shape[-1])
        self.layers = [self.dense, *(layer for block in self.blocks for layer in block.layers), self.norm, self.image]

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        x = self.dense(z).view(-1, self.start, self.start, RESNET_WIDEST).permute(0, 3, 1, 2)
        for block in self.blocks:
            x = block(x)
        return torch.tanh(self.image(functional.relu(self.norm(x))))


class ResNetDiscriminator(nn.Module):
    def __init__(self, case: Case) -> None:
        super().__init__()
        widths = [case.shape[-1], RESNET_FILTERS, RESNET_WIDEST, RESNET_WIDEST, RESNET_WIDEST]
        self.blocks = nn.ModuleList(
            ResNetDiscriminatorBlock(*pair, first=i == 0, halve=i < 3)
            for i, pair in enumerate(itertools.pairwise(widths))
        )
        self.dense = nn.Linear(RESNET_WIDEST, 1, bias=False)
        self.layers = [*(layer for block in self.blocks for layer in block.layers), self.dense]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for block in self.blocks:
            x = block(x)
        return self.dense(functional.relu(x).sum((2, 3)))


def reflected(padding: int) -> nn.Module:
    return nn.ReflectionPad2d(padding)


class CycleGANGenerator(nn.Module):
    def __init__(self, case: Case) -> None:
        super().__init__()
        norm = nn.InstanceNorm2d
        parts: list[nn.Module] = [reflected(3), nn.Conv2d(case.shape[-1], 64, 7), norm(64), nn.ReLU(True)]
        for width in (128, 256):
            parts += [nn.Conv2d(width // 2, width, 3, 2, 1), norm(width), nn.ReLU(True)]
        parts += [ResidualBlock(256) for _ in range(6)]
        for width in (128, 64):
            up = nn.ConvTranspose2d(2 * width, width, 3, 2, padding=1, output_padding=1)
            parts += [up, norm(width), nn.ReLU(True)]
        parts += [reflected(3), nn.Conv2d(64, case.shape[-1], 7), nn.Tanh()]
        self.all = nn.Sequential(*parts)
        self.layers = [m for m in self.all.modules() if isinstance(m, nn.Conv2d | nn.ConvTranspose2d)]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.all(x)


class ResidualBlock(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        norm = nn.InstanceNorm2d
        self.all = nn.Sequential(
            reflected(1), nn.Conv2d(width, width, 3), norm(width), nn.ReLU(True),
            reflected(1), nn.Conv2d(width, width, 3), norm(width),
        )  # fmt: skip

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.all(x)


class CycleGANDiscriminator(nn.Module):
    def __init__(self, case: Case) -> None:
        super().__init__()
        parts: list[nn.Module] = []
        before = case.shape[-1]
        for layer, (width, stride) in enumerate(((64, 2), (128, 2), (256, 2), (512, 1))):
            parts.append(nn.Conv2d(before, width, 4, stride, 1))
            parts += [nn.InstanceNorm2d(width)] if layer else []
            parts.append(nn.LeakyReLU(SLOPE))
            before = width
        self.all = nn.Sequential(*parts, nn.Conv2d(before, 1, 4, 1, 1))
        self.layers = [m for m in self.all if isinstance(m, nn.Conv2d)]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.all(x)


NETWORKS = {
    "dcgan": (DCGANDiscriminator, DCGANGenerator),
    "resnet": (ResNetDiscriminator, ResNetGenerator),
    "r3gan": (R3GANDiscriminator, R3GANGenerator),
    "cyclegan": (CycleGANDiscriminator, CycleGANDiscriminator, CycleGANGenerator, CycleGANGenerator),
}


def build(case: Case) -> list[nn.Module]:
    """The networks of a case, in the order of the weights file."""
    return [make(case).to(memory_format=torch.channels_last) for make in NETWORKS[case.network]]


def copy_weights(network: nn.Module, arrays: list) -> None:  # type: ignore[type-arg]
    """Copy Keras's trainable weights, given in the order of its layers."""
    left = iter(arrays)
    with torch.no_grad():
        for layer in network.layers:
            if isinstance(layer, nn.Parameter):
                layer.copy_(torch.from_numpy(next(left)))
            elif isinstance(layer, nn.BatchNorm2d):
                layer.weight.copy_(torch.from_numpy(next(left)))
                layer.bias.copy_(torch.from_numpy(next(left)))
            elif isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
                kernel = torch.from_numpy(next(left))
                if isinstance(layer, nn.Linear):
                    kernel = kernel.T
                elif isinstance(layer, nn.Conv2d) and layer.groups == layer.in_channels > 1:
                    kernel = kernel.permute(2, 3, 0, 1)
                else:
                    kernel = kernel.permute(3, 2, 0, 1)
                layer.weight.copy_(kernel)
                if layer.bias is not None:
                    layer.bias.copy_(torch.from_numpy(next(left)))
    if next(left, None) is not None:
        raise ValueError("Expected as many weights as the network has. Received: more")


def weights_of(network: nn.Module) -> int:
    """The number of trainable weights."""
    return sum(math.prod(parameter.shape) for parameter in network.parameters())
