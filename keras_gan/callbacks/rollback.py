"""Going back to the last state that was good, and on with a changed setting."""

from __future__ import annotations

import collections
from collections.abc import Callable
from typing import Any

import numpy as np

from keras_gan.losses import Minimax, NonSaturating
from keras_gan.models.gan import GAN
from keras_gan.schedules.scaled import Scaled, schedule_of

SLOWER = 0.1  # what learning rates are multiplied by


class Rollback:
    """The last good states of a model in memory, and what is changed when one is gone back to.

    A state is the whole of it: networks, averages, both optimizers, their update counts and with these the noise to
    come, ADA's p, random states. Learning rates are settings and stay as they are. Two states are kept, the older of
    which is gone back to, as what is seen at a check may have begun before.

    Args:
        times: How often at most.
    """

    def __init__(self, times: int) -> None:
        self.times = times
        self.done = 0
        self._states: collections.deque[tuple[int, list[tuple[Any, np.ndarray]]]] = collections.deque(maxlen=2)

    @property
    def latest(self) -> int | None:
        """The step of the last state that was kept."""
        return self._states[-1][0] if self._states else None

    def keep(self, model: GAN, step: int) -> None:
        """Keep the state as it is, a copy in the host's memory."""
        self._states.append((step, [(variable, variable.numpy()) for variable in state_of(model)]))

    def apply(self, model: GAN, kind: str) -> str:
        """Go back, and change what may have led to `kind`.

        Returns:
            What was done, a sentence.
        """
        step, state = self._states[0]
        for variable, value in state:
            variable.assign(value)
        self._states = collections.deque([(step, state)], maxlen=2)
        self.done += 1
        changed = next(filter(None, (change(model) for change in CHANGES[kind])))
        return f"Went back to step {step} and on with {changed} ({self.done} of {self.times})."


def state_of(model: GAN) -> list[Any]:
    """The variables that training changes, each once."""
    optimizers = [variable for name in model.players for variable in getattr(model, name).variables]
    found = {id(variable): variable for variable in [*model.variables, *optimizers]}
    return [variable for variable in found.values() if variable.name != "learning_rate"]


def slower(model: GAN, players: tuple[str, ...] = ("d_optimizer", "g_optimizer")) -> str:
    """Lower learning rates, also those that follow a schedule."""
    for name in players:
        optimizer = getattr(model, name)
        schedule = schedule_of(optimizer)
        if schedule is None:
            optimizer.learning_rate = SLOWER * float(optimizer.learning_rate)
        else:  # it is part of the graph
            optimizer.learning_rate = Scaled(schedule, SLOWER)
            model.recompile()
    rates = (f"{name}.learning_rate={float(getattr(model, name).learning_rate):.2g}" for name in players)
    return " and ".join(rates)


def weaker_discriminator(model: GAN) -> str:
    """Lower D's learning rate, and take the non-saturating loss instead of minimax."""
    if type(model.loss) is not Minimax:  # the non-saturating loss is one, too
        return slower(model, ("d_optimizer",))
    model.recompile(loss=NonSaturating(**model.loss.get_config()))
    return f'loss="non_saturating" and {slower(model, ("d_optimizer",))}'


def r1(model: GAN) -> str | None:
    """Where D has no penalty of its gradient, and can be differentiated twice."""
    penalised = any(penalty.per_image for penalty in model.penalties)
    if penalised or not model.takes_gradient_penalties("discriminator"):
        return None
    model.recompile(penalties=[*model.penalties, "r1"])
    return 'the penalty "r1"'


def diffaugment(model: GAN) -> str | None:
    """Where nothing is augmented."""
    if model.augmentation is not None:
        return None
    model.recompile(augmentation="diffaugment")
    return 'augmentation="diffaugment"'


# The first that can be made; the last ones always can.
CHANGES: dict[str, tuple[Callable[[GAN], str | None], ...]] = {
    "divergence": (slower,),
    "vanishing_gradient": (weaker_discriminator,),
    "discriminator_collapse": (slower,),
    "mode_collapse": (r1, diffaugment, slower),
}
