"""Opening of generators, trained and exported ones."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keras_gan.artifacts.formats import FILES
from keras_gan.cli.models.exported import is_keras, load_exported
from keras_gan.cli.models.packaged import PACKAGED_HELP, resolve_packaged
from keras_gan.cli.run import load_model
from keras_gan.utils.attributes import parse_attributes
from keras_gan.utils.class_names import class_title, describe_classes, number_hint, parse_label

if TYPE_CHECKING:
    from keras_gan.export import Artifact
    from keras_gan.models.gan import GAN

GeneratorPath = Annotated[
    Path,
    typer.Argument(
        help="Folder of a run, a .keras file, or an exported model (its folder, that of a version, or a file). "
        + PACKAGED_HELP,
        show_default=False,
        metavar="MODEL",
        callback=resolve_packaged,
    ),
]
FormatOption = Annotated[
    str | None,
    typer.Option(
        "--format",
        help=f"Format of an exported model: {', '.join(FILES)}.",
        show_default="the first one whose runtime is installed",
    ),
]


LABEL_METAVAR = "NUMBER|NAME|ATTRIBUTES"


def label_of(generator: GAN | Artifact, text: str | None) -> int | list[float] | None:
    """Returns the number of the class that `--label` names, or its attributes, or `None` if it was not given.

    Raises:
        ValueError: If the model has no such class or attribute.
    """
    if text is None:
        return None
    if generator.num_attributes is not None:
        return parse_attributes(text, generator.num_attributes, generator.attribute_names)
    names, classes = generator.class_names, generator.num_classes
    if classes is None and not getattr(generator, "conditional", False):
        raise ValueError(f"--label is for a model with classes. Received: --label {text} and a model without classes")
    number = parse_label(text, names)
    if number < 0 or (classes is not None and number >= classes):
        named = f": {describe_classes(names)}" if names else ""
        least = "at least 0" if classes is None else f"from 0 to {classes - 1}"
        raise ValueError(f"--label must be {least}{named}. Received: {text}{number_hint(number, names)}")
    return number


def label_title(generator: GAN | Artifact, label: int | list[float]) -> str:
    """Returns the name of a class, or the attributes, for messages and pictures."""
    if isinstance(label, int):
        return class_title(label, generator.class_names)
    names = generator.attribute_names or tuple(map(str, range(len(label))))
    return ", ".join(f"{name} {value:g}" for name, value in zip(names, label, strict=True) if value) or "attributes 0"


def open_generator(path: Path, format: str | None = None) -> GAN | Artifact:
    """Opens a GAN, or an exported generator in the runtime of its format.

    Args:
        path: Folder of a run, a .keras file, or a path that `keras_gan.export.load` supports.
        format: Format of an exported model. Defaults to None, the first one whose runtime is installed.

    Returns:
        A model with `generate()` and `generate_from_latent()`.

    Raises:
        FileNotFoundError: If there is no model.
        ImportError: If the runtime is not installed.
        ValueError: If the model is of another kind, or `format` is given for a Keras model.
    """
    if not path.exists() or is_keras(path):
        if format is not None and path.exists():
            raise ValueError(
                f"--format must be used with an exported model. Received: --format {format} and {path}, a Keras model"
            )
        return load_model(path)
    from keras_gan.export import Artifact

    model = load_exported(path, format)
    if not isinstance(model, Artifact):
        raise ValueError(
            f"{path} must hold a generator of images from z. Received: a model that translates images. Use it with "
            "`keras-gan translate`"
        )
    return model
