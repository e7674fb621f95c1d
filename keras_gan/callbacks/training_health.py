"""`TrainingHealth`: a callback that detects common GAN failures during training."""

from __future__ import annotations

import json
import os
import warnings
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_gan.callbacks import symptoms
from keras_gan.callbacks.diversity_watch import LATE, SAMPLES, WARM_UP, DiversityWatch
from keras_gan.callbacks.finding import REMEDIES, Finding
from keras_gan.callbacks.rollback import CHANGES, Rollback
from keras_gan.callbacks.running_means import RunningMeans
from keras_gan.callbacks.symptoms import Symptom
from keras_gan.callbacks.watched_images import WatchedImages
from keras_gan.callbacks.weight_motion import WeightMotion
from keras_gan.errors import KerasGANWarning
from keras_gan.models.gan import GAN
from keras_gan.utils.files import append_line, atomic_path

STATE_EVERY = 100  # steps between two saved states
LOSSES = ("d_loss", "g_loss")


class TrainingHealth(keras.callbacks.Callback):
    """Callback that detects common GAN failures during training and suggests a remedy.

    It looks for:

    - `divergence`: a loss or a weight is not finite, or the weights change too fast. The limit for n steps is sqrt(n)
      times 5 % of their norm. Beyond twice this limit it is reported at once.
    - `vanishing_gradient`: the norm of the generator's gradient is below 2 % of its largest value, while D is certain.
    - `discriminator_collapse`: D gives the same output for real and for generated images.
    - `mode_collapse`: the images of 64 fixed z have less than 2 % of the diversity of real images.
    - `low_diversity`: these images have less than half of the diversity of real images. Or 40 % more of them than of
      real images nearly repeat another one, as when the generator makes only a few images. It is reported after 500
      such steps, or when the training ends.
    - `discriminator_overfitting`: D has memorised the training images. This needs `held_out` images. The measure is r_v
      of the ADA paper: 0 if D treats training and held-out images alike, 1 if it treats held-out images as generated
      ones. The limit is 0.5. D's mean logits of training and held-out images must also differ by more than four
      standard errors.

    A problem is reported when two checks in a row find it. A loss or weight that is not finite is reported at once.
    Mode collapse is tested from step 200 on, low diversity from step 1,000 on. Each problem is reported only once, as a
    `KerasGANWarning` and in `findings`. `watched` and `not_watched` say what was tested.

    A check generates 64 images and runs D on all images that you pass. Between checks the callback reads nothing from
    the GPU or CPU that trains. It keeps a copy of the trained weights there.

    With `rollback` the callback copies the training state to main memory after checks without problems, at most once in
    100 steps. After a divergence, a vanishing gradient or a collapse it restores the older of the two newest copies,
    and changes a setting:

    - After a divergence or a collapse of D, all learning rates are divided by 10.
    - After a vanishing gradient, D's learning rate is divided by 10, and a minimax loss becomes non-saturating.
    - After a mode collapse, the penalty R1 is added. If that is not possible, DiffAugment is added. Otherwise all
      learning rates are divided by 10.

    `gan.save()` keeps the new setting. `fit()` does not repeat the steps that were undone.

    Args:
        real: Images from the training set, at least 2; 64 are enough. Floats in the model's `image_range` or uint8,
            (n, height, width, channels). Models with classes take (images, labels).
        held_out: Real images outside the training set, in the same form. Use a few hundred: with fewer images the
            difference rarely exceeds four standard errors. Defaults to `None`: overfitting is not tested.
        every: Number of steps between two checks. Defaults to 25.
        rollback: Maximum number of rollbacks. Defaults to 0: only warn.
        log: Path of a file to which each finding is appended as a line of JSON, such as `"health.jsonl"`. A second
            file, `health_summary.json`, holds what was tested and the newest measurements. Defaults to `None`.
        seed: Integer that fixes the z of the generated images. Defaults to 0.
        epochs: Number of the last epoch, if `fit()` is called several times to get there. Defaults to `None`: each
            `fit()` ends the training.

    Raises:
        ValueError: If an argument is out of range. `fit()` raises it if the images do not fit the model.

    Attributes:
        findings: List of all `Finding` objects so far.
        measured: Dict of the newest measurements. "spread" is the diversity of the generated images relative to real
            ones. "repeated" is the share of them that nearly repeat another one, minus that of real images. "d_real"
            and "d_fake" are D's mean outputs, if they are probabilities. "r_v" needs held-out images.

    Example:
    ```python
    health = keras_gan.callbacks.TrainingHealth(images[:256], held_out, rollback=2)
    gan.fit(images, epochs=20, callbacks=[health])
    for finding in health.findings:
        print(finding)
    ```
    """

    def __init__(
        self,
        real: Any,
        held_out: Any = None,
        every: int = 25,
        rollback: int = 0,
        log: str | os.PathLike[str] | None = None,
        seed: int = 0,
        epochs: int | None = None,
    ) -> None:
        super().__init__()
        for name, value, least in (("every", every, 1), ("rollback", rollback, 0)):
            if value < least:
                raise ValueError(f"`{name}` must be at least {least}. Received: {name}={value}")
        self.real = WatchedImages("real", real)
        self.held_out = None if held_out is None else WatchedImages("held_out", held_out)
        self.every = every
        self.rollback = rollback
        self.log = None if log is None else Path(log)
        self.seed = seed
        self.epochs = epochs
        self.findings: list[Finding] = []
        self.measured: dict[str, float] = {}
        self._watched: Any = None
        self._means = RunningMeans()
        self._suspected: set[str] = set()
        self._largest_norm = 0.0
        self._motion = WeightMotion()

    # ------------------------------------------------------------------ when to check

    def on_train_begin(self, logs: Any = None) -> None:
        """Start to watch a model, or continue with the same one."""
        if not isinstance(self.model, GAN):
            raise ValueError(f"TrainingHealth works with a keras_gan.GAN. Received: {type(self.model).__name__}")
        for images in (self.real, self.held_out):
            if images is not None:
                images.check_fit(self.model, needs_labels=self.held_out is not None)
        if self._watched is not self.model:
            self._watched = self.model
            self.findings = []
            self._reported: set[str] = set()
            self._diversity = DiversityWatch(self.real.in_range(self.model))
            self._rollback = Rollback(self.rollback)
            self._forget()
        if self.log is not None:  # an empty file means that nothing was found
            self.log.parent.mkdir(parents=True, exist_ok=True)
            self.log.touch()
        self._start_interval()
        if self.rollback and self._rollback.latest is None:
            self._rollback.save_state(self.model, self._checked_step)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Note that Keras has reset the metrics."""
        self._epoch, self._first_step = epoch + 1, self._step
        self._means.metrics_were_reset()
        self._validated = False

    # Before the step, not after it: for callbacks after a step Keras fetches the metrics at every step.
    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Check, if `every` steps have passed."""
        if self._first_step + batch - self._checked_step >= self.every:
            self._means.collect(self.model)
            self._check(self._first_step + batch)
            self._first_step = self._checked_step - batch

    def on_test_begin(self, logs: Any = None) -> None:
        """Collect the metrics before validation resets them."""
        if not self._validated:
            self._means.collect(self.model)
        self._validated = True

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Collect the metrics before the next epoch resets them. Check if it is time, or a loss is not finite."""
        if not self._validated:
            self._means.collect(self.model)
        if self._step - self._checked_step >= self.every or not self._means.finite:
            self._check(self._step)
        self._save_summary()

    def on_train_end(self, logs: Any = None) -> None:
        """Test the diversity of the images that the training ended with."""
        ended = self.epochs is None or self._epoch >= self.epochs
        if ended and self._step >= LATE and not {"mode_collapse", "low_diversity", "divergence"} & self._reported:
            generated = self.model.generate(SAMPLES, seed=self.seed)
            if np.isfinite(generated).all():
                self._measure(generated, self._step)
                symptom = self._diversity.low_diversity
                if symptom is not None:
                    kind = "low_diversity"
                    self._report(Finding(kind, self._step, self._epoch, symptom.evidence, REMEDIES[kind]))
        self._save_summary()

    # ------------------------------------------------------------------ what was tested

    @property
    def watched(self) -> tuple[str, ...]:
        """Kinds of problems that were tested so far."""
        return tuple(kind for kind in REMEDIES if kind not in self.not_watched)

    @property
    def not_watched(self) -> dict[str, str]:
        """Reason for each kind of problem that was not tested."""
        reasons: dict[str, str] = {}
        steps = 0 if self._watched is None else self._step
        for kind, first in (("mode_collapse", WARM_UP), ("low_diversity", LATE)):
            if steps < first:
                reasons[kind] = f"it is tested from step {first} on"
        if self.held_out is None:
            reasons["discriminator_overfitting"] = "it needs held-out images"
        return reasons

    def _save_summary(self) -> None:
        if self.log is None:
            return
        summary = {
            "steps": self._step,
            "watched": list(self.watched),
            "not_watched": self.not_watched,
            "measured": {name: value for name, value in self.measured.items() if np.isfinite(value)},
        }
        with atomic_path(summary_of(self.log)) as temporary:
            temporary.write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")

    # ------------------------------------------------------------------ a check

    def _check(self, step: int) -> None:
        found = self._symptoms(step)
        confirmed = [kind for kind in found if kind in self._suspected or found[kind].certain]
        self._suspected = set(found)
        for kind in confirmed:
            if kind not in self._reported:
                finding = Finding(kind, step, self._epoch, found[kind].evidence, REMEDIES[kind], self._roll_back(kind))
                self._report(finding)
                if finding.rollback:
                    break
        self._start_interval()  # a rollback has changed the step and the weights
        latest = self._rollback.latest
        if not found and latest is not None and step >= max(WARM_UP, latest + STATE_EVERY):
            self._rollback.save_state(self.model, step)

    def _symptoms(self, step: int) -> dict[str, Symptom]:
        """The symptoms of this check by kind."""
        means = self._means.take()
        losses = {name: value for name, value in means.items() if name in LOSSES}
        diverged = symptoms.divergence(losses, self._motion.distance(self.model), max(1, step - self._checked_step))
        if diverged is not None:
            return {"divergence": diverged}
        loss, d_real, d_fake = self.model.loss, means.get("d_real", np.nan), means.get("d_fake", np.nan)
        generated = self.model.generate(SAMPLES, seed=self.seed)
        self._measure(generated, step)
        if loss.probability:
            self.measured |= {"d_real": d_real, "d_fake": d_fake}
        norm = means.get("g_grad_norm", np.nan)
        self._largest_norm = float(np.fmax(self._largest_norm, norm))
        found = {
            "vanishing_gradient": symptoms.vanishing_gradient(
                norm, self._largest_norm, d_real, d_fake, loss.probability
            ),
            "discriminator_collapse": symptoms.discriminator_collapse(d_real, d_fake),
        }
        if step >= WARM_UP:
            found["mode_collapse"] = self._diversity.mode_collapse
        if found.get("mode_collapse") is None:
            found["low_diversity"] = self._diversity.lasting_low_diversity(step)
        if self.held_out is not None:
            labels = None if self.model.num_classes is None else np.arange(SAMPLES) % self.model.num_classes
            fake_images = WatchedImages("generated", generated if labels is None else (generated, labels))
            real, held_out, fake = (one.logits(self.model) for one in (self.real, self.held_out, fake_images))
            self.measured["r_v"] = symptoms.r_v(real, held_out, fake)
            found["discriminator_overfitting"] = symptoms.discriminator_overfitting(real, held_out, fake, loss.boundary)
        return {kind: symptom for kind, symptom in found.items() if symptom is not None}

    def _measure(self, generated: np.ndarray, step: int) -> None:
        self._diversity.look_at(generated, step)
        self.measured |= self._diversity.measured

    def _report(self, finding: Finding) -> None:
        self.findings.append(finding)
        if not finding.rollback:
            self._reported.add(finding.kind)
        if self.log is not None:
            append_line(self.log, json.dumps(finding.as_dict()))
        warnings.warn(str(finding), KerasGANWarning, stacklevel=2)

    def _roll_back(self, kind: str) -> str:
        if kind not in CHANGES or self._rollback.done >= self.rollback:
            return ""
        done = self._rollback.apply(self.model, kind)
        self.model.reset_metrics()
        self._forget()
        return done

    def _forget(self) -> None:
        """Drop the results of earlier checks, which say nothing about a restored model."""
        self._suspected = set()
        self._diversity.forget()
        self._largest_norm = 0.0
        self._means.forget()

    def _start_interval(self) -> None:
        self._checked_step = self._step
        self._motion.start(self.model)

    @property
    def _step(self) -> int:
        """The number of training steps, counted by the model itself."""
        return int(self.model.g_optimizer.iterations.numpy()) // self.model.g_steps


def summary_of(log: Path) -> Path:
    """Return the path of the summary beside a log of findings."""
    return log.with_name(f"{log.stem}_summary.json")
