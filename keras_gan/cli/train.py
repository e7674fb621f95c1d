"""`keras-gan train` and `keras-gan resume`."""

from __future__ import annotations

import shlex
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from keras_gan.cli.run import Run, import_tensorflow, load_model
from keras_gan.datasets.catalogue import PACKAGED

if TYPE_CHECKING:
    from keras_gan.gan import GAN

console = Console(soft_wrap=True, highlight=False)


def train(
    output: Annotated[Path, typer.Option(help="The run's folder.", show_default=False)],
    preset: Annotated[str, typer.Option(help="A recipe; `keras-gan presets` lists them.")] = "dcgan",
    data: Annotated[
        str, typer.Option(help="A name that `keras-gan datasets` lists, any TFDS name, or a folder of images.")
    ] = "digits",
    epochs: Annotated[int, typer.Option(min=1, help="Passes over the data.")] = 20,
    batch_size: Annotated[int, typer.Option(min=1, help="Images in one discriminator update.")] = 64,
    image_size: Annotated[
        int | None, typer.Option(min=1, help="Resize to squares of this size.", show_default="the data's own")
    ] = None,
    labels: Annotated[bool, typer.Option("--labels", help="Learn to draw by class label.")] = False,
    loss: Annotated[str | None, typer.Option(help="minimax or non_saturating.", show_default="the preset's")] = None,
    d_steps: Annotated[
        int | None, typer.Option(min=1, help="Discriminator updates a step (k).", show_default="the preset's")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Use so many of the images.", show_default="all")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Fixes weights, noise and the order of images.")] = 0,
    jit: Annotated[bool, typer.Option("--jit", help="Compile the step with XLA.")] = False,
    deterministic: Annotated[
        bool, typer.Option("--deterministic", help="The same weights each time on one machine; slower on a GPU.")
    ] = False,
    tensorboard: Annotated[bool, typer.Option("--tensorboard", help="Write OUTPUT/tensorboard as well.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run in OUTPUT if there is one.")] = False,
) -> None:
    """Train a GAN on images.

    OUTPUT/gan.keras is the newest whole model, written after each epoch; OUTPUT/samples shows what it drew, epoch by
    epoch, from the same noise. Ctrl-C saves and says how to go on.

    Examples:
      keras-gan train --preset dcgan --data digits --output run

      keras-gan train --data photos/ --image-size 64 --epochs 100 --output run
    """
    if output.exists() and not output.is_dir():
        raise FileExistsError(f"--output must be a folder. Received: {output}, which is a file")
    run = Run(output)
    going_on = run.model.exists()
    if going_on and not resume:
        raise FileExistsError(f"{run.model} is there already: pass --resume to go on with it, or another --output")
    recipe: dict[str, Any] = {
        "preset": preset,
        "data": _absolute(data),
        "epochs": epochs,
        "batch_size": batch_size,
        "image_size": image_size,
        "labels": labels,
        "loss": loss,
        "d_steps": d_steps,
        "limit": limit,
        "seed": seed,
        "jit": jit,
        "deterministic": deterministic,
        "tensorboard": tensorboard,
    }
    if going_on:
        begun_with = run.read_recipe()
        if not begun_with:
            raise FileNotFoundError(f"{run.recipe} is missing, which tells how the run in {output} began")
        fixed = [name for name in recipe if name not in {"epochs", "tensorboard"}]
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
    """Go on with a training that was interrupted, or for more epochs, as if it had never stopped."""
    recipe = Run(run).read_recipe()
    if not recipe or not Run(run).model.exists():
        raise FileNotFoundError(f"{run} holds no run to go on with: gan.keras or recipe.json is missing")
    _train(Run(run), recipe if epochs is None else {**recipe, "epochs": epochs})


def _train(run: Run, recipe: dict[str, Any]) -> None:
    import_tensorflow()
    import keras
    import tensorflow as tf

    from keras_gan import callbacks, datasets

    signal.signal(signal.SIGTERM, _interrupt)
    keras.utils.set_random_seed(recipe["seed"])
    if recipe["deterministic"]:
        tf.config.experimental.enable_op_determinism()
    gan = load_model(run.folder) if run.model.exists() else None

    def load(first_epoch: int) -> tf.data.Dataset:
        return datasets.load(
            recipe["data"],
            image_size=recipe["image_size"],
            batch_size=recipe["batch_size"],
            labels=recipe["labels"],
            limit=recipe["limit"],
            seed=recipe["seed"],
            start_epoch=first_epoch,
        )

    data = load(0)
    gan = gan or _new_gan(recipe, data.element_spec)
    k = gan.d_steps
    batches = len(data) // k * k
    if batches == 0:
        raise ValueError(
            f"One step takes d_steps = {k} batches. Received: {len(data)} batches of {recipe['batch_size']}"
        )
    epoch, offset = divmod(int(gan.g_optimizer.iterations) * k, batches)
    epochs = recipe["epochs"]
    if epoch >= epochs:
        has = f"{escape(str(run.model))} has been trained for {epoch} epochs already"
        console.print(f"{has}; --epochs {epochs} asks for no more.")
        return
    if epoch:
        del data  # a set in memory is not held twice
        data = load(epoch)
    run.folder.mkdir(parents=True, exist_ok=True)
    run.remove_unfinished()
    run.write_recipe(recipe)
    console.print(
        f"Training [bold]{recipe['preset']}[/] on [bold]{escape(recipe['data'])}[/]: {batches} batches of "
        f"{recipe['batch_size']} images of {'x'.join(map(str, gan.image_shape))} an epoch, "
        f"epochs {epoch + 1} to {epochs}. Pictures: {escape(str(run.samples))}"
    )
    folder = escape(shlex.quote(str(run.folder)))
    done = epoch * batches + offset
    progress = callbacks.Progress(run.samples, done, epochs * batches, epochs, console)
    watchers: list[keras.callbacks.Callback] = [
        callbacks.SampleGrid(run.samples, tensorboard=run.tensorboard if recipe["tensorboard"] else None),
        keras.callbacks.ModelCheckpoint(run.model),
        keras.callbacks.CSVLogger(run.history, append=done > 0),
        progress,
    ]
    if recipe["tensorboard"]:
        watchers.append(keras.callbacks.TensorBoard(run.tensorboard))
    try:
        if offset:  # each iteration over the data is the next epoch's, so the rest of this one comes first
            rest = data.take(batches).skip(offset)
            gan.fit(rest, initial_epoch=epoch, epochs=epoch + 1, verbose=0, callbacks=watchers)
            epoch += 1
        gan.fit(data.take(batches), initial_epoch=epoch, epochs=epochs, verbose=0, callbacks=watchers)
    except KeyboardInterrupt:
        progress.close()
        gan.save(run.model)
        console.print(
            f"\nInterrupted after {int(gan.g_optimizer.iterations)} steps and saved as {escape(str(run.model))}.\n"
            f"Go on with: [bold]keras-gan resume {folder}[/]"
        )
        raise typer.Exit(130) from None
    finally:
        progress.close()
    console.print(f"Model, pictures and figures: [bold]{escape(str(run.folder))}[/]")
    console.print(f"Next: [bold]keras-gan walk {folder}[/]  or  [bold]keras-gan export {folder}[/]")


def _new_gan(recipe: dict[str, Any], spec: Any) -> GAN:
    from keras_gan import datasets, presets

    images = spec[0] if recipe["labels"] else spec
    chosen = {key: recipe[key] for key in ("loss", "d_steps") if recipe[key] is not None}
    if recipe["jit"]:
        chosen["jit_compile"] = True
    return presets.load(
        recipe["preset"],
        image_shape=tuple(images.shape[1:]),
        num_classes=datasets.info(recipe["data"]).num_classes if recipe["labels"] else None,
        seed=recipe["seed"],
        **chosen,
    )


def _interrupt(*_: Any) -> None:
    raise KeyboardInterrupt


def _absolute(data: str) -> str:
    """A folder by its whole path, so that a run can be resumed from anywhere; a name as it is."""
    folder = Path(data).expanduser()
    return data if data in PACKAGED or not folder.is_dir() else str(folder.resolve())
