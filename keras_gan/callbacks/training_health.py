"""Is the game still played: what goes wrong in training, named while it does, with what helps."""

from __future__ import annotations

import json
import os
import warnings
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_gan.callbacks import symptoms
from keras_gan.callbacks.finding import REMEDIES, Finding
from keras_gan.callbacks.rollback import CHANGES, Rollback
from keras_gan.errors import KerasGANWarning
from keras_gan.models.data_checks import ImageChecks
from keras_gan.models.gan import GAN
from keras_gan.utils.files import append_line

WARM_UP = 200  # steps before a generator must draw different images
KEPT_EVERY = 100  # steps from one state that may be gone back to, to the next
DRAWN = 64
LOSSES = ("d_loss", "g_loss")


class TrainingHealth(keras.callbacks.Callback):
    """Watch a `GAN` while it trains, warn once of each thing that goes wrong, and go back to before it if asked to.

    - `divergence`: a loss is not finite, or 25 steps move the weights by more than a quarter of their norm (n steps by
      more than sqrt(n) times 5 %).
    - `vanishing_gradient`: the generator's gradient fell below 2 % of what it was, while D is sure (of losses that know
      no probability, whatever D says).
    - `discriminator_collapse`: D answers real and generated images alike.
    - `mode_collapse`: the images of fixed z differ among themselves by less than a fiftieth of what real ones do.
    - `discriminator_overfitting`, where there are held-out images: D takes them for generated more than for what it was
      trained on; r_v of the ADA paper is above 0.5, beyond the error of the means.

    Each has to be seen at two checks in a row; a loss that is not finite, once. A generator has 200 steps before its
    images must differ. A check costs 64 images and D's answers to all the images given; between checks nothing is
    read. A copy of the weights stays on their device.

    With `rollback` the whole training state, optimizers and averages included, is copied to the host's memory at every
    fourth check that finds nothing. At a divergence, a vanishing gradient or a collapse the older of the last two
    copies comes back (at first the state at the beginning of `fit`), and a setting is changed: learning rates to a
    tenth, D's alone where the gradient vanishes, and minimax to the non-saturating loss; where modes collapse R1 is
    added, then DiffAugment. The model keeps the setting when it is saved. The steps are not made up for.

    Args:
        real: Images that are trained on, (n, height, width, channels), n at least 2: floats in the model's
            `image_range`, or uint8; or (images, labels), for a model with classes. 64 are enough.
        held_out: Real images that are not, likewise; some hundreds, lest chance decide. Defaults to `None`:
            overfitting is not looked for.
        every: Steps from one check to the next. Defaults to 25.
        rollback: How many times at most to go back and change a setting. Defaults to 0, only warn.
        log: A file to which each finding is appended as a line of JSON. Defaults to `None`.
        seed: Fixes the z. Defaults to 0.

    Raises:
        ValueError: If an argument is out of range; in `fit`, if the images are not such as the model draws.

    Attributes:
        findings: A `Finding` for each time something was seen.

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
    ) -> None:
        super().__init__()
        for name, value, least in (("every", every, 1), ("rollback", rollback, 0)):
            if value < least:
                raise ValueError(f"`{name}` must be at least {least}. Received: {name}={value}")
        self.real = real if isinstance(real, tuple) else (real, None)
        self.held_out = held_out if isinstance(held_out, tuple) else (held_out, None)
        for name, images in (("real", self.real[0]), ("held_out", self.held_out[0])):
            if images is not None and len(images) < 2:
                raise ValueError(f"Expected at least 2 `{name}` images. Received: {len(images)}")
        self.every = every
        self.rollback = rollback
        self.log = None if log is None else Path(log)
        self.seed = seed
        self.findings: list[Finding] = []
        self._watched: Any = None
        self._suspected: set[str] = set()
        self._largest_norm = 0.0
        self._before: list[Any] = []

    def on_train_begin(self, logs: Any = None) -> None:
        """Begin to watch, or go on with the same model."""
        if not isinstance(self.model, GAN):
            raise ValueError(f"TrainingHealth watches a keras_gan.GAN. Received: {type(self.model).__name__}")
        with_labels = [labels is not None for _, labels in (self.real, self.held_out)]
        if self.held_out[0] is not None and with_labels != [self.model.num_classes is not None] * 2:
            raise ValueError(
                "`real` and `held_out` must be (images, labels) of a model with classes, else images. "
                f"Received: num_classes={self.model.num_classes}"
            )
        checks = ImageChecks(self.model.image_shape, self.model.image_range, expect_negative=False)
        for images in (self.real[0], self.held_out[0]):
            if images is not None:
                checks.arrays(self._in_range(images))
        if self._watched is not self.model:
            self._watched = self.model
            self.findings = []
            self._diversity = symptoms.diversity(self._in_range(self.real[0]))
            self._named: set[str] = set()
            self._rollback = Rollback(self.rollback)
            self._forget()
        if self.log is not None:  # an empty one says that nothing was found
            self.log.parent.mkdir(parents=True, exist_ok=True)
            self.log.touch()
        self._looked, self._before = self._step, self._trained()
        if self.rollback and self._rollback.latest is None:
            self._rollback.keep(self.model, self._looked)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """The model's means begin anew."""
        self._epoch, self._began = epoch + 1, self._step
        self._sums: dict[str, np.ndarray] = {}
        self._tested = False

    # A look is taken before a step, not after it: for what stands after one Keras fetches the metrics at every step.
    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Look, if it is time."""
        if self._began + batch - self._looked >= self.every:
            self._collect()
            self._look(self._began + batch)
            self._began = self._looked - batch

    def on_test_begin(self, logs: Any = None) -> None:
        """Validation resets the means, so what they have gained is taken before."""
        if not self._tested:
            self._collect()
        self._tested = True

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Take what the means have gained, before they begin anew; look if it is time, or a loss is not finite."""
        if not self._tested:
            self._collect()
        finite = all(np.isfinite(total) for total, _ in self._gained.values())
        if self._step - self._looked >= self.every or not finite:
            self._look(self._step)

    # ------------------------------------------------------------------ a check

    def _look(self, step: int) -> None:
        seen = self._seen(step)
        sure = [kind for kind in seen if kind in self._suspected or "not finite" in seen[kind]]
        self._suspected = set(seen)
        for kind in sure:
            if kind not in self._named:
                finding = Finding(kind, step, self._epoch, seen[kind], REMEDIES[kind], self._go_back(kind))
                self._tell(finding)
                if finding.rollback:
                    break
        self._looked, self._before = self._step, self._trained()  # it may have gone back
        latest = self._rollback.latest
        if not seen and latest is not None and step >= max(WARM_UP, latest + KEPT_EVERY):
            self._rollback.keep(self.model, step)

    def _seen(self, step: int) -> dict[str, str]:
        """The evidence of each kind that this check has."""
        means = self._means()
        losses = {name: value for name, value in means.items() if name in LOSSES}
        diverged = symptoms.divergence(losses, self._moved(), max(1, step - self._looked))
        if diverged is not None:
            return {"divergence": diverged}
        loss, d_real, d_fake = self.model.loss, means.get("d_real", np.nan), means.get("d_fake", np.nan)
        drawn = self.model.generate(DRAWN, seed=self.seed)
        norm = means.get("g_grad_norm", np.nan)
        self._largest_norm = float(np.fmax(self._largest_norm, norm))
        found = {
            "vanishing_gradient": symptoms.vanishing_gradient(
                norm, self._largest_norm, d_real, d_fake, loss.probability
            ),
            "discriminator_collapse": symptoms.discriminator_collapse(d_real, d_fake),
        }
        if step >= WARM_UP:
            found["mode_collapse"] = symptoms.mode_collapse(symptoms.diversity(drawn), self._diversity)
        if self.held_out[0] is not None:
            labels = None if self.model.num_classes is None else np.arange(DRAWN) % self.model.num_classes
            training, held_out, fake = map(self._answers, (self.real, self.held_out, (drawn, labels)))
            found["discriminator_overfitting"] = symptoms.discriminator_overfitting(
                training, held_out, fake, loss.boundary
            )
        return {kind: evidence for kind, evidence in found.items() if evidence is not None}

    def _tell(self, finding: Finding) -> None:
        self.findings.append(finding)
        if not finding.rollback:
            self._named.add(finding.kind)
        if self.log is not None:
            append_line(self.log, json.dumps(finding.as_dict()))
        warnings.warn(str(finding), KerasGANWarning, stacklevel=2)

    def _go_back(self, kind: str) -> str:
        if kind not in CHANGES or self._rollback.done >= self.rollback:
            return ""
        done = self._rollback.apply(self.model, kind)
        self.model.reset_metrics()
        self._forget()
        return done

    # ------------------------------------------------------------------ figures

    @property
    def _step(self) -> int:
        """The model's own count."""
        return int(self.model.g_optimizer.iterations) // self.model.g_steps

    def _forget(self) -> None:
        """What earlier checks had says nothing of what comes."""
        self._suspected = set()
        self._largest_norm = 0.0
        self._gained: dict[str, Any] = {}
        self._sums = {}

    def _collect(self) -> None:
        """Add what the model's metrics have gained to the figures since the last check, which may be epochs ago."""
        for metric in self.model.metrics:
            now = np.array([float(metric.total), float(metric.count)])
            self._gained[metric.name] = self._gained.get(metric.name, 0) + now - self._sums.get(metric.name, 0)
            self._sums[metric.name] = now

    def _means(self) -> dict[str, float]:
        """The model's metrics since the last check."""
        gained, self._gained = self._gained, {}
        return {name: float(total / count) for name, (total, count) in gained.items() if count > 0}

    def _moved(self) -> float:
        """How far the weights have moved since the last check, over their norm then."""
        moved = sum(ops.sum(ops.square(new - old)) for new, old in zip(self._trained(), self._before, strict=True))
        return float(ops.sqrt(moved / sum(ops.sum(ops.square(old)) for old in self._before)))

    def _trained(self) -> list[Any]:
        """A copy of the weights, on their device."""
        variables = self.model.generator.trainable_variables + self.model.discriminator.trainable_variables
        return [ops.copy(ops.cast(variable, "float32")) for variable in variables]

    def _answers(self, data: tuple[Any, Any]) -> np.ndarray:
        """D's logit for each image, without dropout and augmentation."""
        images, labels = self._in_range(data[0]), data[1]
        answers = []
        for i in range(0, len(images), DRAWN):
            part = slice(i, i + DRAWN)
            given = images[part] if labels is None else [images[part], np.asarray(labels)[part]]
            logits = ops.convert_to_numpy(self.model.discriminator(given, training=False)).astype(np.float32)
            answers.append(logits.reshape(len(logits), -1).mean(axis=1))
        return np.concatenate(answers)

    def _in_range(self, images: np.ndarray) -> np.ndarray:
        """Floats in the model's range."""
        images = np.asarray(images)
        low, high = self.model.image_range
        return images.astype(np.float32) / 255 * (high - low) + low if images.dtype == np.uint8 else images
