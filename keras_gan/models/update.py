"""Updates of networks by the gradient of a loss."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import keras
import tensorflow as tf

from keras_gan.models.judged_images import JudgedImages
from keras_gan.models.random_streams import PENALTIES_OF_D
from keras_gan.models.second_output import logits_of
from keras_gan.penalties import GeneratorPenalty
from keras_gan.typing import Critic, Tensor

if TYPE_CHECKING:
    from keras_gan.models.adversarial_model import AdversarialModel

Gradients: TypeAlias = "list[Tensor | None]"

# Largest scale of a float16 loss.
MAX_LOSS_SCALE = 2.0**24


def update_discriminator(
    model: AdversarialModel,
    optimizer: str,
    critic: Critic,
    real: Tensor,
    fake: Tensor,
    joint: Critic | None = None,
    auxiliary: Callable[[Tensor, Tensor], Tensor] | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
    """Update one discriminator by the gradient of its loss and of the penalties.

    Args:
        model: Compiled model of the discriminator.
        optimizer: Attribute of the discriminator's optimizer.
        critic: The discriminator in training mode, from images to its outputs.
        real: Real images.
        fake: Generated images, which are constants here.
        joint: The discriminator for real and generated images in one batch, real ones first. Defaults to `None`:
            each batch has a pass of its own.
        auxiliary: Function from the discriminator's second outputs for real and for generated images to a further loss.
            Defaults to `None`: it has one output.

    Returns:
        The loss without the penalties, the logits of the real images and those of the generated images.
    """
    d_optimizer, discriminator = getattr(model, optimizer), getattr(model, model.trained_networks[optimizer])
    step, seed = d_optimizer.iterations, model.step_seed(optimizer, PENALTIES_OF_D)
    with tf.GradientTape() as tape:
        of_logits: Critic
        if joint is not None:
            judged = JudgedImages(critic, joint, real, fake, model.penalties)
            (real_outputs, fake_outputs), of_logits = judged.outputs, judged
        else:
            real_outputs, fake_outputs, of_logits = critic(real), critic(fake), lambda images: logits_of(critic(images))
        real_logits, fake_logits = logits_of(real_outputs), logits_of(fake_outputs)
        loss = model.loss.discriminator_loss(real_logits, fake_logits)
        of_discriminator = [one for one in model.penalties if not isinstance(one, GeneratorPenalty)]
        penalty = sum(one(of_logits, real, fake, step, seed) for one in of_discriminator)
        objective = loss + penalty
        if auxiliary is not None:
            objective += auxiliary(real_outputs[1], fake_outputs[1])
    minimize(objective, tape, (d_optimizer, discriminator))
    for one in model.penalties:
        one.constrain(discriminator.trainable_variables)
    if "d_penalty" in model.penalty_trackers:
        model.penalty_trackers["d_penalty"].update_state(penalty)
    return loss, real_logits, fake_logits


def minimize(
    loss: Tensor, tape: tf.GradientTape, *pairs: tuple[keras.optimizers.Optimizer, keras.Model]
) -> list[Tensor]:
    """Update networks, each by its own optimizer, so that a loss decreases.

    Args:
        loss: A scalar that `tape` recorded, the mean over this replica's images. It is not scaled.
        tape: The tape.
        *pairs: Pairs of an optimizer and the network that it updates.

    Returns:
        For each network the norm of the gradient, a float32 scalar.

    Raises:
        ValueError: If the loss is not a scalar.
    """
    if len(getattr(loss, "shape", ())) > 0:
        raise ValueError(f"A loss must be a scalar, the mean over the batch. Received: shape {tuple(loss.shape)}")
    scales = [_loss_scale(optimizer) for optimizer, _ in pairs]
    # One backward pass serves all optimizers. It uses the smallest of their scales, so that nothing overflows.
    scale = tf.reduce_min(tf.stack(scales))
    weights = [[variable.value for variable in network.trainable_variables] for _, network in pairs]
    gradients = tape.gradient(loss, weights, output_gradients=tf.cast(scale, loss.dtype))
    gradients = [_share_replicas(part, pair[0], scale) for part, pair in zip(gradients, pairs, strict=True)]
    present = [[gradient for gradient in part if gradient is not None] for part in gradients]
    norms = [tf.linalg.global_norm([tf.cast(g, tf.float32) for g in part]) / scale for part in present]
    # A barrier: every gradient is computed before any variable changes. Without it a busy CPU sometimes assigned a
    # weight that a gradient penalty had yet to read, and the optimizer counted an update whose batch had failed.
    with tf.control_dependencies(tf.nest.flatten(present)):
        for (optimizer, network), own_scale, part in zip(pairs, scales, gradients, strict=True):
            ready = [None if gradient is None else tf.identity(gradient) for gradient in part]
            if len(pairs) > 1:
                ready = [g if g is None else g * tf.cast(own_scale / scale, g.dtype) for g in ready]
            optimizer.apply(ready, network.trainable_variables)
            _limit_loss_scale(optimizer)
    return norms


def _loss_scale(optimizer: keras.optimizers.Optimizer) -> Tensor:
    """Returns the factor of the loss that the optimizer expects.

    Keras's optimizers sum gradients over the replicas, so the mean of the whole batch needs 1 / replicas. A
    `LossScaleOptimizer` also expects its scale, which keeps small float16 gradients from becoming 0.
    """
    replicas = tf.distribute.get_strategy().num_replicas_in_sync
    return tf.convert_to_tensor(optimizer.scale_loss(1.0 / replicas), tf.float32)


def _share_replicas(gradients: Gradients, optimizer: keras.optimizers.Optimizer, scale: Tensor) -> Gradients:
    """Returns gradients whose sum over the replicas is the clipped gradient of the whole batch.

    Keras clips, and looks for float16 overflows, before it sums over the replicas, so replicas could differ. Here all
    replicas get an equal share of the gradient that was summed first and then clipped.

    Args:
        gradients: Gradients of this replica's loss.
        optimizer: The optimizer that will apply them.
        scale: Factor of the loss, 1 / replicas included.
    """
    replicas = tf.distribute.get_strategy().num_replicas_in_sync
    inner = getattr(optimizer, "inner_optimizer", optimizer)
    clips = inner.clipnorm or inner.global_clipnorm or inner.clipvalue
    if replicas == 1 or not (clips or inner is not optimizer):
        return gradients
    context = tf.distribute.get_replica_context()
    factor = tf.cast(scale, tf.float32) * replicas
    sums = [g if g is None else context.all_reduce("SUM", tf.convert_to_tensor(g)) for g in gradients]
    unscaled = [g if g is None else tf.cast(g, tf.float32) / factor for g in sums]
    return [g if g is None else g * (factor / replicas) for g in inner._clip_gradients(unscaled)]


def _limit_loss_scale(optimizer: keras.optimizers.Optimizer) -> None:
    """Keep the scale of a float16 loss finite.

    A scale doubles as long as no gradient overflows. If another optimizer's smaller scale is used, none ever does.
    """
    if not isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        return

    def limit(strategy: tf.distribute.Strategy, scale: tf.Variable) -> None:
        strategy.extended.update(scale, lambda copy: copy.assign(tf.minimum(copy, MAX_LOSS_SCALE)))

    tf.distribute.get_replica_context().merge_call(limit, args=(optimizer.dynamic_scale.value,))
