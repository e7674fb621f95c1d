"""Rollback of a training to an earlier state, with a changed setting."""

from __future__ import annotations

import collections
from collections.abc import Callable
from typing import Any

import numpy as np

from keras_gan.losses import Minimax, NonSaturating
from keras_gan.models.gan import GAN
from keras_gan.schedules.scaled import Scaled, schedule_of

LEARNING_RATE_FACTOR = 0.1


class Rollback:
    """The two newest good states of a model, in the host's memory.

    A state holds all variables that training changes: networks, EMA, optimizers with their update counts, ADA's p and
    the random states. The update counts also determine the noise of later steps. Learning rates are settings, and are
    not part of a state.

    `apply` restores the older state, because a problem may have begun before the check that found it.

    Args:
        times: Maximum number of rollbacks, for the messages.
    """

    def __init__(self, times: int) -> None:
        self.times = times
        self.done = 0
        self._states: collections.deque[tuple[int, list[tuple[Any, np.ndarray]]]] = collections.deque(maxlen=2)

    @property
    def latest(self) -> int | None:
        """Step of the newest state, or `None`."""
        return self._states[-1][0] if self._states else None

    def save_state(self, model: GAN, step: int) -> None:
        """Copy the state of `model` to the host's memory."""
        self._states.append((step, [(variable, variable.numpy()) for variable in state_of(model)]))

    def apply(self, model: GAN, kind: str) -> str:
        """Restore the older state, and change a setting that may have caused the problem.

        Args:
            model: Model in training.
            kind: Kind of the finding, a key of `CHANGES`.

        Returns:
            A sentence that says what was done.
        """
        step, state = self._states[0]
        for variable, value in state:
            variable.assign(value)
        self._states = collections.deque([(step, state)], maxlen=2)
        self.done += 1
        changed = next(filter(None, (change(model) for change in CHANGES[kind])))
        return f"Went back to step {step} and continued with {changed} ({self.done} of {self.times})."


def state_of(model: GAN) -> list[Any]:
    """Return the variables that training changes, each once."""
    optimizers = [variable for name in model.trained_networks for variable in getattr(model, name).variables]
    found = {id(variable): variable for variable in [*model.variables, *optimizers]}
    return [variable for variable in found.values() if variable.name != "learning_rate"]


def lower_learning_rates(model: GAN, names: tuple[str, ...] = ("d_optimizer", "g_optimizer")) -> str:
    """Divide learning rates by 10. A schedule is kept, and multiplied."""
    for name in names:
        optimizer = getattr(model, name)
        schedule = schedule_of(optimizer)
        if schedule is None:
            optimizer.learning_rate = LEARNING_RATE_FACTOR * float(optimizer.learning_rate)
        else:  # a schedule is part of the graph
            optimizer.learning_rate = Scaled(schedule, LEARNING_RATE_FACTOR)
            model.recompile()
    rates = (f"{name}.learning_rate={float(getattr(model, name).learning_rate):.2g}" for name in names)
    return " and ".join(rates)


def weaken_discriminator(model: GAN) -> str:
    """Lower D's learning rate, and replace a minimax loss by the non-saturating one."""
    if type(model.loss) is not Minimax:  # `NonSaturating` is a subclass
        return lower_learning_rates(model, ("d_optimizer",))
    model.recompile(loss=NonSaturating(**model.loss.get_config()))
    return f'loss="non_saturating" and {lower_learning_rates(model, ("d_optimizer",))}'


def add_r1(model: GAN) -> str | None:
    """Add the R1 penalty, if D has no gradient penalty and can be differentiated twice."""
    penalised = any(penalty.per_image for penalty in model.penalties)
    if penalised or not model.supports_gradient_penalties("discriminator"):
        return None
    model.recompile(penalties=[*model.penalties, "r1"])
    return 'the penalty "r1"'


def add_diffaugment(model: GAN) -> str | None:
    """Add DiffAugment, if there is no augmentation."""
    if model.augmentation is not None:
        return None
    model.recompile(augmentation="diffaugment")
    return 'augmentation="diffaugment"'


# For each kind the first change that is possible. The last one always is.
CHANGES: dict[str, tuple[Callable[[GAN], str | None], ...]] = {
    "divergence": (lower_learning_rates,),
    "vanishing_gradient": (weaken_discriminator,),
    "discriminator_collapse": (lower_learning_rates,),
    "mode_collapse": (add_r1, add_diffaugment, lower_learning_rates),
}
