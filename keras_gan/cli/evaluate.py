"""`keras-gan evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from keras_gan.cli.models.exported import is_keras, load_exported
from keras_gan.cli.models.packaged import PACKAGED_HELP, resolve_packaged
from keras_gan.cli.printed_warnings import printed_warnings
from keras_gan.cli.run import Run, load_trained
from keras_gan.config.image_size import check_image_size

GENERATORS = "Options for generators, which generate images from z"
TRANSLATIONS = "Options for models that translate images"


def _generator(help: str, *names: str, **options: Any) -> Any:
    return typer.Option(*names, help=help, rich_help_panel=GENERATORS, **options)


def _translation(help: str, *names: str, **options: Any) -> Any:
    return typer.Option(*names, help=help, rich_help_panel=TRANSLATIONS, **options)


def evaluate(
    model: Annotated[
        Path,
        typer.Argument(
            help="Folder of a run, .keras file, folder of an exported model or of one version, or exported file. "
            + PACKAGED_HELP,
            show_default=False,
            metavar="MODEL",
            callback=resolve_packaged,
        ),
    ],
    format: Annotated[
        str | None, typer.Option(help="Format, for an exported model: onnx, tflite or saved_model.", show_default="any")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(help="JSON file to write.", show_default="RUN/evaluation.json or RUN/evaluation-f.json"),
    ] = None,
    data: Annotated[
        str | None,
        _generator(
            "Real images: packaged set, folder of images, TFDS name, or NAME:SPLIT.", show_default="the training images"
        ),
    ] = None,
    held_out: Annotated[
        str | None,
        _generator("Real images outside the training set. Adds a test for copied images.", show_default="none"),
    ] = None,
    images: Annotated[
        int, _generator("Number of images to generate, and maximum number of real ones.", "--images", min=6)
    ] = 5000,
    seed: Annotated[int, _generator("Seed of the images, and of KID's subsets.", "--seed", min=0, max=2**31 - 1)] = 0,
    batch_size: Annotated[
        int,
        _generator("Number of images in one call of a network.", "--batch-size", min=1),
    ] = 32,
    extractor: Annotated[
        str,
        _generator(
            "Feature extractor. efficientnet resizes images to 224 pixels, efficientnet:SIZE to SIZE. A smaller size "
            "is faster. inception downloads Keras's InceptionV3, inception:FILE loads it. pixels uses the pixels.",
            "--extractor",
        ),
    ] = "efficientnet",
    inception_score: Annotated[
        bool,
        _generator(
            "Also measure an inception score, with the classes of EfficientNet-Lite0. For photographs.",
            "--inception-score",
        ),
    ] = False,
    neighbours: Annotated[
        Path | None,
        _generator(
            "PNG of generated images, each beside the most similar real ones.", show_default="RUN/neighbours.png"
        ),
    ] = None,
    compare: Annotated[
        Path | None,
        _generator(
            "JSON file of another evaluation to compare with. Its protocol must be the same.", show_default="none"
        ),
    ] = None,
    x: Annotated[
        str | None, _translation("Held-out images of X: a folder or NAME:SPLIT.", show_default="the run's")
    ] = None,
    y: Annotated[
        str | None, _translation("Held-out images of Y: a folder or NAME:SPLIT.", show_default="the run's")
    ] = None,
    generator: Annotated[
        str | None,
        _translation("Direction of a CycleGAN: g from X to Y, f from Y to X.", show_default="g"),
    ] = None,
    paired: Annotated[
        bool | None,
        _translation(
            "Treat the images as pairs, or not.",
            "--paired/--unpaired",
            show_default="pairs for pix2pix and for packaged pairs",
        ),
    ] = None,
    image_size: Annotated[
        str | None,
        _translation(
            "Size in pixels to crop the images to and resize.", show_default="the run's", metavar="SIZE|HEIGHTxWIDTH"
        ),
    ] = None,
    limit: Annotated[
        int | None, _translation("Number of images of each domain to use.", min=2, show_default="all")
    ] = None,
) -> None:
    r"""Measure the image quality of a trained or exported model.

    KID and Frechet distance compare generated images with real ones. Lower is
    better. They use features of EfficientNet-Lite0, so do not compare them with
    FID. Precision and density measure how real the generated images look. Recall
    and coverage measure how many kinds of real images are generated. Each metric
    is saved with its protocol: the settings that it depends on.

    Translations are measured on held-out images, and compared with the images
    before translation. If the images are pairs, each translation has a true
    partner. Top-1 is the share of translations whose nearest image is the
    partner. Top-5 is the share with the partner among the five nearest. The
    feature distance is that between a translation and its partner.

    Examples:
      keras-gan evaluate run

      keras-gan evaluate exported/digits --format tflite \
          --compare run/evaluation.json

      keras-gan evaluate exported/cyclegan-g --format tflite \
          --x emoji/google:test --y emoji/twitter:test
    """
    only_generators = {"data": data, "held_out": held_out, "neighbours": neighbours, "compare": compare}
    only_translations = {"generator": generator, "paired": paired, "image_size": image_size, "limit": limit}
    with printed_warnings(Console(soft_wrap=True, highlight=False)):
        if x is None and y is None and not _translates(model, format):
            _refuse(model, "generates images from z", only_translations)
            from keras_gan.cli.evaluation.generators import evaluate_generator
            from keras_gan.cli.evaluation.measurement import GeneratorOptions

            options = GeneratorOptions(
                data, held_out, images, seed, batch_size, extractor, inception_score, neighbours, compare
            )
            evaluate_generator(model, format, output, options)
        else:
            _refuse(model, "translates images", only_generators)
            from keras_gan.cli.evaluation.translations import TranslationOptions, evaluate_translation

            size = None if image_size is None else check_image_size(image_size)
            translation = TranslationOptions(x, y, generator, paired, size, limit)
            evaluate_translation(model, format, output, translation)


def _translates(model: Path, format: str | None) -> bool:
    """`True` if a model translates images. The config of a run says so without loading the model."""
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
        raise ValueError(f"{model} {does}, so some options are not supported. Received: {', '.join(given)}")
