"""`keras-gan evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from keras_gan.cli.evaluate_generator import evaluate_generator
from keras_gan.cli.evaluate_translation import evaluate_translation
from keras_gan.cli.exported import is_keras, load_exported
from keras_gan.cli.printed_warnings import printed_warnings
from keras_gan.cli.run import Run, load_trained

GENERATORS = "Generators (drawing from noise)"
TRANSLATIONS = "Translations"


def _generator(help: str, *names: str, **options: Any) -> Any:
    return typer.Option(*names, help=help, rich_help_panel=GENERATORS, **options)


def _translation(help: str, *names: str, **options: Any) -> Any:
    return typer.Option(*names, help=help, rich_help_panel=TRANSLATIONS, **options)


def evaluate(
    model: Annotated[
        Path,
        typer.Argument(
            help="A run's folder or a .keras file; or an exported model: its folder, one version's, or a file.",
            show_default=False,
            metavar="MODEL",
        ),
    ],
    format: Annotated[
        str | None, typer.Option(help="Of an exported model: onnx, tflite or saved_model.", show_default="any")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(help="A JSON file for the figures.", show_default="RUN/evaluation.json, for f evaluation-f.json"),
    ] = None,
    data: Annotated[
        str | None,
        _generator("Real images: as of `keras-gan train`, or NAME:SPLIT.", show_default="what it was trained on"),
    ] = None,
    held_out: Annotated[
        str | None,
        _generator(
            "Real images that it was not trained on: tells whether it copies those that it was.", show_default="none"
        ),
    ] = None,
    images: Annotated[int, _generator("How many are drawn, and at most how many real ones.", "--images", min=6)] = 5000,
    seed: Annotated[int, _generator("What is drawn, and the subsets of KID.", "--seed", min=0, max=2**31 - 1)] = 0,
    batch_size: Annotated[
        int, _generator("Images in a network at a time; changes no figure.", "--batch-size", min=1)
    ] = 32,
    extractor: Annotated[
        str,
        _generator(
            "What describes an image: efficientnet; efficientnet:SIZE, quicker below its 224 pixels; inception, "
            "Keras's, which is downloaded, or inception:FILE; or pixels.",
            "--extractor",
        ),
    ] = "efficientnet",
    inception_score: Annotated[
        bool, _generator("Of photographs: how sure EfficientNet-Lite0 is of their classes.", "--inception-score")
    ] = False,
    neighbours: Annotated[
        Path | None,
        _generator("A PNG of drawn images, each beside the real ones most like it.", show_default="RUN/neighbours.png"),
    ] = None,
    compare: Annotated[
        Path | None,
        _generator(
            "The JSON of another evaluation to compare with; refused if it was measured otherwise.",
            show_default="none",
        ),
    ] = None,
    x: Annotated[
        str | None, _translation("Held-out images of X: a folder, or NAME:SPLIT.", show_default="the run's")
    ] = None,
    y: Annotated[str | None, _translation("Held-out images of Y.", show_default="the run's")] = None,
    generator: Annotated[
        str | None, _translation("Of a CycleGAN's run: g from X to Y, or f from Y to X.", show_default="g")
    ] = None,
    paired: Annotated[
        bool | None,
        _translation("Whether the images are pairs.", "--paired/--unpaired", show_default="where X and Y tell"),
    ] = None,
    image_size: Annotated[
        int | None, _translation("Resize to squares of this size.", min=1, show_default="the run's")
    ] = None,
    limit: Annotated[int | None, _translation("Use so many of the images.", min=2, show_default="all")] = None,
) -> None:
    """Measure how good the images are, of a model that was trained or of any file that was exported from it.

    KID and Frechet distance say how alike the images and real ones are, on the features of EfficientNet-Lite0 (they
    are not FID, and compare with no FID); precision and density, whether each is like a real one; recall and coverage,
    whether real ones of all kinds are drawn. Each figure is printed and kept with the protocol that it depends on.

    A translation is measured on held-out images, beside leaving them as they are. Where the images are pairs, top-1 and
    top-5 say how often a translated image finds its true partner among all of Y, and the feature distance how near it
    is.

    Examples:
      keras-gan evaluate run

      keras-gan evaluate exported/digits --format tflite --compare run/evaluation.json

      keras-gan evaluate exported/cyclegan-g --format tflite --x emoji/google:test --y emoji/twitter:test
    """
    of_generators = {"data": data, "held_out": held_out, "neighbours": neighbours, "compare": compare}
    of_translations = {"generator": generator, "paired": paired, "image_size": image_size, "limit": limit}
    with printed_warnings(Console(soft_wrap=True, highlight=False)):
        if x is None and y is None and not _translates(model, format):
            _refuse(model, "draws from noise", of_translations)
            evaluate_generator(
                model,
                format,
                output,
                data,
                held_out,
                images,
                seed,
                batch_size,
                extractor,
                inception_score,
                neighbours,
                compare,
            )
        else:
            _refuse(model, "translates images", of_generators)
            evaluate_translation(model, format, output, x, y, generator, paired, image_size, limit)


def _translates(model: Path, format: str | None) -> bool:
    """Whether a model translates images; a run tells without being opened."""
    config = Run(model).read_config() if model.is_dir() else None
    if config is not None:
        return config.translates
    if is_keras(model) or not model.exists():
        network = load_trained(model)
        return hasattr(network, "translators")
    from keras_gan.export import Translator

    return isinstance(load_exported(model, format), Translator)


def _refuse(model: Path, does: str, options: dict[str, Any]) -> None:
    given = [f"--{name.replace('_', '-')}" for name, value in options.items() if value is not None]
    if given:
        raise ValueError(f"{model} {does}, and has no use for some options. Received: {', '.join(given)}")
