"""`keras-gan sample`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from keras_gan.cli.float_files import write_floats
from keras_gan.cli.models.generator import (
    LABEL_METAVAR,
    FormatOption,
    GeneratorPath,
    label_of,
    label_title,
    open_generator,
)
from keras_gan.cli.models.signing import SignCertificateOption, SignKeyOption, open_credentials
from keras_gan.utils.class_names import headings


def sample(
    model: GeneratorPath,
    output: Annotated[Path, typer.Option(help="The PNG to write.")] = Path("samples.png"),
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="Number of images.")] = 64,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Seed. The same seed gives the same images.")] = 0,
    label: Annotated[
        str | None,
        typer.Option(
            help="Number or name of the class to generate, or attributes such as smile=1,age=0.3 or 1,0.3.",
            show_default="each class or attribute in turn",
            metavar=LABEL_METAVAR,
        ),
    ] = None,
    truncation: Annotated[
        float, typer.Option(min=0.0, help="Factor for z. Below 1 the images are more typical and less varied.")
    ] = 1.0,
    columns: Annotated[int | None, typer.Option(min=1, help="Number of columns.", show_default="square")] = None,
    separate: Annotated[
        bool, typer.Option("--separate", help="Write one PNG for each image into the folder OUTPUT.")
    ] = False,
    format: FormatOption = None,
    sign_key: SignKeyOption = None,
    sign_certificate: SignCertificateOption = None,
) -> None:
    """Generate images with a trained or an exported model. Both give the same images for the same seed.

    Examples:
      keras-gan sample digits --label 3

      keras-gan sample run --count 100 --seed 7 --output samples.png

      keras-gan sample exported/digits --format tflite --seed 7

      keras-gan sample exported/digits --sign-key key.pem --sign-certificate chain.pem
    """
    from keras_gan import images

    suffix = output.suffix.lower()
    if separate and output.is_file():
        raise FileExistsError(f"--output must be a folder for --separate. Received: {output}, which is a file")
    if not separate and suffix not in (".png", ".npy", ".csv"):
        raise ValueError(f"--output must end in .png, or in .npy or .csv for numbers. Received: {output}")
    gan = open_generator(model, format)
    if suffix in (".npy", ".csv") or len(gan.image_shape) != 3:
        write_floats(output, gan.generate(count, label_of(gan, label), seed, truncation=truncation), columns, separate)
        return
    sign = open_credentials(gan, sign_key, sign_certificate)
    image_range = gan.image_range or (-1.0, 1.0)
    number = label_of(gan, label)
    generated = gan.generate(count, number, seed, truncation=truncation)
    if separate:
        width = len(str(count - 1))
        for i in range(count):
            images.save_image(output / f"seed-{seed}-{i:0{width}d}.png", generated[i], image_range, sign)
    else:
        kinds = gan.num_classes or gan.num_attributes
        in_turn = number is None and columns in (None, kinds) and count >= (kinds or 0)
        titles = (headings(gan.class_names) or gan.attribute_names) if in_turn else ()
        across = columns or (kinds if number is None else None)
        images.save_grid(output, generated, across, image_range, sign=sign, column_titles=titles)
    of_class = "" if number is None else f" of {label_title(gan, number)}"
    Console(soft_wrap=True, highlight=False).print(
        f"{count} image{'s'[: count != 1]}{escape(of_class)}: [bold]{escape(str(output))}[/]"
    )
