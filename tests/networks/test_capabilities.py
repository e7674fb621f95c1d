"""Facts about networks agree with the networks."""

import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_gan import networks
from keras_gan.networks.capabilities import Capabilities
from keras_gan.utils.image_stages import nearest_multiples

STAGED = Capabilities(kind="generator", doublings=(1, 8))


@pytest.mark.parametrize("name", networks.names())
def test_capabilities_are_those_of_the_functions(name):
    network = networks.get(name)
    capabilities = network.CAPABILITIES
    generator, discriminator = (inspect.signature(f).parameters for f in (network.generator, network.discriminator))
    assert ("latent_dim" in generator) == (capabilities.kind == "generator")
    assert capabilities.conditional == ("num_classes" in generator) == ("num_classes" in discriminator)
    assert bool(capabilities.normalizations) == ("normalization" in discriminator)
    if capabilities.normalizations:
        assert discriminator["normalization"].default == capabilities.normalizations[0]
    offered = (capabilities.generator_conditioning, capabilities.discriminator_conditioning)
    for arguments, names in zip((generator, discriminator), offered, strict=True):
        assert bool(names) == ("conditioning" in arguments)
        assert not names or arguments["conditioning"].default == names[0]


def test_options_are_the_arguments_that_say_how_a_network_is_built():
    assert networks.generator_options("mlp") == {"units"}
    assert networks.discriminator_options("r3gan") == {
        "filters",
        "blocks",
        "group_size",
        "wide_until",
        "conditioning",
    }
    assert "residual" in networks.generator_options("cyclegan")


@pytest.mark.parametrize("name", ["resnet", "sagan", "biggan", "stylegan2"])
def test_an_unknown_use_of_labels_is_an_error(name):
    network = networks.get(name)
    with pytest.raises(ValueError, match=r"`conditioning` of the generator must be one of .*Received: .*='film'"):
        network.generator((32, 32, 3), 8, 3, conditioning="film")
    uses = r"\['projection', 'embedding', 'auxiliary_classifier'\]"
    with pytest.raises(ValueError, match=f"`conditioning` of the discriminator must be .*{uses}"):
        network.discriminator((32, 32, 3), 3, conditioning="film")


def test_an_unknown_network_is_an_error():
    with pytest.raises(ValueError, match=r"`network` must be one of .*'dcgan'.*Did you mean 'dcgan'\?"):
        networks.get("dcgna")


# ------------------------------------------------------------------ sizes

# Every size, by brute force: starts from 3 to 8 along each axis, 1 to 8 doublings.
SIZES = {(h << n, w << n) for h in range(3, 9) for w in range(3, 9) for n in range(1, 9)}


@pytest.mark.parametrize(
    ("size", "stages"),
    [
        ((28, 28), (7, 7, 2)),
        ((32, 32), (4, 4, 3)),
        ((64, 64), (4, 4, 4)),
        ((48, 48), (6, 6, 3)),
        ((48, 96), (3, 6, 4)),
        ((64, 128), (4, 8, 4)),
        ((6, 6), (3, 3, 1)),
        ((1024, 1024), (4, 4, 8)),
        ((2048, 2048), (8, 8, 8)),
    ],
)
def test_stages_start_from_4_pixels_or_more_where_they_can(size, stages):
    assert STAGED.stages((*size, 3)) == stages
    assert STAGED.stages((*size, 3)).sizes[-1] == size


@given(st.integers(1, 2500), st.integers(1, 2500))
def test_a_size_is_supported_or_the_nearest_ones_are_named(height, width):
    within = [size for size in SIZES if size[0] <= height and size[1] <= width]
    around = [size for size in SIZES if size[0] >= height and size[1] >= width]
    areas = {max(h * w for h, w in within)} if within else set()
    areas |= {min(h * w for h, w in around)} if around else set()
    nearest = STAGED.nearest_sizes(height, width)
    assert [h * w for h, w in nearest] == sorted(areas)
    assert set(nearest) <= {*within, *around} <= SIZES
    if (height, width) in SIZES:
        assert nearest == [(height, width)]
        assert STAGED.stages((height, width, 1)).sizes[-1] == (height, width)
    else:
        with pytest.raises(ValueError, match=f"The nearest supported size.* {nearest[-1][0]}x{nearest[-1][1]}"):
            STAGED.stages((height, width, 1))


def test_a_network_has_its_own_range_of_sizes():
    limited = Capabilities(kind="generator", doublings=(3, 5))
    with pytest.raises(ValueError, match=r"3 to 5 times. Received: image_shape=\(16, 16, 3\). .* size is 24x24\.$"):
        limited.stages((16, 16, 3))
    assert limited.nearest_sizes(300, 300) == [(256, 256)]


@pytest.mark.parametrize("shape", [(32, 32), (32, 32, 0), (None, 32, 3), (32.0, 32, 3)])
def test_what_is_no_shape_is_an_error(shape):
    with pytest.raises(ValueError, match=r"three positive integers. Received"):
        STAGED.stages(shape)


def test_the_nearest_multiples():
    assert nearest_multiples((30, 33), 4, 8) == [(28, 32), (32, 36)]
    assert nearest_multiples((3, 40), 4, 6) == [(8, 40)]


@pytest.mark.parametrize("name", ["cyclegan", "pix2pix"])
def test_translators_name_the_nearest_sizes(name):
    with pytest.raises(ValueError, match=r"Received: image_shape=\(66, 96, 3\). The nearest supported sizes are 64x"):
        networks.get(name).generator((66, 96, 3))
