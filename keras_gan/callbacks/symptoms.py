"""Tests for the common GAN failures. Each returns its evidence as a sentence, or `None`."""

from __future__ import annotations

import numpy as np

# These limits separate runs that were broken on purpose from good runs. The page "training health" has both.
LEAST_GRADIENT = 0.02  # relative to the generator's largest gradient norm
LEAST_GAP = 0.003  # between D's mean outputs for real and for generated images
LEAST_DIVERSITY = 0.02  # relative to real images
GREATEST_MOVE = 0.05  # of the norm of the weights in one step; n steps may move sqrt(n) times as far
CERTAIN_D = 0.05  # D(G(z)) below this: D recognises nearly every generated image
GREATEST_OVERFITTING = 0.5  # r_v
STANDARD_ERRORS = 4.0


def divergence(losses: dict[str, float], moved: float, steps: int) -> str | None:
    """Test whether a loss or a weight is not finite, or the weights move too far.

    Args:
        losses: Mean losses by name.
        moved: Distance that the weights moved, divided by their norm.
        steps: Number of steps of that move.
    """
    if not all(np.isfinite(value) for value in losses.values()):
        return f"a loss is not finite: {losses}"
    if not np.isfinite(moved):
        return "a weight is not finite"
    if moved <= GREATEST_MOVE * np.sqrt(steps):
        return None
    return f"the weights moved by {moved:.0%} of their norm in {steps} step{'s'[: steps > 1]}"


def vanishing_gradient(norm: float, largest: float, d_real: float, d_fake: float, probability: bool) -> str | None:
    """Test whether the generator's gradient became small while D is certain.

    Args:
        norm: Mean norm of the gradient since the last check.
        largest: Largest such mean of earlier checks.
        d_real: D's mean output for real images.
        d_fake: D's mean output for generated images.
        probability: `True` if the outputs are probabilities. Otherwise D counts as certain.
    """
    if not norm < LEAST_GRADIENT * largest or (probability and d_fake >= CERTAIN_D):
        return None
    gradient = f"the norm of the generator's gradient is {norm:.2g}, was {largest:.2g}"
    return f"{gradient}; d_real {d_real:.3g}, d_fake {d_fake:.3g}"


def discriminator_collapse(d_real: float, d_fake: float) -> str | None:
    """Test whether D gives the same output for real and for generated images.

    Args:
        d_real: D's mean output for real images.
        d_fake: D's mean output for generated images.
    """
    return f"d_real {d_real:.3g} and d_fake {d_fake:.3g} do not differ" if abs(d_real - d_fake) < LEAST_GAP else None


def mode_collapse(generated: float, real: float) -> str | None:
    """Test whether generated images differ from each other much less than real images do.

    Args:
        generated: `diversity` of the images of 64 fixed z.
        real: `diversity` of real images.
    """
    if generated >= LEAST_DIVERSITY * real:
        return None
    return f"the images of 64 fixed z have {generated / real:.2%} of the diversity of real images"


def discriminator_overfitting(
    training: np.ndarray, held_out: np.ndarray, generated: np.ndarray, boundary: bool
) -> str | None:
    """Test whether D has memorised the training images and takes other real images for generated.

    The measure is ADA's heuristic r_v:

        r_v = (E[D(training)] - E[D(held_out)]) / (E[D(training)] - E[D(generated)])

    It is 0 if D's outputs are the same for training and held-out images. It is 1 if D takes held-out images for
    generated.

    Args:
        training: D's logits for training images, (n,).
        held_out: D's logits for real images outside the training set, (m,).
        generated: D's logits for generated images, (k,).
        boundary: `True` if a logit above 0 means "real" under the loss. The evidence then includes ADA's r_t.

    Reference:
        [Karras et al., 2020](https://arxiv.org/abs/2006.06676), equation 1.
    """
    seen, new, fake = (float(np.mean(logits, dtype=np.float64)) for logits in (training, held_out, generated))
    error = np.sqrt(np.var(training) / len(training) + np.var(held_out) / len(held_out))
    if not (seen - new > GREATEST_OVERFITTING * (seen - fake) > 0 and seen - new > STANDARD_ERRORS * error):
        return None
    r_v = (seen - new) / (seen - fake)
    signs = f"; r_t {np.sign(training).mean():+.2f} and {np.sign(held_out).mean():+.2f}" if boundary else ""
    return f"D's mean logit is {seen:.3g} for training images, {new:.3g} for held-out ones (r_v {r_v:.2f}{signs})"


def diversity(images: np.ndarray) -> float:
    """Return the root mean square distance of images from their mean image.

    Args:
        images: Floats (n, height, width, channels).
    """
    return float(np.sqrt(images.reshape(len(images), -1).var(axis=0, dtype=np.float64).sum()))
