"""Facts about networks agree with the networks."""

import inspect

import pytest

from keras_gan import networks


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


def test_options_are_the_arguments_that_say_how_a_network_is_built():
    assert networks.generator_options("mlp") == {"units"}
    assert networks.discriminator_options("r3gan") == {"filters", "blocks", "group_size"}
    assert "residual" in networks.generator_options("cyclegan")


def test_an_unknown_network_is_an_error():
    with pytest.raises(ValueError, match=r"`network` must be one of .*'dcgan'.*Did you mean 'dcgan'\?"):
        networks.get("dcgna")
