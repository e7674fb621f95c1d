"""`keras-gan export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from keras_gan.cli.run import ModelPath, Run, load_model

FORMATS = ("saved_model", "tflite", "onnx")


def export(
    model: ModelPath,
    output: Annotated[Path, typer.Option(help="The models' folder; NAME/VERSION is made in it.")] = Path("exported"),
    formats: Annotated[
        list[str] | None,
        typer.Option("--format", help="saved_model, tflite or onnx; give it again for more.", show_default="all"),
    ] = None,
    name: Annotated[str | None, typer.Option(help="What it is served as.", show_default="the model's name")] = None,
    version: Annotated[int | None, typer.Option(min=1, help="A number.", show_default="the next free")] = None,
    tolerance: Annotated[float, typer.Option(min=0.0, help="The largest error of a pixel that passes.")] = 1e-4,
) -> None:
    """Export the generator to SavedModel, TFLite and ONNX, and prove that all draw the same images.

    Each file is run in its own runtime and compared with Keras. If one differs, nothing is written and the exit code
    is 1.

    Example: keras-gan export run --output exported --name digits
    """
    from keras_gan.export import export_generator

    console = Console(soft_wrap=True, highlight=False)
    gan = load_model(model)
    recipe = Run(model).read_recipe() if model.is_dir() else {}
    with console.status("exporting") as status:
        report = export_generator(
            gan,
            output,
            formats=tuple(formats or FORMATS),
            name=name,
            version=version,
            tolerance=tolerance,
            recipe={**gan.recipe(), "run": recipe} if recipe else None,
            progress=status.update,
        )
    console.print(report.table())
    console.print(f"Exported: [bold]{escape(str(report.path))}[/]")
