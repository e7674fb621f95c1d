"""`keras-gan train` and `keras-gan resume`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated, Any

import typer

from keras_gan import config as configs
from keras_gan.cli.training.config_flags import (
    DATA,
    RUN,
    START,
    TRAINING,
    ConfigCommand,
    changes_of,
    field_option,
    starting_config,
)
from keras_gan.cli.training.data_places import resolve_places
from keras_gan.config import TrainingConfig

__all__ = ["ConfigCommand", "resume", "train"]

ACCEPT = "--accept-changed-data"
ACCEPT_HELP = "Continue on images that have changed since the run was started. The changes are printed."


def train(
    output: Annotated[Path, typer.Option(help="Folder to write the run to.", show_default=False, rich_help_panel=RUN)],
    config: Annotated[
        Path | None,
        typer.Argument(help="YAML file with the settings, such as RUN/config.yaml.", show_default="the preset"),
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option(
            "--preset",
            "--model",
            help="Preset to start from. `keras-gan presets` lists them.",
            show_default="dcgan",
            rich_help_panel=START,
        ),
    ] = None,
    init: Annotated[str | None, field_option("init", START, False, metavar="RUN|FILE|NAME")] = None,
    freeze_d: Annotated[int | None, field_option("freeze_d", START, "0")] = None,
    data: Annotated[str | None, field_option("data.name", DATA, "digits")] = None,
    x: Annotated[str | None, field_option("data.x", DATA, False)] = None,
    y: Annotated[str | None, field_option("data.y", DATA, False)] = None,
    labels: Annotated[bool, field_option("data.labels", DATA, False, "--labels")] = False,
    image_size: Annotated[
        str | None, field_option("data.image_size", DATA, "the data's own", metavar="SIZE|HEIGHTxWIDTH")
    ] = None,
    channels: Annotated[int | None, field_option("data.channels", DATA, False, metavar="1|3|4")] = None,
    value_range: Annotated[
        tuple[float, float] | None, field_option("data.value_range", DATA, False, metavar="BLACK WHITE")
    ] = None,
    limit: Annotated[int | None, field_option("data.limit", DATA, "all")] = None,
    epochs: Annotated[int | None, field_option("epochs", TRAINING)] = None,
    batch_size: Annotated[int | None, field_option("batch_size", TRAINING)] = None,
    learning_rate: Annotated[
        float | None,
        typer.Option(help="Learning rate of all optimizers.", show_default="the preset's", rich_help_panel=TRAINING),
    ] = None,
    seed: Annotated[int | None, field_option("seed", TRAINING, "0")] = None,
    deterministic: Annotated[bool, field_option("deterministic", TRAINING, False, "--deterministic")] = False,
    overrides: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="PATH=VALUE",
            help="Set any field of the config, such as discriminator.filters=32. The value is YAML. Repeat for more. "
            "`keras-gan presets NAME` prints all fields.",
            show_default=False,
            rich_help_panel=START,
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue the run in OUTPUT if there is one.", rich_help_panel=RUN)
    ] = False,
    accept_changed_data: Annotated[bool, typer.Option(ACCEPT, help=ACCEPT_HELP, rich_help_panel=RUN)] = False,
) -> None:
    r"""Train a GAN on images, or a CycleGAN or pix2pix model on two sets of images.

    The settings come from a preset or a config file. Options and --set change
    single settings.

    --init starts from a trained GAN. Without a preset and a config file, its
    settings are used too. The command lists the layers that do not fit, such as
    those of other classes. They start untrained.

    OUTPUT/config.yaml has all settings. Train from it to repeat the training.
    OUTPUT/gan.keras is the newest model, saved after each epoch.
    OUTPUT/samples has pictures of generated images for each epoch.
    Ctrl-C saves the model and prints how to continue.

    Examples:
      keras-gan train --preset dcgan --data digits --output run

      keras-gan train --data photos/ --image-size 64 --epochs 100 --output run

      keras-gan train --init digits --freeze-d 1 --data letters/ --output run

      keras-gan train --preset r3gan --set generator.filters=64 \
          --set discriminator.filters=64 --output run

      keras-gan train --preset sngan --set augmentation=diffaugment \
          --set ema.momentum=0.999 --output run

      keras-gan train --model cyclegan --x photos/ --y monets/ \
          --image-size 256 --output run

      keras-gan train run/config.yaml --output again
    """
    flags: dict[str, Any] = {
        "data": data,
        "x": x,
        "y": y,
        "labels": labels or None,
        "image_size": image_size,
        "channels": channels,
        "value_range": None if value_range is None else list(value_range),
        "limit": limit,
        "init": init,
        "freeze_d": freeze_d,
    }
    flags |= {"epochs": epochs, "batch_size": batch_size, "learning_rate": learning_rate, "seed": seed}
    flags |= {"deterministic": deterministic or None}
    start = starting_config(config, preset, init)
    asked = configs.with_changes(start, changes_of(start, flags, overrides or ()))
    _start_or_resume(output, resolve_places(asked), resume, accept_changed_data)


def resume(
    run: Annotated[Path, typer.Argument(help="Folder of the run.", show_default=False)],
    epochs: Annotated[int | None, field_option("epochs", None, "as the run started")] = None,
    accept_changed_data: Annotated[bool, typer.Option(ACCEPT, help=ACCEPT_HELP)] = False,
) -> None:
    """Continue an interrupted training as if it had never stopped, or train for more epochs.

    The learning rate of a translation model falls over the second half of all epochs. With more epochs it rises first.
    """
    from keras_gan.cli.run import Run
    from keras_gan.cli.training.run_training import train_run

    folder = Run(run)
    config = folder.read_config()
    if config is None or not folder.model.exists():
        raise FileNotFoundError(f"Expected a run with gan.keras and config.yaml. Received: {run}, which holds no run")
    changes: dict[str, Any] = {} if epochs is None else {"epochs": epochs}
    train_run(folder, configs.with_changes(config, changes), accept_changed_data)


def _start_or_resume(output: Path, config: TrainingConfig, resume: bool, accept_changed_data: bool) -> None:
    if output.exists() and not output.is_dir():
        raise FileExistsError(f"--output must be a folder. Received: {output}, which is a file")
    from keras_gan.cli.run import Run
    from keras_gan.cli.training.run_training import train_run

    run = Run(output)
    if run.model.exists():
        if not resume:
            raise FileExistsError(f"{run.model} exists. Pass --resume to continue it, or another --output")
        before = run.read_config()
        if before is None:
            raise FileNotFoundError(f"A run resumes with its config. Received: {output} without config.yaml")
        config = configs.with_changes(config, _resolved(before, config))
        configs.check_resume(before, config, f"keras-gan resume {shlex.quote(str(output))}")
    train_run(run, config, accept_changed_data)


def _resolved(before: TrainingConfig, now: TrainingConfig) -> dict[str, Any]:
    """Returns the channels and ranges that a run found in its images, for fields that are not given."""
    names = [f"{domain}{field}" for domain in ("", "x_", "y_") for field in ("channels", "value_range")]
    both = [name for name in names if hasattr(now.data, name) and hasattr(before.data, name)]
    given = any(getattr(now.data, name) is not None for name in both)
    return {} if given else {f"data.{name}": getattr(before.data, name) for name in both}
