"""`keras-gan export`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from keras_gan.cli import tasks
from keras_gan.cli.about import Told, about
from keras_gan.cli.run import ModelPath, Run, load_trained

# Real images to compare a translator on.
EXAMPLES = 64


def export(
    model: ModelPath,
    output: Annotated[Path, typer.Option(help="The models' folder; NAME/VERSION is made in it.")] = Path("exported"),
    formats: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            help="saved_model, tflite or onnx, or one of lower precision such as tflite_int8; give it again for more.",
            show_default="the first three",
        ),
    ] = None,
    targets: Annotated[
        list[str] | None,
        typer.Option(
            "--target",
            help="tf_serving, mobile or onnx: all formats to choose from there; give it again for more. What a "
            "generator cannot be written in is told.",
            show_default="none",
        ),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(
            help="What it is served as; of two generators, with -g and -f after it.", show_default="the model's name"
        ),
    ] = None,
    version: Annotated[int | None, typer.Option(min=1, help="A number.", show_default="the next free")] = None,
    tolerance: Annotated[float, typer.Option(min=0.0, help="The largest error of a float32 pixel that passes.")] = 1e-4,
    min_psnr: Annotated[
        list[str] | None,
        typer.Option(
            help="The least PSNR in dB that passes of a lower precision, such as int8=25; give it again for more.",
            show_default="float16=40, of others 30",
        ),
    ] = None,
    opset: Annotated[int, typer.Option(min=13, max=21, help="The operator set of ONNX.")] = 17,
    generator: Annotated[
        str | None,
        typer.Option(
            help="Of a model that translates images: g from X to Y or, of a CycleGAN, f from Y to X.",
            show_default="all it has",
        ),
    ] = None,
    image_sizes: Annotated[
        list[str] | None,
        typer.Option(
            "--image-size",
            help="Of a model that translates images: 256, or HEIGHTxWIDTH, to compare at and to write TFLite for; give "
            "it again for more.",
            show_default="the size it was trained at",
        ),
    ] = None,
    data_license: Annotated[
        list[str] | None,
        typer.Option(
            help="The licence of the training images; of a translation also twice, for X and for Y.",
            show_default="as the catalogue of data sets has it",
        ),
    ] = None,
    intended_use: Annotated[
        str | None, typer.Option(help="What the model is for, for its card.", show_default="not stated")
    ] = None,
    limit: Annotated[
        list[str] | None,
        typer.Option(help="What it must not be used for, besides what holds for any; give it again for more."),
    ] = None,
    known_failure: Annotated[
        list[str] | None,
        typer.Option(
            help="Where it goes wrong; give it again for more. Findings of the training are told anyhow.",
        ),
    ] = None,
) -> None:
    """Export the generator to SavedModel, TFLite and ONNX, and prove that all draw the same images.

    Each file is run in its own runtime and compared with Keras. If one differs, nothing is written and the exit code
    is 1. Of a CycleGAN both generators are exported. The manifest and the model card tell of the data and their
    licence, and of the figures of `keras-gan evaluate` if the run has them.

    With --target, files of half and of a quarter of the size come besides, each with its PSNR.

    Examples:
      keras-gan export run --output exported --name digits

      keras-gan export run --target mobile --target onnx --min-psnr int8=25

      keras-gan export run --data-license "CC BY 4.0" --intended-use "Backgrounds for our game"
    """
    sizes = [_size(text) for text in image_sizes] if image_sizes else None
    least = dict(_least(text) for text in min_psnr or ())
    from keras_gan.export import export_generator

    console = Console(soft_wrap=True, highlight=False)
    network = load_trained(model)
    run = Run(model) if model.is_dir() else None
    recipe = run.read_recipe() if run else {}
    told = Told(data_license or (), intended_use, limit or (), known_failure or ())
    for direction in _directions(network, generator):
        account, notes = about(run, recipe, told, direction)
        for note in notes:
            console.print(f"[yellow]Note:[/] {escape(note)}")
        arguments: dict[str, Any] = {"name": name, "generator": direction, "image_sizes": sizes}
        if direction is not None:
            arguments["examples"] = _examples(recipe, direction, console)
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
                about=account,
                min_psnr=least,
                opset=opset,
                recipe={**network.training_record(), "run": recipe} if recipe else None,
                progress=status.update,
                **arguments,
            )
        console.print(report.table())
        for format, note in {a.format: a.note for a in report.manifest.artifacts if a.note}.items():
            console.print(f"[yellow]{format}:[/] {escape(note)}")
        for format, reason in report.manifest.skipped.items():
            console.print(f"[yellow]Not written:[/] {format}: {escape(reason)}")
        console.print(f"Exported: [bold]{escape(str(report.path))}[/]")


def _directions(model: Any, generator: str | None) -> list[str | None]:
    """The generators to export; `None` for a GAN's only one."""
    return list(model.translators) if generator is None and hasattr(model, "translators") else [generator]


def _examples(recipe: dict[str, Any], generator: str, console: Console) -> Any:
    """Real images for `generator` to be compared on, those that the run holds out; `None` if they are not here.

    Args:
        recipe: The run's, or an empty one.
        generator: "g" takes images of X, "f" of Y.
        console: Where to say that they are not here.
    """
    if "x" not in recipe:
        return None
    try:
        x, y = tasks.Translating(recipe).held_out(EXAMPLES)
    except (ValueError, OSError, ImportError, RuntimeError) as error:
        console.print(f"[yellow]Compared on drawn images, as the run's are not here:[/] {escape(str(error))}")
        return None
    return x if generator == "g" else y


def _size(text: str) -> tuple[int, int]:
    if not re.fullmatch(r"\d{1,5}(x\d{1,5})?", text):
        raise typer.BadParameter(f"--image-size takes one such as 256, or 192x256 (height x width). Received: {text}")
    height, _, width = text.partition("x")
    return int(height), int(width or height)


def _least(text: str) -> tuple[str, float]:
    precision, _, least = text.partition("=")
    try:
        return precision, float(least)
    except ValueError:
        raise typer.BadParameter(f"--min-psnr takes one such as int8=25. Received: {text}") from None
