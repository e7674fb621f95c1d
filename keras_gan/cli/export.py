"""The command `keras-gan export`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from keras_gan.artifacts.formats import DEFAULT_FORMATS, FORMAT_INFOS, MIN_PSNR, TARGETS
from keras_gan.cli.about import Statements, about
from keras_gan.cli.run import ModelPath, Run, load_trained
from keras_gan.cli.training.translation_task import TranslationTask
from keras_gan.config import TrainingConfig
from keras_gan.config.translation import TranslationConfig

# The number of real images that a translator is compared on.
EXAMPLES = 64
_MIN_PSNR = ", ".join(f"{precision}={least:g}" for precision, least in MIN_PSNR.items())


def export(
    model: ModelPath,
    output: Annotated[
        Path, typer.Option(help="Folder of all models. The export is written to OUTPUT/NAME/VERSION.")
    ] = Path("exported"),
    formats: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            help=f"Format: {', '.join(FORMAT_INFOS)}. Repeat for more.",
            show_default=f"{', '.join(DEFAULT_FORMATS)}; with --target none",
        ),
    ] = None,
    targets: Annotated[
        list[str] | None,
        typer.Option(
            "--target",
            help=f"Target of the deployment: {', '.join(TARGETS)}. All its formats are written instead of the default "
            "ones, and --format adds others. Formats that do not support the generator are reported. Repeat for more.",
            show_default="none",
        ),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(
            help="Name to serve the model under. If both generators are exported, -g and -f are added.",
            show_default="the model's name",
        ),
    ] = None,
    version: Annotated[
        int | None, typer.Option(min=1, help="Version number that does not exist yet.", show_default="the next one")
    ] = None,
    tolerance: Annotated[
        float, typer.Option(min=0.0, help="Largest allowed difference of a float32 pixel from Keras.")
    ] = 1e-4,
    min_psnr: Annotated[
        list[str] | None,
        typer.Option(
            help="Least allowed PSNR of a reduced precision, in dB, such as int8=25. Repeat for more.",
            show_default=_MIN_PSNR,
        ),
    ] = None,
    opset: Annotated[int, typer.Option(min=13, max=21, help="Version of the ONNX operator set.")] = 17,
    generator: Annotated[
        str | None,
        typer.Option(
            help="Generator of a model that translates images: g from X to Y; f from Y to X (CycleGAN only).",
            show_default="all",
        ),
    ] = None,
    image_sizes: Annotated[
        list[str] | None,
        typer.Option(
            "--image-size",
            help="Image size in pixels, for a model that translates images: 256 or HEIGHTxWIDTH. The files are "
            "compared at this size, and TFLite files support it. Repeat for more.",
            show_default="the training size",
        ),
    ] = None,
    model_license: Annotated[
        str | None,
        typer.Option(
            "--license", help='Licence of the exported files, such as "CC BY 4.0".', show_default="not stated"
        ),
    ] = None,
    data_license: Annotated[
        list[str] | None,
        typer.Option(
            help="Licence of the training images. Repeat it if X and Y have different licences.",
            show_default="from the catalogue of data sets",
        ),
    ] = None,
    intended_use: Annotated[
        str | None, typer.Option(help="Intended use, for the model card.", show_default="not stated")
    ] = None,
    limit: Annotated[
        list[str] | None,
        typer.Option(
            help="Use that the model card advises against, in addition to the standard ones. Repeat for more."
        ),
    ] = None,
    known_failure: Annotated[
        list[str] | None,
        typer.Option(
            help="Known failure, for the model card. Failures that the training reported are added. Repeat for more.",
        ),
    ] = None,
) -> None:
    r"""Export the generator to SavedModel, TFLite and ONNX, and compare with Keras.

    Each file is run in its own runtime, and its images are compared with those
    of Keras. If one file differs too much, nothing is written and the exit code
    is 1. Both generators of a CycleGAN are exported. The manifest and the model
    card have the training data and their licence. They also have the metrics of
    `keras-gan evaluate`, if the run was evaluated.

    --target mobile and --target onnx write files in reduced precision too. They
    have a half or a quarter of the size. The report has the PSNR of each.

    Examples:
      keras-gan export run --output exported --name digits

      keras-gan export run --target mobile --target onnx --min-psnr int8=25

      keras-gan export run --data-license "CC BY 4.0" --license "CC BY 4.0" \
          --intended-use "Backgrounds for our game"
    """
    sizes = [_size(text) for text in image_sizes] if image_sizes else None
    least = dict(_least(text) for text in min_psnr or ())
    from keras_gan.export import export_generator

    console = Console(soft_wrap=True, highlight=False)
    network = load_trained(model)
    run = Run(model) if model.is_dir() else None
    config = run.read_config() if run else None
    statements = Statements(data_license or (), model_license, intended_use, limit or (), known_failure or ())
    if model_license is None:
        console.print("[yellow]Note:[/] the licence of the exported files is not stated. State it with --license")
    for direction in _directions(network, generator):
        facts, notes = about(run, config, statements, direction)
        for note in notes:
            console.print(f"[yellow]Note:[/] {escape(note)}")
        arguments: dict[str, Any] = {"name": name, "generator": direction, "image_sizes": sizes}
        if direction is not None:
            arguments["examples"] = _examples(config, direction, console)
            if name is not None and generator is None and len(_directions(network, generator)) > 1:
                arguments["name"] = f"{name}-{direction}"
        with console.status("exporting") as status:
            report = export_generator(
                network,
                output,
                formats=formats or None,
                targets=targets or None,
                version=version,
                tolerance=tolerance,
                about=facts,
                min_psnr=least,
                opset=opset,
                training=None if config is None else {**network.training_record(), "run": config.model_dump()},
                progress=status.update,
                **arguments,
            )
        console.print(report.table())
        for format, note in {a.format: a.note for a in report.manifest.artifacts if a.note}.items():
            console.print(f"[yellow]{format}:[/] {escape(note)}")
        for format, reason in report.manifest.skipped.items():
            console.print(f"[yellow]Skipped:[/] {format}: {escape(reason)}")
        console.print(f"Exported: [bold]{escape(str(report.path))}[/]")


def _directions(model: Any, generator: str | None) -> list[str | None]:
    """Returns the generators to export; None for the only one of a GAN."""
    return list(model.translators) if generator is None and hasattr(model, "translators") else [generator]


def _examples(config: TrainingConfig | None, generator: str, console: Console) -> Any:
    """Returns held-out images of the run to compare a generator on; None if they are not on this machine.

    Args:
        config: Config of the run, or None.
        generator: "g" for images of X, "f" for images of Y.
        console: Console for a note if the images are not there.
    """
    if not isinstance(config, TranslationConfig):
        return None
    try:
        x, y = TranslationTask(config).held_out(EXAMPLES)
    except (ValueError, OSError, ImportError, RuntimeError) as error:
        console.print(f"[yellow]Compared on synthetic images, without those of the run:[/] {escape(str(error))}")
        return None
    return x if generator == "g" else y


def _size(text: str) -> tuple[int, int]:
    if not re.fullmatch(r"\d{1,5}(x\d{1,5})?", text):
        raise typer.BadParameter(f"--image-size must be a number or HEIGHTxWIDTH, such as 192x256. Received: {text}")
    height, _, width = text.partition("x")
    return int(height), int(width or height)


def _least(text: str) -> tuple[str, float]:
    precision, _, least = text.partition("=")
    try:
        return precision, float(least)
    except ValueError:
        raise typer.BadParameter(f"--min-psnr must be PRECISION=DB, such as int8=25. Received: {text}") from None
