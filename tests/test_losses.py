"""Each loss against its formula in float64, and where logits are large."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from keras_gan import losses

LOGITS = hnp.arrays(np.float32, st.tuples(st.integers(1, 8), st.just(1)), elements=st.floats(-15, 15, width=32))


def sigmoid(x):
    return 1 / (1 + np.exp(-x.astype(np.float64)))


@given(LOGITS, LOGITS)
def test_discriminator_loss_is_the_papers_equation_1(real, fake):
    expected = -np.mean(np.log(sigmoid(real))) - np.mean(np.log(1 - sigmoid(fake)))
    for name in ("minimax", "non_saturating"):
        assert float(losses.get(name).discriminator_loss(real, fake)) == pytest.approx(expected, rel=1e-5, abs=1e-6)


@given(LOGITS)
def test_generator_losses_are_the_papers(fake):
    minimax = float(losses.get("minimax").generator_loss(fake))
    non_saturating = float(losses.get("non_saturating").generator_loss(fake))
    assert minimax == pytest.approx(np.mean(np.log(1 - sigmoid(fake))), rel=1e-5, abs=1e-6)
    assert non_saturating == pytest.approx(-np.mean(np.log(sigmoid(fake))), rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("name", ["minimax", "non_saturating"])
@pytest.mark.parametrize("logit", [-100.0, 0.0, 100.0])
@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_losses_and_their_gradients_are_right_for_large_logits(name, logit, dtype):
    """softplus(100) = 100, softplus(-100) = 3.7e-44; the gradient of softplus is the sigmoid."""
    loss = losses.get(name)
    x = tf.constant([[logit]], dtype)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        real = loss.discriminator_loss(x, tf.constant([[-100.0]], dtype))
        fake = loss.discriminator_loss(tf.constant([[100.0]], dtype), x)
        generated = loss.generator_loss(x)
    softplus, slope = np.logaddexp(0, logit), 1 / (1 + np.exp(-logit))
    assert float(real) == pytest.approx(np.logaddexp(0, -logit), abs=1e-4)
    assert float(fake) == pytest.approx(softplus, abs=1e-4)
    assert float(tape.gradient(real, x)[0, 0]) == pytest.approx(slope - 1, abs=1e-3)
    assert float(tape.gradient(fake, x)[0, 0]) == pytest.approx(slope, abs=1e-3)
    expected = -slope if name == "minimax" else slope - 1
    assert float(tape.gradient(generated, x)[0, 0]) == pytest.approx(expected, abs=1e-3)


def test_losses_agree_with_keras_binary_crossentropy():
    rng = np.random.default_rng(0)
    real, fake = rng.normal(0, 3, (2, 32, 1)).astype(np.float32)
    crossentropy = keras.losses.BinaryCrossentropy(from_logits=True)
    loss = losses.get("non_saturating")
    expected = float(crossentropy(np.ones((32, 1)), real)) + float(crossentropy(np.zeros((32, 1)), fake))
    assert float(loss.discriminator_loss(real, fake)) == pytest.approx(expected, rel=1e-5)
    assert float(loss.generator_loss(fake)) == pytest.approx(float(crossentropy(np.ones((32, 1)), fake)), rel=1e-5)


def test_get_takes_names_objects_their_serialised_form_and_what_the_guides_pass():
    assert type(losses.get("minimax")) is losses.Minimax
    mine = losses.NonSaturating()
    assert losses.get(mine) is mine
    assert type(losses.get(keras.saving.serialize_keras_object(mine))) is losses.NonSaturating
    assert type(losses.get(keras.losses.BinaryCrossentropy(from_logits=True))) is losses.NonSaturating


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ("mini_max", "must be one of"),
        (3, "Received: 3"),
        (keras.losses.BinaryCrossentropy(), "from_logits=True"),
        (keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.1), "label_smoothing=0.1"),
        (keras.losses.MeanSquaredError(), "mean_squared_error"),
    ],
)
def test_get_says_what_it_takes(wrong, says):
    with pytest.raises(ValueError, match=says):
        losses.get(wrong)
