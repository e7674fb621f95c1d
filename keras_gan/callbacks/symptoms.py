"""Tests for the common GAN failures. Each returns its evidence, or `None`."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

# These limits separate runs that were broken on purpose from good runs. The page "training health" has both.
LEAST_GRADIENT = 0.02  # relative to the generator's largest gradient norm
LEAST_GAP = 0.003  # between D's mean outputs for real and for generated images
LEAST_SPREAD = 0.02  # relative to real images, at any time
LASTING_SPREAD = 0.5  # relative to real images, over many steps or at the end
LASTING_REPEATED = 0.4  # share of images that nearly repeat another one, above that of real images
GREATEST_MOVE = 0.05  # of the norm of the weights in one step; n steps may move sqrt(n) times as far
CERTAIN_MOVE = 0.1  # of the same kind, for which one check is enough
CERTAIN_D = 0.05  # D(G(z)) below this: D recognises nearly every generated image
GREATEST_OVERFITTING = 0.5  # r_v
STANDARD_ERRORS = 4.0


class Symptom(NamedTuple):
    """Evidence of a failure.

    Args:
        evidence: The measured values, as a sentence.
        certain: `True` if one check is enough. Defaults to `False`: the next check must find it too.
    """

    evidence: str
    certain: bool = False


def divergence(losses: dict[str, float], moved: float, steps: int) -> Symptom | None:
    """Test whether a loss or a weight is not finite, or the weights move too far.

    Args:
        losses: Mean losses by name.
        moved: Distance that the weights moved, divided by their norm.
        steps: Number of steps of that move.
    """
    if not all(np.isfinite(value) for value in losses.values()):
        return Symptom(f"a loss is not finite: {losses}", certain=True)
    if not np.isfinite(moved):
        return Symptom("a weight is not finite", certain=True)
    if moved <= GREATEST_MOVE * np.sqrt(steps):
        return None
    evidence = f"the weights moved by {moved:.0%} of their norm in {steps} step{'s'[: steps > 1]}"
    return Symptom(evidence, certain=moved > CERTAIN_MOVE * np.sqrt(steps))


def vanishing_gradient(norm: float, largest: float, d_real: float, d_fake: float, probability: bool) -> Symptom | None:
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
    return Symptom(f"{gradient}; d_real {d_real:.3g}, d_fake {d_fake:.3g}")


def discriminator_collapse(d_real: float, d_fake: float) -> Symptom | None:
    """Test whether D gives the same output for real and for generated images.

    Args:
        d_real: D's mean output for real images.
        d_fake: D's mean output for generated images.
    """
    if not abs(d_real - d_fake) < LEAST_GAP:
        return None
    return Symptom(f"d_real {d_real:.3g} and d_fake {d_fake:.3g} do not differ")


def mode_collapse(spread: float) -> Symptom | None:
    """Test whether the generated images are nearly one image.

    Args:
        spread: Diversity of the images of fixed z, relative to real images.
    """
    if not spread < LEAST_SPREAD:
        return None
    return Symptom(f"the images of fixed z have {spread:.2%} of the diversity of real images")


def low_diversity(spread: float, repeated: float) -> Symptom | None:
    """Test whether the generated images are much more alike than real images, or repeat a few images.

    Args:
        spread: Diversity of the images of fixed z, relative to real images. NaN if it is not known.
        repeated: Share of these images that nearly repeat another one, minus that of real images. NaN if it is not
            known.
    """
    found = []
    if spread < LASTING_SPREAD:
        found.append(f"the images of fixed z have {spread:.0%} of the diversity of real images")
    if repeated > LASTING_REPEATED:
        found.append(f"{repeated:.0%} more of them than of real images nearly repeat another one")
    return Symptom(", and ".join(found)) if found else None


def discriminator_overfitting(
    training: np.ndarray, held_out: np.ndarray, generated: np.ndarray, boundary: bool
) -> Symptom | None:
    """Test by `r_v` whether D has memorised the training images and takes other real images for generated.

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
    signs = f"; r_t {np.sign(training).mean():+.2f} and {np.sign(held_out).mean():+.2f}" if boundary else ""
    evidence = f"D's mean logit is {seen:.3g} for training images, {new:.3g} for held-out ones"
    return Symptom(f"{evidence} (r_v {r_v(training, held_out, generated):.2f}{signs})")


def r_v(training: np.ndarray, held_out: np.ndarray, generated: np.ndarray) -> float:
    """Return ADA's heuristic of overfitting.

        r_v = (E[D(training)] - E[D(held_out)]) / (E[D(training)] - E[D(generated)])

    It is 0 if D's outputs are the same for training and held-out images. It is 1 if D takes held-out images for
    generated.

    Args:
        training: D's logits for training images, (n,).
        held_out: D's logits for real images outside the training set, (m,).
        generated: D's logits for generated images, (k,).

    Returns:
        The number, or NaN if D's outputs for training images are not above those for generated ones.

    Reference:
        [Karras et al., 2020](https://arxiv.org/abs/2006.06676), equation 1.
    """
    seen, new, fake = (float(np.mean(logits, dtype=np.float64)) for logits in (training, held_out, generated))
    return (seen - new) / (seen - fake) if seen > fake else float("nan")
