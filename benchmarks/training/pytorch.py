"""The same steps in PyTorch, in channels-last format with fused optimizers, eager or with compiled networks.

They are written for speed. Gradients of the discriminator's weights are off while the generator learns. The last
generated images of the discriminator serve the generator too. A penalty shares the pass of its loss.
"""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import torch
from cases import HALF_LIFE, R1_WEIGHT, Case
from pytorch_networks import build, copy_weights, weights_of
from torch import nn
from torch.nn.functional import l1_loss, mse_loss, softplus

Losses = dict[str, torch.Tensor]
Module = Callable[[torch.Tensor], torch.Tensor]


def adam(parameters, rate: float = 2e-4, beta_1: float = 0.5, beta_2: float = 0.999):  # type: ignore[no-untyped-def]
    return torch.optim.Adam(parameters, rate, (beta_1, beta_2), eps=1e-7, fused=True)


def to_torch(images: np.ndarray) -> torch.Tensor:
    """Channels first in shape, channels last in memory."""
    return torch.from_numpy(images).permute(0, 3, 1, 2)


class Step:
    """A model with its optimizers. `zs` and `shares` replace random numbers in the comparison of losses.

    Options are "cuda", "compiled", and "bfloat16", which computes the networks with autocast.
    """

    def __init__(self, case: Case, arrays: list[list[np.ndarray]], options: set[str]) -> None:
        self.case = case
        self.device = "cuda" if "cuda" in options else "cpu"
        self.networks = [network.to(self.device) for network in build(case)]
        for network, weights in zip(self.networks, arrays, strict=True):
            copy_weights(network, weights)
        self.weights = [weights_of(network) for network in self.networks]
        modules = [torch.compile(network) if "compiled" in options else network for network in self.networks]
        self.modules = [self.autocast(module) for module in modules] if "bfloat16" in options else modules
        self.zs: list[torch.Tensor] = []
        self.shares: list[torch.Tensor] = []

    def autocast(self, module: Module) -> Module:
        def call(x: torch.Tensor) -> torch.Tensor:
            with torch.autocast(self.device, torch.bfloat16):
                return module(x).float()

        return call

    def sample(self) -> torch.Tensor:
        n, length = self.case.batch, self.case.latent
        return self.zs.pop(0) if self.zs else torch.randn(n, length, device=self.device)

    def share(self) -> torch.Tensor:
        return self.shares.pop(0) if self.shares else torch.rand(self.case.batch, 1, 1, 1, device=self.device)

    def to_device(self, images: np.ndarray) -> torch.Tensor:
        return to_torch(images).to(self.device)


def squared_norm(gradient: torch.Tensor) -> torch.Tensor:
    return gradient.square().sum((1, 2, 3))


class GAN(Step):
    def __init__(self, case: Case, arrays: list[list[np.ndarray]], options: set[str]) -> None:
        super().__init__(case, arrays, options)
        self.d, self.g = self.modules
        settings: dict[str, float] = {}
        if case.network == "r3gan":
            settings = {"beta_1": 0.0, "beta_2": 0.99}
        elif case.d_steps > 1:
            settings = {"rate": 1e-4, "beta_1": 0.0, "beta_2": 0.9}
        self.d_optimizer = adam(self.networks[0].parameters(), **settings)
        self.g_optimizer = adam(self.networks[1].parameters(), **settings)

    def __call__(self, images: torch.Tensor) -> Losses:
        totals: Losses = {}
        self.networks[0].requires_grad_(True)
        parts = images.chunk(self.case.d_steps)
        for number, real in enumerate(parts, 1):
            last = number == len(parts)
            with torch.set_grad_enabled(last):
                fake = self.g(self.sample())
            losses = self.d_losses(real, fake.detach())
            self.d_optimizer.zero_grad()
            sum(losses.values()).backward()  # type: ignore[union-attr]
            self.d_optimizer.step()
            for name, value in losses.items():
                totals[name] = totals.get(name, 0) + value.detach() / len(parts)
        self.networks[0].requires_grad_(False)
        g_loss = self.g_loss(real, fake)
        self.g_optimizer.zero_grad()
        g_loss.backward()
        self.g_optimizer.step()
        return {**totals, "g_loss": g_loss.detach()}

    def d_losses(self, real: torch.Tensor, fake: torch.Tensor) -> Losses:
        return {"d_loss": softplus(-self.d(real)).mean() + softplus(self.d(fake)).mean()}

    def g_loss(self, real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
        return softplus(-self.d(fake)).mean()


class WGANGP(GAN):
    def d_losses(self, real: torch.Tensor, fake: torch.Tensor) -> Losses:
        loss = self.d(fake).mean() - self.d(real).mean()
        share = self.share()
        between = (share * real + (1 - share) * fake).requires_grad_(True)
        (gradient,) = torch.autograd.grad(self.d(between).sum(), between, create_graph=True)
        return {"d_loss": loss, "d_penalty": 10 * (squared_norm(gradient).sqrt() - 1).square().mean()}

    def g_loss(self, real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
        return -self.d(fake).mean()


class R3GAN(GAN):
    def __init__(self, case: Case, arrays: list[list[np.ndarray]], options: set[str]) -> None:
        super().__init__(case, arrays, options)
        self.average = [parameter.detach().clone() for parameter in self.networks[1].parameters()]

    def __call__(self, images: torch.Tensor) -> Losses:
        losses = super().__call__(images)
        with torch.no_grad():
            weights = list(self.networks[1].parameters())
            torch._foreach_lerp_(self.average, weights, 1 - 0.5 ** (self.case.batch / HALF_LIFE))
        return losses

    def d_losses(self, real: torch.Tensor, fake: torch.Tensor) -> Losses:
        real, fake = real.detach().requires_grad_(True), fake.requires_grad_(True)
        on_real, on_fake = self.d(real), self.d(fake)
        gradients = torch.autograd.grad((on_real.sum(), on_fake.sum()), (real, fake), create_graph=True)
        penalty = sum(squared_norm(gradient).mean() for gradient in gradients)
        return {"d_loss": softplus(on_fake - on_real).mean(), "d_penalty": R1_WEIGHT / 2 * penalty}

    def g_loss(self, real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
        return softplus(self.d(real) - self.d(fake)).mean()


class Pool:
    """Returns an earlier image with probability 1/2, as in the official code."""

    def __init__(self, size: int = 50) -> None:
        self.size = size
        self.images: list[torch.Tensor] = []

    def swap(self, images: torch.Tensor) -> torch.Tensor:
        found = []
        for image in images.split(1):
            if len(self.images) < self.size:
                self.images.append(image)
                found.append(image)
            elif random.random() < 0.5:
                found.append(image)
            else:
                place = random.randrange(self.size)
                found.append(self.images[place])
                self.images[place] = image
        return torch.cat(found)


class CycleGAN(Step):
    def __init__(self, case: Case, arrays: list[list[np.ndarray]], options: set[str]) -> None:
        super().__init__(case, arrays, options)
        d_x, d_y, f, g = self.networks
        self.g_optimizer = adam([*f.parameters(), *g.parameters()])
        self.d_optimizer = adam([*d_x.parameters(), *d_y.parameters()])
        self.pool_x, self.pool_y = Pool(), Pool()

    def __call__(self, data: tuple[torch.Tensor, torch.Tensor]) -> Losses:
        (x, y), (d_x, d_y, f, g) = data, self.modules
        discriminators: tuple[nn.Module, nn.Module] = (self.networks[0], self.networks[1])
        for network in discriminators:
            network.requires_grad_(False)
        fake_y, fake_x = g(x), f(y)
        on_y, on_x = d_y(fake_y), d_x(fake_x)
        g_loss = mse_loss(on_y, torch.ones_like(on_y)) + mse_loss(on_x, torch.ones_like(on_x))
        g_loss = g_loss + 10 * (l1_loss(f(fake_y), x) + l1_loss(g(fake_x), y))
        g_loss = g_loss + 5 * (l1_loss(f(x), x) + l1_loss(g(y), y))
        self.g_optimizer.zero_grad()
        g_loss.backward()
        self.g_optimizer.step()
        losses = {"g_loss": g_loss.detach()}
        for network in discriminators:
            network.requires_grad_(True)
        self.d_optimizer.zero_grad()
        for name, d, real, fake, pool in (
            ("d_x_loss", d_x, x, fake_x, self.pool_x),
            ("d_y_loss", d_y, y, fake_y, self.pool_y),
        ):
            on_real, on_fake = d(real), d(pool.swap(fake.detach()))
            loss = (mse_loss(on_real, torch.ones_like(on_real)) + mse_loss(on_fake, torch.zeros_like(on_fake))) / 2
            loss.backward()
            losses[name] = loss.detach()
        self.d_optimizer.step()
        return losses


def make(case: Case, arrays: list[list[np.ndarray]], options: set[str]) -> Step:
    """The step of a case, with Keras's weights."""
    if case.network == "cyclegan":
        return CycleGAN(case, arrays, options)
    kind = R3GAN if case.network == "r3gan" else WGANGP if case.d_steps > 1 else GAN
    return kind(case, arrays, options)


def first_losses(step: Step, case: Case, given: dict[str, np.ndarray]) -> dict[str, float]:
    """The losses of one step with given z and interpolation."""
    if case.network == "cyclegan":
        losses = step((step.to_device(given["x"]), step.to_device(given["y"])))
    else:
        step.zs = [torch.from_numpy(z).to(step.device) for z in given["z"]]
        step.shares = [torch.from_numpy(share).to(step.device) for share in given["share"]]
        losses = step(step.to_device(given["x"]))
    return {name: float(value) for name, value in losses.items()}
