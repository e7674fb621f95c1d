"""The second output of a discriminator: the classes of AC-GAN, or the codes of InfoGAN."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from keras_gan.latent import Codes
from keras_gan.layers import LatentCodes
from keras_gan.losses import AuxiliaryClassifier, AuxiliaryLoss, MutualInformation
from keras_gan.typing import Tensor


def logits_of(outputs: Any) -> Tensor:
    """Returns the logits among the outputs of a discriminator.

    Args:
        outputs: Logits, or [logits, second output].
    """
    return outputs[0] if isinstance(outputs, list | tuple) else outputs


def has_second_output(outputs: Any) -> bool:
    """Returns `True` if a discriminator has two outputs.

    Raises:
        ValueError: If there are more.
    """
    if not isinstance(outputs, list | tuple) or len(outputs) == 1:
        return False
    if len(outputs) != 2:
        raise ValueError(f"`discriminator` must return logits, or [logits, classes]. Received: {len(outputs)} outputs")
    return True


def takes_labels(discriminator: keras.Model, has_labels: bool) -> bool:
    """Returns `True` if a discriminator has labels as its second input. With an auxiliary classifier it has not.

    Args:
        discriminator: The discriminator. If it is not functional, its inputs are not known before it is called.
        has_labels: `True` if the model has labels.
    """
    inputs = getattr(discriminator, "inputs", None)
    return has_labels and (not inputs or len(inputs) == 2)


def codes_layer(generator: keras.Model) -> LatentCodes | None:
    """Returns the layer that makes codes of z, or `None`.

    Args:
        generator: The generator.
    """
    return next((layer for layer in generator.layers if isinstance(layer, LatentCodes)), None)


def codes_of(generator: keras.Model) -> Codes | None:
    """Returns the codes at the start of a generator's z, or `None`.

    Args:
        generator: The generator.
    """
    layer = codes_layer(generator)
    return None if layer is None else Codes(layer.categorical, layer.continuous)


def check_auxiliary_loss(
    loss: AuxiliaryLoss | None, second_output: bool, codes: Codes | None, has_classes: bool
) -> AuxiliaryLoss | None:
    """Returns the loss of the second output; `None` for a discriminator with one output.

    Args:
        loss: Loss that the user gave, its serialised form, or `None` for the one that fits.
        second_output: `True` if the discriminator has a second output.
        codes: Codes of the generator, or `None`.
        has_classes: `True` if the model has classes.

    Raises:
        ValueError: If the loss does not fit the networks.
    """
    if isinstance(loss, dict):
        loss = keras.saving.deserialize_keras_object(loss)
    if not second_output:
        if loss is not None:
            raise ValueError(
                "`auxiliary_loss` needs a discriminator with a second output: build it with "
                "conditioning='auxiliary_classifier' or keras_gan.networks.with_code_head. "
                f"Received: auxiliary_loss={type(loss).__name__}"
            )
        return None
    if codes is None and not has_classes:
        raise ValueError(
            "A discriminator with a second output needs `num_classes`, or a generator of "
            "keras_gan.networks.with_codes. Received: neither"
        )
    expected = AuxiliaryClassifier if codes is None else MutualInformation
    if loss is None:
        return expected()
    if not isinstance(loss, AuxiliaryLoss) or isinstance(loss, AuxiliaryClassifier | MutualInformation) != isinstance(
        loss, expected
    ):
        raise ValueError(
            f"`auxiliary_loss` must be a keras_gan.losses.{expected.__name__} for these networks. "
            f"Received: auxiliary_loss={loss!r}"
        )
    return loss


def target_of(generator: keras.Model, z: Tensor, labels: Tensor | None) -> Any:
    """Returns what the second output learns to recognise: the codes of generated images, or the labels.

    Args:
        generator: The generator.
        z: Latent vectors of the generated images.
        labels: Classes of both batches, or `None`.
    """
    layer = codes_layer(generator)
    return labels if layer is None else layer.split(layer(tf.cast(z, tf.float32)))
