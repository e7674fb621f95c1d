"""Training in the folder of a run, from its first step or from where it stopped."""

from __future__ import annotations

import dataclasses
import json
import shlex
import signal
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.markup import escape

from keras_gan import config as configs
from keras_gan.cli.printed_warnings import printed_warnings
from keras_gan.cli.run import Run, import_tensorflow, load_trained
from keras_gan.cli.training.data_facts import RANKS, DataFacts, resolve_data
from keras_gan.cli.training.data_record import check_same_data, save_record
from keras_gan.cli.training.interruption import between_steps, interrupt
from keras_gan.cli.training.task import Task, task_of
from keras_gan.config import GANConfig, TrainingConfig
from keras_gan.utils.class_names import describe_classes

if TYPE_CHECKING:
    from keras_gan.models.adversarial_model import AdversarialModel

console = Console(soft_wrap=True, highlight=False)


@dataclasses.dataclass(frozen=True)
class Position:
    """Place in a training.

    Args:
        epoch: Number of finished epochs.
        offset: Number of finished batches in the epoch after them.
        batches: Number of batches in an epoch.
    """

    epoch: int
    offset: int
    batches: int

    @classmethod
    def of(cls, model: AdversarialModel, batches: int, batch_size: int) -> Position:
        """Returns how far a model was trained, from the updates of its optimizers.

        Args:
            model: Model that may have been trained before.
            batches: Number of batches that the data hold.
            batch_size: Number of images in each, for the message.

        Raises:
            ValueError: If the data do not fill one step.
        """
        k = getattr(model, "d_steps", 1)
        used = batches // k * k
        if used == 0:
            raise ValueError(f"One step takes d_steps = {k} batches. Received: {batches} batches of {batch_size}")
        return cls(*divmod(steps_of(model) * k, used), used)

    @property
    def done(self) -> int:
        """Number of batches since the start of the training."""
        return self.epoch * self.batches + self.offset


@printed_warnings(console)
def train_run(run: Run, config: TrainingConfig, accept_changed_data: bool = False) -> None:
    """Trains the model of a run up to the last epoch of a config.

    Args:
        run: Folder of the run, new or with a model to continue.
        config: Config of the training.
        accept_changed_data: Train on images that have changed since the run was started. Defaults to `False`.
    """
    config, facts = resolve_data(config)
    changes = check_same_data(run.data, facts, accept_changed_data) if run.model.exists() else []
    for line in (*facts.lines, *(f"Changed: {change}" for change in changes)):
        console.print(escape(line))
    from keras_gan import presets

    _prepare(config)
    task = task_of(config)
    model = load_trained(run.folder) if run.model.exists() else None
    if model is not None:
        _check_classes(model, facts)
    data = task.load(0)
    if model is None:
        model = task.new_model(data.element_spec, facts.class_names, facts.attribute_names)
        for name, value in presets.chosen_options(config, model.image_shape).items():
            console.print(f"Chosen for these images and this config: {escape(name)}={json.dumps(value)}")
        for line in start_from_trained(model, config):
            console.print(escape(line))
    position = Position.of(model, len(data), config.batch_size)
    if position.epoch >= config.epochs:
        trained = f"{escape(str(run.model))} has been trained for {position.epoch} epochs already"
        console.print(f"{trained}. More need an --epochs above {config.epochs}.")
        return
    presets.set_schedules(model, config, config.epochs * position.batches)
    if position.epoch:
        del data  # so that a set in memory is not held twice
        data = task.load(position.epoch)
    watchers = _watchers(run, config, task, position.done > 0)
    run.folder.mkdir(parents=True, exist_ok=True)
    with run.alone():
        run.remove_unfinished()
        if not position.done:
            run.health.unlink(missing_ok=True)
            run.health_summary.unlink(missing_ok=True)
        configs.save(config, run.config)
        save_record(run.data, facts)
        _announce(run, config, task.title, model, position)
        _fit_and_save(run, config, model, data, position, watchers)
    folder = escape(shlex.quote(str(run.folder)))
    console.print(f"Model, pictures and metrics: [bold]{escape(str(run.folder))}[/]")
    console.print(f"Next: [bold]{task.next_command.format(folder)}[/]  or  [bold]keras-gan export {folder}[/]")


def _check_classes(model: AdversarialModel, facts: DataFacts) -> None:
    """Gives a model with labels the names of the data.

    Raises:
        ValueError: If the number of classes or attributes differs.
    """
    attributes = getattr(model, "num_attributes", None)
    if attributes is not None:
        if attributes != len(facts.attribute_names):
            raise ValueError(
                f"The images must have the {attributes} attributes that the model was made with. "
                f"Received: {len(facts.attribute_names)}. Train a new run on them"
            )
        model.attribute_names = facts.attribute_names
    classes = getattr(model, "num_classes", None)
    if classes is None:
        return
    if classes != len(facts.class_names):
        raise ValueError(
            f"The images must have the {classes} classes that the model was made with. "
            f"Received: {len(facts.class_names)}: {describe_classes(facts.class_names)}. Train a new run on them"
        )
    model.class_names = facts.class_names


def start_from_trained(model: AdversarialModel, config: TrainingConfig) -> list[str]:
    """Gives a new GAN the weights of the trained one that its config names, where layers fit.

    Returns:
        Sentences that state which layers got weights, one for each network.

    Raises:
        ValueError: If there is no such GAN, or no layer fits.
    """
    if not isinstance(config, GANConfig) or config.init is None:
        return []
    from keras_gan.models.gan import GAN

    assert isinstance(model, GAN)
    found = model.transfer_weights(GAN.from_preset(config.init))
    return [f"From {config.init}, {name}: {transfer}" for name, transfer in found.items()]


def steps_of(model: AdversarialModel) -> int:
    """Returns the number of steps that a model was trained for, each with `g_steps` updates of the generator."""
    return int(model.g_optimizer.iterations.numpy()) // getattr(model, "g_steps", 1)


def _prepare(config: TrainingConfig) -> None:
    import_tensorflow()
    import keras
    import tensorflow as tf

    signal.signal(signal.SIGTERM, interrupt)
    keras.utils.set_random_seed(config.seed)
    if config.deterministic:
        tf.config.experimental.enable_op_determinism()


def _announce(run: Run, config: TrainingConfig, title: str, model: AdversarialModel, position: Position) -> None:
    console.print(
        f"Training [bold]{escape(config.name)}[/] on [bold]{escape(title)}[/]: {position.batches} batches of "
        f"{config.batch_size} {RANKS[len(model.image_shape)]} of {'x'.join(map(str, model.image_shape))} an epoch, "
        f"epochs {position.epoch + 1} to {config.epochs}. Pictures: {escape(str(run.samples))}"
    )


def _fit_and_save(
    run: Run, config: TrainingConfig, model: AdversarialModel, data: Any, position: Position, watchers: list[Any]
) -> None:
    """Trains to the end, or saves the model and exits where a signal interrupts."""
    from keras_gan import callbacks
    from keras_gan.callbacks.epoch_pictures import EpochPictures

    progress = callbacks.Progress(run.samples, position.done, config.epochs * position.batches, config.epochs, console)
    try:
        with between_steps() as interruption:
            _fit(model, data.take(position.batches), position, config.epochs, [*watchers, progress, interruption])
    except KeyboardInterrupt:
        progress.close()
        model.save(run.model)
        for watcher in watchers:
            if isinstance(watcher, EpochPictures):
                watcher.save_animation()
        console.print(
            f"\nInterrupted after {steps_of(model)} steps. Saved as {escape(str(run.model))}.\n"
            f"Continue with: [bold]keras-gan resume {escape(shlex.quote(str(run.folder)))}[/]"
        )
        raise typer.Exit(130) from None
    finally:
        progress.close()


def _fit(model: AdversarialModel, data: Any, position: Position, epochs: int, watchers: list[Any]) -> None:
    epoch = position.epoch
    if position.offset:  # each iteration over the data is another epoch, so the rest of this one comes first
        rest = data.skip(position.offset)
        model.fit(rest, initial_epoch=epoch, epochs=epoch + 1, verbose=0, callbacks=watchers)
        epoch += 1
    model.fit(data, initial_epoch=epoch, epochs=epochs, verbose=0, callbacks=watchers)


def _watchers(run: Run, config: TrainingConfig, task: Task, resumes: bool) -> list[Any]:
    """Returns the callbacks. The health comes first, as it may change the model that others save."""
    import keras

    from keras_gan.cli.training.history_file import HistoryFile

    tensorboard = run.tensorboard if config.tensorboard else None
    watchers = [task.health(run.health), task.pictures(run.samples, tensorboard)]
    watchers += [keras.callbacks.ModelCheckpoint(run.model), HistoryFile(run.history, append=resumes)]
    watchers += [] if tensorboard is None else [keras.callbacks.TensorBoard(tensorboard)]
    return [watcher for watcher in watchers if watcher is not None]
