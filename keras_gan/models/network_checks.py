"""Seeing that a generator and a discriminator fit each other before the first step."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from keras_gan.networks.inspection import ends_in_sigmoid

EXAMPLES = 16


def checked_image_shape(
    generator: keras.Model, discriminator: keras.Model, latent_dim: int, num_classes: int | None
) -> tuple[int, int, int]:
    """Pass noise through both networks, which also builds what is not built.

    Returns:
        The shape of the images, (height, width, channels).

    Raises:
        ValueError: If the two do not fit each other or the arguments, or the discriminator ends in a sigmoid.
    """
    for role, network in (("generator", generator), ("discriminator", discriminator)):
        if not isinstance(network, keras.Model):
            raise ValueError(f"`{role}` must be a keras.Model. Received: {role}={network!r}")
    if latent_dim < 1:
        raise ValueError(f"`latent_dim` must be at least 1. Received: latent_dim={latent_dim}")
    if num_classes is not None and num_classes < 1:
        raise ValueError(f"`num_classes` must be at least 1 or None. Received: num_classes={num_classes}")
    labels = [] if num_classes is None else [tf.zeros((EXAMPLES,), tf.int32)]
    what = f"latent_dim={latent_dim}, num_classes={num_classes}"
    images = _run("generator", generator, [tf.zeros((EXAMPLES, latent_dim)), *labels], what)
    if images.shape.rank != 4:
        raise ValueError(
            "`generator` must give images of shape (batch, height, width, channels). "
            f"Received: output of shape {tuple(images.shape)}"
        )
    examples = [tf.random.stateless_normal(images.shape, seed=[0, 0]), *labels]
    logits = _run("discriminator", discriminator, examples, what)
    if logits.shape.rank < 1 or logits.shape[0] != EXAMPLES:
        raise ValueError(
            "`discriminator` must give logits of shape (batch, 1), or (batch, height, width, 1). "
            f"Received: output of shape {tuple(logits.shape)} for {EXAMPLES} images"
        )
    if ends_in_sigmoid(discriminator, examples if labels else examples[0]):
        raise ValueError(
            "`discriminator` must give logits, but it ends in a sigmoid. Remove the activation of its last layer: "
            "the losses are computed from logits, where they stay exact when the discriminator is sure. "
            f"Received: discriminator={discriminator.name!r}"
        )
    return tuple(images.shape[1:])


def _run(role: str, network: keras.Model, inputs: list[Any], what: str) -> Any:
    try:
        return network(inputs if len(inputs) > 1 else inputs[0], training=False)
    except Exception as error:
        shapes = " and ".join(str(tuple(x.shape)) for x in inputs)
        raise ValueError(
            f"`{role}` must take inputs of shape {shapes}, by {what} and the generator's images. "
            f"Received: {role}={network.name!r}, which fails on them: {str(error).strip().splitlines()[0]}"
        ) from error
