"""Every generator from z, with each way to use labels: it trains, survives saving, and is exported with equal images.

A new network needs a row in `SMALL`. A network of several kinds of data has a row for each, such as `mlp:vectors`.
"""

import keras
import numpy as np
import pytest
from conftest import eagerly

import keras_gan
from keras_gan import networks

CLASSES = 3
ATTRIBUTES = 2
CODES = keras_gan.latent.Codes(categorical=(2,), continuous=1)
# The smallest networks: image shape, length of z, options of the generator and of the discriminator.
SMALL = {
    "biggan": ((12, 12, 1), 6, {"filters": 2, "embedding_dim": 4}, {"filters": 2}),
    "dcgan": ((8, 8, 1), 4, {"filters": 2}, {"filters": 2}),
    "mlp": ((3, 4, 1), 4, {"units": 4}, {"units": 4, "pieces": 2}),
    "mlp:sequences": ((6, 2), 4, {"units": 4}, {"units": 4, "pieces": 2}),
    "mlp:vectors": ((5,), 4, {"units": 4}, {"units": 4, "pieces": 2}),
    "r3gan": ((8, 8, 1), 4, {"filters": 4, "group_size": 4}, {"filters": 4, "group_size": 4}),
    "resnet": ((12, 16, 1), 4, {"filters": 2}, {"filters": 2}),
    "sagan": ((12, 12, 1), 4, {"filters": 2}, {"filters": 2}),
    "stylegan2": ((6, 8, 1), 4, {"filters": 2, "mapping_layers": 2}, {"filters": 2, "mapping_layers": 2}),
    "wavegan": ((256, 2), 4, {"filters": 2}, {"filters": 2}),
}
FILES = ("saved_model.pb", "model.tflite", "model.onnx")


def network_of(name):
    return networks.get(name.partition(":")[0])


def uses_of_labels(name):
    """Kinds of labels, each with a `conditioning` for both networks, where `None` is no such argument."""
    capabilities = network_of(name).CAPABILITIES
    generators = capabilities.generator_conditioning or (None,)
    discriminators = capabilities.discriminator_conditioning or (None,)
    count = max(len(generators), len(discriminators))
    pairs = [(generators[min(i, len(generators) - 1)], discriminators[i]) for i in range(count)]
    uses = [("none", None, None), ("classes", *pairs[0])]
    uses += [(kind, *pair) for kind in ("classes", "attributes") for pair in pairs]
    uses = [one for one in uses if one[::2] != ("attributes", "auxiliary_classifier")]
    return [*dict.fromkeys(uses), ("codes", None, None)]


CASES = [(name, use) for name in SMALL for use in uses_of_labels(name)]
IDS = [f"{name}-{'-'.join(filter(None, use))}" for name, use in CASES]


def quick_and_slow(quick):
    """All cases, those that are not among `quick` with the mark `slow`."""
    return [case if case in quick else pytest.param(*case, marks=pytest.mark.slow) for case in CASES]


# The other ways to use labels are the same code in each network. Vectors are the fastest, and take no "batch_norm".
TRAINED = [case for case in CASES if case[1] == uses_of_labels(case[0])[1] or case[0] == "mlp:vectors"]
TRAINED.append(("resnet", ("attributes", "batch_norm", "projection")))
EXPORTED = [
    ("stylegan2", ("classes", "embedding", "projection")),
    ("mlp:vectors", ("attributes", None, "embedding")),
    ("wavegan", ("codes", None, None)),
]


def built(name, use):
    shape, latent_dim, *options = SMALL[name]
    kind, *conditioning = use
    labels = {"classes": {"num_classes": CLASSES}, "attributes": {"num_attributes": ATTRIBUTES}}.get(kind, {})
    given = [{} if one is None else {"conditioning": one} for one in conditioning]
    network = network_of(name)
    generator = network.generator(shape, latent_dim, **labels, **options[0], **given[0])
    discriminator = network.discriminator(shape, **labels, **options[1], **given[1])
    if kind == "codes":
        generator, discriminator = networks.with_codes(generator, CODES), networks.with_code_head(discriminator, CODES)
    gan = keras_gan.GAN(generator, discriminator, latent_dim=latent_dim, **labels, seed=0)
    gan.compile()
    return gan


def lively(generator):
    """Every weight at random, so that no branch is 0, and images that are not clipped."""
    rng = np.random.default_rng(1)
    for weight in generator.trainable_variables:
        weight.assign(weight + rng.normal(0, 0.1, weight.shape))
    return generator


def examples(gan, n=8):
    """Images, and labels or `None`."""
    rng = np.random.default_rng(0)
    images = rng.uniform(-1, 1, (n, *gan.image_shape)).astype(np.float32)
    if gan.num_attributes:
        return images, rng.normal(size=(n, ATTRIBUTES)).astype(np.float32)
    return images, None if gan.num_classes is None else np.arange(n, dtype=np.int32) % CLASSES


def test_every_network_has_a_row():
    assert {name.partition(":")[0] for name in SMALL} == {
        name for name in networks.names() if networks.get(name).CAPABILITIES.kind == "generator"
    }
    for name, (shape, *_) in SMALL.items():
        assert len(shape) in network_of(name).CAPABILITIES.ranks


@pytest.mark.parametrize(("name", "use"), quick_and_slow(TRAINED), ids=IDS)
def test_it_trains_and_survives_saving(name, use, tmp_path):
    gan = built(name, use)
    images, labels = examples(gan)
    before = [weight.numpy() for weight in (*gan.generator.trainable_variables, *gan.discriminator.trainable_variables)]
    with eagerly():
        history = gan.fit(images, labels, batch_size=4, verbose=0)
    after = [weight.numpy() for weight in (*gan.generator.trainable_variables, *gan.discriminator.trainable_variables)]
    assert all(np.isfinite(values).all() for values in history.history.values())
    assert ("class_loss" in history.history) == (use[2] == "auxiliary_classifier")
    assert ("code_loss" in history.history) == (use[0] == "codes")
    changed = [bool((old != new).any()) for old, new in zip(before, after, strict=True)]
    assert np.mean(changed) > 0.8, "most weights must have a gradient"
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    np.testing.assert_array_equal(loaded.generate(3), gan.generate(3))
    for new, old in zip(loaded.discriminator.get_weights(), gan.discriminator.get_weights(), strict=True):
        np.testing.assert_array_equal(new, old)
    if labels is not None:
        lively(gan.generator)
        one, other = gan.generate(1, labels=labels[0]), gan.generate(1, labels=labels[1])
        assert np.abs(one - other).max() > 1e-6, "the label must change the image"


@pytest.mark.parametrize(("name", "use"), quick_and_slow(EXPORTED), ids=IDS)
def test_the_formats_compute_its_images(name, use, tmp_path, without_seeds):
    gan = built(name, use)
    lively(gan.generator)
    labels = [one for one in examples(gan)[1:] if one is not None]
    expected = gan.generate(8, *labels)
    assert expected.std() > 0.02
    if expected.ndim == 4:
        assert np.mean(np.abs(expected) < 1) > 0.5, "parity of clipped pixels would show nothing"
    keras_gan.export.export_generator(gan, tmp_path)
    z = keras_gan.latent.sample(8, gan.latent_dim, seed=0)
    for file in FILES:
        artifact = keras_gan.export.load(tmp_path / "gan" / "1" / file)
        np.testing.assert_allclose(artifact(z, *labels), expected, atol=2e-5, err_msg=file)
        np.testing.assert_allclose(artifact(z[:1], *(one[:1] for one in labels)), expected[:1], atol=2e-5, err_msg=file)
