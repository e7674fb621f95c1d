"""The image-to-image networks at full size, against PyTorch with the same weights.

The stacks below are those of the official code (junyanz/pytorch-CycleGAN-and-pix2pix, models/networks.py), built of
`torch.nn` alone. The tests compare how Keras and PyTorch pad, stride, transpose and normalise.
"""

import keras
import numpy as np
import pytest

from keras_gan.networks import cyclegan, pix2pix

torch = pytest.importorskip("torch", reason="run by `make test-references`")
nn = torch.nn
pytestmark = pytest.mark.reference

PAIRS = (
    (keras.layers.Conv2D, nn.Conv2d),
    (keras.layers.Conv2DTranspose, nn.ConvTranspose2d),
    (keras.layers.BatchNormalization, nn.BatchNorm2d),
)


class Residual(nn.Sequential):
    """The sum of the input and what the layers make of it."""

    def forward(self, x):
        return x + super().forward(x)


class Skip(nn.Sequential):
    """The input beside what the layers make of it."""

    def forward(self, x):
        return torch.cat([x, super().forward(x)], 1)


def resnet(channels=3, filters=64, blocks=9):
    def normalized(layer):
        return layer, nn.InstanceNorm2d(layer.out_channels), nn.ReLU()

    def block(width):
        padded = [nn.ReflectionPad2d(1), nn.Conv2d(width, width, 3)]
        first = [*padded, nn.InstanceNorm2d(width), nn.ReLU()]
        return Residual(*first, nn.ReflectionPad2d(1), nn.Conv2d(width, width, 3), nn.InstanceNorm2d(width))

    return nn.Sequential(
        nn.ReflectionPad2d(3),
        *normalized(nn.Conv2d(channels, filters, 7)),
        *normalized(nn.Conv2d(filters, 2 * filters, 3, stride=2, padding=1)),
        *normalized(nn.Conv2d(2 * filters, 4 * filters, 3, stride=2, padding=1)),
        *(block(4 * filters) for _ in range(blocks)),
        *normalized(nn.ConvTranspose2d(4 * filters, 2 * filters, 3, stride=2, padding=1, output_padding=1)),
        *normalized(nn.ConvTranspose2d(2 * filters, filters, 3, stride=2, padding=1, output_padding=1)),
        nn.ReflectionPad2d(3),
        nn.Conv2d(filters, channels, 7),
        nn.Tanh(),
    )


def u_net(downs, norm, channels=3, filters=64):
    bias = norm is nn.InstanceNorm2d
    widths = [filters * min(2**level, 8) for level in range(downs)]
    inside = []
    for level in range(downs - 1, 0, -1):
        outer, inner = widths[level - 1], widths[level]
        down = [nn.LeakyReLU(0.2), nn.Conv2d(outer, inner, 4, 2, 1, bias=bias)]
        down += [norm(inner)] if inside else []
        up = nn.ConvTranspose2d(2 * inner if inside else inner, outer, 4, 2, 1, bias=bias)
        inside = [Skip(*down, *inside, nn.ReLU(), up, norm(outer))]
    outermost = [nn.ReLU(), nn.ConvTranspose2d(2 * filters, channels, 4, 2, 1), nn.Tanh()]
    return nn.Sequential(nn.Conv2d(channels, filters, 4, 2, 1, bias=bias), *inside, *outermost)


def patch_gan(norm, channels, filters=64, layers=3):
    stack = [nn.Conv2d(channels, filters, 4, 2, 1), nn.LeakyReLU(0.2)]
    for layer in range(1, layers + 1):
        before, after = (filters * min(2**n, 8) for n in (layer - 1, layer))
        stride = 2 if layer < layers else 1
        bias = norm is nn.InstanceNorm2d
        stack += [nn.Conv2d(before, after, 4, stride, 1, bias=bias), norm(after), nn.LeakyReLU(0.2)]
    return nn.Sequential(*stack, nn.Conv2d(after, 1, 4, 1, 1))


def shaken(network):
    torch.manual_seed(0)
    for module in network.modules():
        if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
            nn.init.normal_(module.weight, 0, 0.02)
        if isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.weight, 1, 0.1)
            nn.init.normal_(module.running_mean, 0, 0.1)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
        if getattr(module, "bias", None) is not None:
            nn.init.normal_(module.bias, 0, 0.1)
    return network.eval()


def copy_weights(network, model):
    """From PyTorch to Keras: the layers of one kind come in the same order in both."""
    for ours, theirs in PAIRS:
        layers = [layer for layer in model.layers if type(layer) is ours]
        modules = [module for module in network.modules() if type(module) is theirs]
        for layer, module in zip(layers, modules, strict=True):
            weights = [module.weight.detach().numpy()]
            if theirs is not nn.BatchNorm2d:
                weights[0] = weights[0].transpose(2, 3, 1, 0)
            weights += [] if module.bias is None else [module.bias.detach().numpy()]
            if theirs is nn.BatchNorm2d:
                weights += [module.running_mean.numpy(), module.running_var.numpy()]
            layer.set_weights(weights)


def assert_same(network, model, size, tolerance):
    copy_weights(shaken(network), model)
    rng = np.random.default_rng(0)
    inputs = [rng.uniform(-1, 1, (2, *size, spec.shape[-1])).astype(np.float32) for spec in model.inputs]
    joined = torch.from_numpy(np.concatenate(inputs, axis=-1).transpose(0, 3, 1, 2).copy())
    with torch.no_grad():
        expected = network(joined).numpy().transpose(0, 2, 3, 1)
    outputs = np.asarray(model(inputs if len(inputs) > 1 else inputs[0], training=False))
    assert expected.std() > 0.02
    np.testing.assert_allclose(outputs, expected, rtol=0, atol=tolerance)


@pytest.mark.parametrize("size", [(64, 64), (72, 100)])
def test_the_cyclegan_generator_equals_pytorchs(size):
    assert_same(resnet(), cyclegan.generator((256, 256, 3)), size, tolerance=5e-5)


def test_a_size_not_divisible_by_4_grows_as_it_does_in_pytorch():
    assert_same(resnet(filters=8, blocks=2), cyclegan.generator((64, 64, 3), blocks=2, filters=8), (66, 71), 5e-5)


@pytest.mark.parametrize(("downs", "normalization"), [(6, "instance"), (6, "batch"), (8, "batch")])
def test_the_u_net_equals_pytorchs(downs, normalization):
    size = (2**downs, 2**downs)
    norm = {"instance": nn.InstanceNorm2d, "batch": nn.BatchNorm2d}[normalization]
    model = pix2pix.generator((*size, 3), normalization=normalization)
    assert_same(u_net(downs, norm), model, size, tolerance={"instance": 5e-5, "batch": 2e-6}[normalization])


@pytest.mark.parametrize("size", [(64, 64), (101, 131)])
def test_the_discriminators_give_pytorchs_logits(size):
    assert_same(patch_gan(nn.InstanceNorm2d, 3), cyclegan.discriminator((*size, 3)), size, tolerance=5e-5)
    assert_same(patch_gan(nn.InstanceNorm2d, 6), pix2pix.discriminator((*size, 3)), size, tolerance=5e-5)
    batch = pix2pix.discriminator((*size, 3), normalization="batch")
    assert_same(patch_gan(nn.BatchNorm2d, 6), batch, size, tolerance=1e-5)
