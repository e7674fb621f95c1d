"""GANs whose discriminator has a second output: AC-GAN and InfoGAN, against their losses in NumPy float64."""

import keras
import numpy as np
import pytest
from conftest import eagerly

import keras_gan
from keras_gan import losses, networks

CODES = keras_gan.latent.Codes(categorical=(3,), continuous=2)
RNG = np.random.default_rng(0)
IMAGES = RNG.uniform(-1, 1, (8, 3, 4, 1)).astype(np.float32)
LABELS = np.arange(8, dtype=np.int32) % 3


def ac_gan(**options):
    gan = keras_gan.GAN(
        networks.mlp.generator((3, 4, 1), 4, 3, units=8),
        networks.mlp.discriminator((3, 4, 1), 3, units=8, dropout=0.0, conditioning="auxiliary_classifier"),
        latent_dim=4,
        num_classes=3,
        seed=0,
    )
    gan.compile(**options)
    return gan


def info_gan(**options):
    gan = keras_gan.GAN(
        networks.with_codes(networks.mlp.generator((3, 4, 1), 8, units=8), CODES),
        networks.with_code_head(networks.mlp.discriminator((3, 4, 1), units=8, dropout=0.0), CODES),
        latent_dim=8,
        seed=0,
    )
    gan.compile(**options)
    return gan


def log_softmax(logits):
    logits = np.asarray(logits, np.float64)
    return logits - np.log(np.exp(logits).sum(-1, keepdims=True))


def test_the_auxiliary_classifier_is_measured_on_real_and_generated_images():
    gan = ac_gan()
    found = gan.evaluate(IMAGES, LABELS, batch_size=8, verbose=0, return_dict=True)
    _, real = gan.discriminator(IMAGES)
    loss = -log_softmax(real)[np.arange(8), LABELS].mean()
    assert found["class_loss"] > loss
    np.testing.assert_allclose(found["class_accuracy_real"], np.mean(np.argmax(real, 1) == LABELS), atol=1e-6)


@pytest.mark.parametrize("penalties", [(), pytest.param(("r1", "wgan_gp"), marks=pytest.mark.slow)])
def test_ac_gan_learns_the_classes_of_images(penalties):
    images = np.repeat(np.linspace(-0.8, 0.8, 3, dtype=np.float32)[np.arange(48) % 3], 12).reshape(48, 3, 4, 1)
    gan = ac_gan(
        d_optimizer=keras.optimizers.Adam(5e-3, beta_1=0.5),
        g_optimizer=keras.optimizers.Adam(5e-3, beta_1=0.5),
        penalties=penalties,
    )
    history = gan.fit(images, np.arange(48) % 3, batch_size=16, epochs=25, verbose=0).history
    assert history["class_accuracy_real"][-1] > 0.9
    assert history["class_accuracy_fake"][-1] > history["class_accuracy_fake"][0]
    levels = gan.generate(3, labels=[0, 1, 2]).mean((1, 2, 3))
    assert levels[0] < levels[1] < levels[2]


def test_a_weight_of_0_leaves_the_class_logits_as_they_were():
    gan = ac_gan(auxiliary_loss=losses.AuxiliaryClassifier(d_weight=0, g_weight=0))
    head = gan.discriminator.get_layer("class_logits")
    before = head.get_weights()
    with eagerly():
        gan.fit(IMAGES, LABELS, batch_size=4, verbose=0)
    for old, new in zip(before, head.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_infogan_recognises_its_codes_in_images():
    gan = info_gan(
        d_optimizer=keras.optimizers.Adam(5e-3, beta_1=0.5), g_optimizer=keras.optimizers.Adam(5e-3, beta_1=0.5)
    )
    images = RNG.uniform(-1, 1, (64, 3, 4, 1)).astype(np.float32)
    history = gan.fit(images, batch_size=32, epochs=40, verbose=0).history
    assert np.mean(history["code_accuracy"][-5:]) > max(0.75, history["code_accuracy"][0] + 0.2)
    assert np.mean(history["code_error"][-5:]) < history["code_error"][0]


def test_codes_of_generated_images_can_be_set():
    gan = info_gan()
    assert gan.codes == CODES
    z = keras_gan.latent.sample(4, 8, seed=3)
    expected = gan.generate_from_latent(CODES.set(z, categorical=[2], continuous=[0.0, 1.5]))
    found = gan.generate(4, seed=3, codes={"categorical": [2], "continuous": [0.0, 1.5]})
    np.testing.assert_array_equal(found, expected)
    with pytest.raises(
        ValueError, match=r"`codes` needs a generator of keras_gan.networks.with_codes. Received: codes"
    ):
        ac_gan().generate(4, codes={"categorical": [2]})


@pytest.mark.parametrize("make", [ac_gan, info_gan])
def test_they_survive_saving(make, tmp_path):
    kind = losses.AuxiliaryClassifier if make is ac_gan else losses.MutualInformation
    gan = make(auxiliary_loss=kind(0.5, 0.25), ema_momentum=0.9)
    labels = LABELS if make is ac_gan else None
    with eagerly():
        gan.fit(IMAGES, labels, batch_size=4, verbose=0)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    assert loaded.auxiliary_loss.get_config() == gan.auxiliary_loss.get_config()
    assert loaded.codes == gan.codes
    with eagerly():
        one, other = (model.fit(IMAGES, labels, batch_size=4, verbose=0, shuffle=False) for model in (gan, loaded))
    assert one.history == other.history


def test_a_loss_must_fit_the_networks():
    with pytest.raises(ValueError, match=r"`auxiliary_loss` must be a keras_gan.losses.AuxiliaryClassifier for these"):
        ac_gan(auxiliary_loss=losses.MutualInformation())
    gan = keras_gan.GAN(networks.mlp.generator((3, 4, 1), 4), networks.mlp.discriminator((3, 4, 1)), latent_dim=4)
    with pytest.raises(ValueError, match="`auxiliary_loss` needs a discriminator with a second output"):
        gan.compile(auxiliary_loss=losses.AuxiliaryClassifier())
    with pytest.raises(ValueError, match=r"needs `num_classes`. Received: num_classes=None"):
        networks.mlp.discriminator((3, 4, 1), conditioning="auxiliary_classifier")
