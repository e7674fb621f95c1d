"""The networks have as many parameters as the official code, or as the files that were saved with them.

The networks are built in a scope without values, so that they need no memory.
"""

import math

import keras
import pytest

from keras_gan import networks

# network, image shape, length of z, classes, options of both networks, parameters of generator and discriminator
OFFICIAL = {
    # pytorch/examples, dcgan/main.py with nz=100, ngf=ndf=64, nc=3
    "dcgan 64": ("dcgan", (64, 64, 3), 100, None, {}, (3_576_704, 2_765_568)),
    # brownvc/R3GAN, train.py: --preset=FFHQ-256, --preset=CIFAR10 --cond=1, --preset=ImageNet-64 --cond=1
    "r3gan FFHQ-256": ("r3gan", (256, 256, 3), 64, None, {"filters": 768, "blocks": 2}, (23_057_952, 23_009_568)),
    "r3gan CIFAR-10": ("r3gan", (32, 32, 3), 64, 10, {"filters": 768, "blocks": 2}, (20_781_952, 21_280_512)),
    "r3gan ImageNet-64": (
        "r3gan",
        (64, 64, 3),
        64,
        1000,
        {"filters": 1536, "blocks": 2, "group_size": 32, "wide_until": 64},
        (103_570_432, 107_205_120),
    ),
    # ajbrock/BigGAN-PyTorch: launch_BigGAN_bs256x8.sh, and its SAGAN with attention at 32 pixels, as in the paper
    "biggan 128": ("biggan", (128, 128, 3), 120, 1000, {}, (70_433_988, 87_982_370)),
    "sagan 128": ("sagan", (128, 128, 3), 128, 1000, {}, (42_078_852, 39_463_618)),
    # NVlabs/stylegan2: config-f
    "stylegan2 256": ("stylegan2", (256, 256, 3), 512, None, {"filters": 128}, (30_034_338, 28_864_129)),
    "stylegan2 1024": ("stylegan2", (1024, 1024, 3), 512, None, {"filters": 32}, (30_370_060, 29_012_513)),
}
SAVED = {
    f"dcgan {size}": ("dcgan", (size, size, 3), 100, None, {}, parameters)
    for size, parameters in ((28, (761_728, 140_672)), (32, (1_068_928, 663_296)), (128, (12_786_560, 11_164_416)))
}


@pytest.fixture
def without_values():
    with keras.StatelessScope(initialize_variables=False):
        yield
    keras.utils.clear_session()


def count(model):
    return sum(math.prod(variable.shape) for variable in model.trainable_variables)


SLOW = ("biggan 128", "sagan 128", "stylegan2 256", "stylegan2 1024")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow if name in SLOW else ()) for name in {**OFFICIAL, **SAVED}]
)
def test_the_networks_have_the_parameters_of_the_official_code(name, without_values):
    network, shape, latent_dim, num_classes, options, parameters = {**OFFICIAL, **SAVED}[name]
    network = networks.get(network)
    generator = network.generator(shape, latent_dim, num_classes, **options)
    discriminator = network.discriminator(shape, num_classes, **options)
    assert (count(generator), count(discriminator)) == parameters


def test_the_resnets_for_cifar10_have_the_parameters_of_the_official_code(without_values):
    """pfnet-research/sngan_projection: gen_models/resnet_32.py and dis_models/snresnet_32.py."""
    generator = networks.resnet.generator((32, 32, 3), 128, filters=256, max_filters=256)
    discriminator = networks.resnet.discriminator((32, 32, 3), filters=128, max_filters=128, halvings=2)
    assert (count(generator), count(discriminator)) == (4_276_739, 1_053_824)
