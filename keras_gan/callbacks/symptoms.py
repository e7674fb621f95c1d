"""What the figures of a training say is wrong: each function gives its evidence, or `None`."""

from __future__ import annotations

import numpy as np

# The limits lie between what runs on digits had that were broken on purpose, and good ones; docs/training_health.md has
# the figures of both.
LEAST_GRADIENT = 0.02  # of the largest that the generator has had
LEAST_GAP = 0.003  # between D's mean answers to real and to generated images
LEAST_DIVERSITY = 0.02  # of the real images'
GREATEST_MOVE = 0.05  # of the weights' norm, in one step; times the root of several
SURE = 0.05  # D(G(z)) below it: D tells nearly every generated image
GREATEST_OVERFITTING = 0.5  # r_v
CERTAIN = 4.0  # standard errors


def divergence(losses: dict[str, float], moved: float, steps: int) -> str | None:
    """A loss or a weight is not finite, or the weights move too far.

    Args:
        losses: The mean losses, by name.
        moved: How far the weights have moved, over their norm.
        steps: In how many steps.
    """
    if not all(np.isfinite(value) for value in losses.values()):
        return f"a loss is not finite: {losses}"
    if not np.isfinite(moved):
        return "a weight is not finite"
    if moved <= GREATEST_MOVE * np.sqrt(steps):
        return None
    return f"the weights moved by {moved:.0%} of their norm in {steps} step{'s'[: steps > 1]}"


def vanishing_gradient(norm: float, largest: float, d_real: float, d_fake: float, probability: bool) -> str | None:
    """The generator's gradient is small beside what it was, while D is sure.

    Args:
        norm: The mean norm of the gradient since the last check.
        largest: The largest such.
        d_real: D's mean answer to real images.
        d_fake: D's mean answer to generated images.
        probability: Whether the answers are probabilities; of others it is not known what is sure.
    """
    if not norm < LEAST_GRADIENT * largest or (probability and d_fake >= SURE):
        return None
    gradient = f"the norm of the generator's gradient is {norm:.2g}, was {largest:.2g}"
    return f"{gradient}; d_real {d_real:.3g}, d_fake {d_fake:.3g}"


def discriminator_collapse(d_real: float, d_fake: float) -> str | None:
    """D answers real and generated images alike.

    Args:
        d_real: D's mean answer to real images.
        d_fake: D's mean answer to generated images.
    """
    return f"d_real {d_real:.3g} and d_fake {d_fake:.3g} do not differ" if abs(d_real - d_fake) < LEAST_GAP else None


def mode_collapse(drawn: float, real: float) -> str | None:
    """Generated images differ among themselves much less than real ones do.

    Args:
        drawn: The `diversity` of images of fixed z.
        real: The `diversity` of real images.
    """
    if drawn >= LEAST_DIVERSITY * real:
        return None
    return f"the images of 64 fixed z differ by {drawn / real:.2%} of what real images do"


def discriminator_overfitting(
    training: np.ndarray, held_out: np.ndarray, drawn: np.ndarray, boundary: bool
) -> str | None:
    """D knows the training images by heart: it takes others, just as real, for generated.

    ADA's heuristic r_v says how far: (E[D(training)] - E[D(held out)]) / (E[D(training)] - E[D(drawn)]), 0 where D
    answers both alike, 1 where it takes what it has not seen for generated.

    Args:
        training: D's logits for training images, (n,).
        held_out: D's logits for real images that it is not trained on, (m,).
        drawn: D's logits for generated images, (k,).
        boundary: Whether a logit above 0 means that D takes an image for real.

    Reference:
        [Karras et al., 2020](https://arxiv.org/abs/2006.06676), equation 1.
    """
    seen, new, fake = (float(np.mean(logits, dtype=np.float64)) for logits in (training, held_out, drawn))
    error = np.sqrt(np.var(training) / len(training) + np.var(held_out) / len(held_out))
    if not (seen - new > GREATEST_OVERFITTING * (seen - fake) > 0 and seen - new > CERTAIN * error):
        return None
    r_v = (seen - new) / (seen - fake)
    signs = f"; r_t {np.sign(training).mean():+.2f} and {np.sign(held_out).mean():+.2f}" if boundary else ""
    return f"D's mean logit is {seen:.3g} of training images, {new:.3g} of held-out ones (r_v {r_v:.2f}{signs})"


def diversity(images: np.ndarray) -> float:
    """The root of the mean squared distance of images from their mean.

    Args:
        images: Floats (n, height, width, channels).
    """
    return float(np.sqrt(images.reshape(len(images), -1).var(axis=0, dtype=np.float64).sum()))
