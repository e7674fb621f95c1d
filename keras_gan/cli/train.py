"""`keras-gan train` and `keras-gan resume`."""

from __future__ import annotations

import shlex
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from keras_gan.cli import tasks
from keras_gan.cli.interruption import between_steps, interrupt
from keras_gan.cli.printed_warnings import printed_warnings
from keras_gan.cli.run import Run, import_tensorflow, load_trained

if TYPE_CHECKING:
    from keras_gan.models.adversarial_model import AdversarialModel

console = Console(soft_wrap=True, highlight=False)
TRANSLATION = "Translation (--model cyclegan or pix2pix)"


def _translation(help: str, show_default: str | bool = False, least: float | None = None) -> Any:
    return typer.Option(help=help, show_default=show_default, min=least, rich_help_panel=TRANSLATION)


def train(
    output: Annotated[Path, typer.Option(help="The run's folder.", show_default=False)],
    preset: Annotated[
        str, typer.Option("--preset", "--model", help="A recipe; `keras-gan presets` lists them.")
    ] = "dcgan",
    data: Annotated[
        str | None,
        typer.Option(
            help="A name that `keras-gan datasets` lists, any TFDS name, or a folder of images.", show_default="digits"
        ),
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Passes over the data.", show_default="the preset's")
    ] = None,
    batch_size: Annotated[
        int | None,
        typer.Option(min=1, help="Images in one discriminator update.", show_default="the preset's"),
    ] = None,
    image_size: Annotated[
        int | None, typer.Option(min=1, help="Resize to squares of this size.", show_default="the data's own")
    ] = None,
    labels: Annotated[bool, typer.Option("--labels", help="Learn to draw by class label.")] = False,
    loss: Annotated[
        str | None,
        typer.Option(
            help="minimax, non_saturating, least_squares, wasserstein, hinge, relativistic or relativistic_average.",
            show_default="the preset's",
        ),
    ] = None,
    penalty: Annotated[
        list[str] | None,
        typer.Option(
            help="Of the discriminator: wgan_gp, r1, r2, dragan, weight_clipping or none; with a weight, as r1:0.5, "
            "or the limit of weight_clipping:0.01. May be repeated.",
            show_default="the preset's",
        ),
    ] = None,
    normalization: Annotated[
        str | None,
        typer.Option(
            help="In the discriminators: batch, instance, spectral or none, as the preset's network has it.",
            show_default="the preset's; none where a penalty needs that",
        ),
    ] = None,
    augmentation: Annotated[
        str | None,
        typer.Option(
            help="Of what the discriminator sees, for few images: diffaugment; or ada, whose strength can grow from 0 "
            "to 1 in 500,000 images, or with ada:100000 in so many.",
            show_default="none",
        ),
    ] = None,
    ema: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            help="Momentum of the average of the generator's weights, such as 0.999.",
            show_default="the preset's",
        ),
    ] = None,
    learning_rate: Annotated[
        float | None, typer.Option(min=0, help="Of all players.", show_default="the preset's")
    ] = None,
    d_steps: Annotated[
        int | None, typer.Option(min=1, help="Discriminator updates a step (k).", show_default="the preset's")
    ] = None,
    g_steps: Annotated[int | None, typer.Option(min=1, help="Generator updates a step.", show_default="1")] = None,
    filters: Annotated[
        int | None, typer.Option(min=1, help="Channels of the networks' widest images.", show_default="the preset's")
    ] = None,
    d_filters: Annotated[
        int | None, typer.Option(min=1, help="Of the discriminators alone.", show_default="--filters")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Use so many of the images.", show_default="all")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Fixes weights, noise and the order of images.")] = 0,
    jit: Annotated[bool, typer.Option("--jit", help="Compile the step with XLA.")] = False,
    deterministic: Annotated[
        bool, typer.Option("--deterministic", help="The same weights each time on one machine; slower on a GPU.")
    ] = False,
    held_out: Annotated[
        str | None,
        typer.Option(
            help="Images as --data, not trained on, to tell whether the discriminator learns those by heart.",
            show_default="the data's own test split, if any",
        ),
    ] = None,
    rollback: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Where training diverges or collapses, go back to its last good state and on with another setting, "
            "so many times at most.",
            show_default="0, only warn",
        ),
    ] = None,
    tensorboard: Annotated[bool, typer.Option("--tensorboard", help="Write OUTPUT/tensorboard as well.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run in OUTPUT if there is one.")] = False,
    x: Annotated[str | None, _translation("The images to translate from: as --data, or NAME:SPLIT.")] = None,
    y: Annotated[str | None, _translation("The images to translate into.")] = None,
    test_x: Annotated[
        str | None, _translation("Held-out images of X, to look at.", "X's own test split, if any")
    ] = None,
    test_y: Annotated[str | None, _translation("Held-out images of Y.", "Y's own test split, if any")] = None,
    blocks: Annotated[
        int | None, _translation("Residual blocks of CycleGAN's generators.", "6; from 256 px 9", 1)
    ] = None,
    receptive_field: Annotated[
        int | None, _translation("Pixels that a logit of the discriminators sees.", "70")
    ] = None,
    residual: Annotated[
        bool,
        typer.Option(
            "--residual",
            help="CycleGAN's generators learn what to change, from leaving images as they are.",
            rich_help_panel=TRANSLATION,
        ),
    ] = False,
    noise: Annotated[
        float | None,
        _translation("Deviation of noise on what CycleGAN's discriminators see; 0.1 helps --residual.", "0"),
    ] = None,
    shift: Annotated[
        bool,
        typer.Option(
            "--shift",
            help="CycleGAN's images are moved over white ground instead of cropped: for things on white.",
            rich_help_panel=TRANSLATION,
        ),
    ] = False,
    cycle_weight: Annotated[
        float | None, _translation("CycleGAN's lambda: lower lets the generators change more.", "10", 0)
    ] = None,
    identity_weight: Annotated[
        float | None, _translation("Of CycleGAN's identity terms, relative to --cycle-weight.", "0.5", 0)
    ] = None,
    augment: Annotated[
        bool, typer.Option("--augment/--no-augment", help="Random crops and flips.", rich_help_panel=TRANSLATION)
    ] = True,
) -> None:
    """Train a GAN on images, or a CycleGAN or pix2pix on two sets of them.

    OUTPUT/gan.keras is the newest whole model, written after each epoch; OUTPUT/samples shows what it drew, epoch by
    epoch, always from the same noise, or of the same images. Ctrl-C saves and says how to go on.
    Of a GAN that diverges, collapses or learns by heart a warning says what may help; OUTPUT/health.jsonl keeps it.

    Examples:
      keras-gan train --preset dcgan --data digits --output run

      keras-gan train --data photos/ --image-size 64 --epochs 100 --output run

      keras-gan train --model cyclegan --x photos/ --y monets/ --image-size 256 --output run
    """
    if output.exists() and not output.is_dir():
        raise FileExistsError(f"--output must be a folder. Received: {output}, which is a file")
    run = Run(output)
    going_on = run.model.exists()
    if going_on and not resume:
        raise FileExistsError(f"{run.model} is there already: pass --resume to go on with it, or another --output")
    recipe: dict[str, Any] = {
        "preset": preset,
        "epochs": epochs,
        "batch_size": batch_size,
        "image_size": image_size,
        "loss": loss,
        "penalty": list(penalty) if penalty else None,
        "normalization": normalization,
        "ema": ema,
        "learning_rate": learning_rate,
        "filters": filters,
        "d_filters": d_filters,
        "limit": limit,
        "seed": seed,
        "jit": jit,
        "deterministic": deterministic,
        "tensorboard": tensorboard,
    }
    drawing = {"data": data, "labels": labels, "d_steps": d_steps, "g_steps": g_steps}
    drawing |= {"augmentation": augmentation, "held_out": held_out, "rollback": rollback}
    translating: dict[str, Any] = {"x": x, "y": y, "test_x": test_x, "test_y": test_y}
    translating |= {"blocks": blocks, "residual": residual, "receptive_field": receptive_field, "augment": augment}
    translating |= {"noise": noise, "shift": shift, "cycle_weight": cycle_weight, "identity_weight": identity_weight}
    recipe = tasks.completed(recipe, drawing, translating)
    if going_on:
        begun_with = run.read_recipe()
        if not begun_with:
            raise FileNotFoundError(f"{run.recipe} is missing, which tells how the run in {output} began")
        fixed = [name for name in recipe if name not in {"epochs", "tensorboard", "held_out", "rollback"}]
        changed = [name for name in fixed if begun_with.get(name) != recipe[name]]
        if changed:
            others = ", ".join(f"{name} {recipe[name]} (was {begun_with.get(name)})" for name in changed)
            command = f"keras-gan resume {shlex.quote(str(output))}"
            raise ValueError(f"A run goes on with what it began with: `{command}` keeps that. Received: other {others}")
    _train(run, recipe)


def resume(
    run: Annotated[Path, typer.Argument(help="The run's folder.", show_default=False)],
    epochs: Annotated[
        int | None, typer.Option(min=1, help="The epoch to stop after.", show_default="as it began")
    ] = None,
) -> None:
    """Go on with a training that was interrupted, as if it had never stopped, or for more epochs.

    A translation's learning rate falls over the second half of all epochs: with more of them it rises again first.
    """
    recipe = Run(run).read_recipe()
    if not recipe or not Run(run).model.exists():
        raise FileNotFoundError(f"{run} holds no run to go on with: gan.keras or recipe.json is missing")
    _train(Run(run), recipe if epochs is None else {**recipe, "epochs": epochs})


@printed_warnings(console)
def _train(run: Run, recipe: dict[str, Any]) -> None:
    import_tensorflow()
    import keras
    import tensorflow as tf

    from keras_gan import callbacks

    signal.signal(signal.SIGTERM, interrupt)
    keras.utils.set_random_seed(recipe["seed"])
    if recipe["deterministic"]:
        tf.config.experimental.enable_op_determinism()
    task = tasks.of(recipe)
    model = load_trained(run.folder) if run.model.exists() else None
    data = task.load(0)
    model = model or task.new_model(data.element_spec)
    k = getattr(model, "d_steps", 1)
    batches = len(data) // k * k
    if batches == 0:
        raise ValueError(
            f"One step takes d_steps = {k} batches. Received: {len(data)} batches of {recipe['batch_size']}"
        )
    epoch, offset = divmod(_steps(model) * k, batches)
    epochs = recipe["epochs"]
    if epoch >= epochs:
        has = f"{escape(str(run.model))} has been trained for {epoch} epochs already"
        console.print(f"{has}; --epochs {epochs} asks for no more.")
        return
    task.set_schedule(model, epochs * batches)
    if epoch:
        del data  # a set in memory is not held twice
        data = task.load(epoch)
    done = epoch * batches + offset
    watchers = _watchers(run, recipe, task, goes_on=done > 0)
    run.folder.mkdir(parents=True, exist_ok=True)
    with run.alone():
        run.remove_unfinished()
        if not done:
            run.health.unlink(missing_ok=True)
        run.write_recipe(recipe)
        console.print(
            f"Training [bold]{recipe['preset']}[/] on [bold]{escape(task.title)}[/]: {batches} batches of "
            f"{recipe['batch_size']} images of {'x'.join(map(str, model.image_shape))} an epoch, "
            f"epochs {epoch + 1} to {epochs}. Pictures: {escape(str(run.samples))}"
        )
        folder = escape(shlex.quote(str(run.folder)))
        progress = callbacks.Progress(run.samples, done, epochs * batches, epochs, console)
        try:
            with between_steps() as interruption:
                _fit(model, data.take(batches), epoch, offset, epochs, [*watchers, progress, interruption])
        except KeyboardInterrupt:
            progress.close()
            model.save(run.model)
            console.print(
                f"\nInterrupted after {_steps(model)} steps and saved as {escape(str(run.model))}.\n"
                f"Go on with: [bold]keras-gan resume {folder}[/]"
            )
            raise typer.Exit(130) from None
        finally:
            progress.close()
    console.print(f"Model, pictures and figures: [bold]{escape(str(run.folder))}[/]")
    console.print(f"Next: [bold]{task.next_command.format(folder)}[/]  or  [bold]keras-gan export {folder}[/]")


def _fit(model: AdversarialModel, data: Any, epoch: int, offset: int, epochs: int, watchers: list[Any]) -> None:
    """Train to the end of the last epoch, from the batch `offset` of the first."""
    if offset:  # each iteration over the data is the next epoch's, so the rest of this one comes first
        model.fit(data.skip(offset), initial_epoch=epoch, epochs=epoch + 1, verbose=0, callbacks=watchers)
        epoch += 1
    model.fit(data, initial_epoch=epoch, epochs=epochs, verbose=0, callbacks=watchers)


def _steps(model: AdversarialModel) -> int:
    """How many steps a model was trained for, each of them `g_steps` updates of the generator."""
    return int(model.g_optimizer.iterations) // getattr(model, "g_steps", 1)


def _watchers(run: Run, recipe: dict[str, Any], task: tasks.Task, goes_on: bool) -> list[Any]:
    """What looks at the model, and keeps it and the figures; the health first, which may put the model right."""
    import keras

    from keras_gan.cli.history_file import HistoryFile

    watchers = [task.health(run.health), task.pictures(run.samples, run.tensorboard if recipe["tensorboard"] else None)]
    watchers += [keras.callbacks.ModelCheckpoint(run.model), HistoryFile(run.history, append=goes_on)]
    watchers += [keras.callbacks.TensorBoard(run.tensorboard)] if recipe["tensorboard"] else []
    return [watcher for watcher in watchers if watcher is not None]
