"""Schedules that follow the length of a training."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from keras_gan.config import GANConfig, TrainingConfig
from keras_gan.config.translation import TranslationConfig
from keras_gan.presets.build import optimizer_of

if TYPE_CHECKING:
    from keras_gan.models.adversarial_model import AdversarialModel


def set_schedules(model: AdversarialModel, config: TrainingConfig, batches: int) -> None:
    """Sets the schedules of a config for the length of the whole training.

    Args:
        model: Compiled model that `build` returned, also one that was saved and loaded.
        config: Config of the training.
        batches: Number of batches in the whole training.
    """
    from keras_gan.schedules import LinearDecay

    if isinstance(config, TranslationConfig) and config.schedule == "linear":
        for name in model.trained_networks:
            getattr(model, name).learning_rate = LinearDecay(optimizer_of(config, name).learning_rate, batches)
    if isinstance(config, GANConfig) and config.burn_in is not None:
        steps = batches // config.d_steps
        set_burn_in(model, config, max(1, int(steps * config.burn_in.fraction)))


def set_burn_in(model: AdversarialModel, config: GANConfig, steps: int, fixed: Collection[str] = ()) -> None:
    """Sets the burn-in of learning rates, penalties and EMA. Learning rates that a rollback lowered stay lower.

    Args:
        model: Compiled model that `build` returned, also one that was saved and loaded.
        config: Config of the training, with `burn_in`.
        steps: Length of the burn-in in updates of the generator, at least 1.
        fixed: Values that stay constant, of `learning_rate`, `penalties` and `ema_momentum`. Defaults to ().

    Raises:
        ValueError: If `steps` is below 1.
    """
    from keras_gan.schedules import CosineBurnIn, HalfLife
    from keras_gan.schedules.scaled import scaled_like, schedule_of

    burn_in = config.burn_in
    if burn_in is None:
        return
    if burn_in.learning_rate is not None and "learning_rate" not in fixed:
        for name in model.trained_networks:
            rate, optimizer = optimizer_of(config, name).learning_rate, getattr(model, name)
            schedule = CosineBurnIn(rate, burn_in.learning_rate * rate, steps)
            optimizer.learning_rate = scaled_like(schedule, schedule_of(optimizer))
    if burn_in.penalties is not None and "penalties" not in fixed:
        for penalty in model.penalties[: len(config.penalties)]:  # a rollback may have added one
            weight = penalty.weight.initial if isinstance(penalty.weight, CosineBurnIn) else penalty.weight
            penalty.weight = CosineBurnIn(weight, burn_in.penalties * weight, steps)
    if config.ema is not None and config.ema.half_life is not None and "ema_momentum" not in fixed:
        model.ema_momentum = HalfLife(CosineBurnIn(0.0, config.ema.half_life, steps))
