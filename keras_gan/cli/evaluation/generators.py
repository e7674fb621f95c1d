"""`keras-gan evaluate` for generators, which generate images from z."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console
from rich.markup import escape

from keras_gan.cli.evaluation import score_file
from keras_gan.cli.evaluation.extractor import parse_extractor
from keras_gan.cli.evaluation.measurement import GeneratorOptions, measure
from keras_gan.cli.evaluation.neighbours import save_neighbours
from keras_gan.cli.evaluation.real_images import RealImages
from keras_gan.cli.evaluation.score_table import problems, score_table, verdict
from keras_gan.cli.models.exported import is_keras
from keras_gan.cli.models.generator import open_generator
from keras_gan.cli.run import Run
from keras_gan.config import GANConfig, from_dict
from keras_gan.utils.class_names import describe_classes
from keras_gan.utils.private_paths import without_folders

if TYPE_CHECKING:
    from keras_gan.export import Artifact
    from keras_gan.models.gan import GAN


def evaluate_generator(model: Path, format: str | None, output: Path | None, options: GeneratorOptions) -> None:
    """Measure generated images against real ones, print a table, and write the JSON and a picture."""
    extractor = parse_extractor(options.extractor, options.batch_size)
    others = None if options.compare is None else score_file.read(options.compare)
    generator = open_generator(model, format)
    real = _training_images(model, generator, options)
    held_out = None
    if options.held_out is not None:
        config = _config(model, generator)
        values = None if config is None else config.data.value_range
        held_out = RealImages.load(options.held_out, generator.image_shape, options.images, value_range=values)
    classes = _classes(_labels_of_model(real, generator), options.images, generator)
    console = Console(soft_wrap=True, highlight=False)
    measured = measure(generator, real, held_out, classes, extractor, others or {}, options, console)

    for note in measured.notes:
        console.print(f"[yellow]Note:[/] {escape(note)}")
    artifact = str(model if is_keras(model) else getattr(generator, "path", model))
    console.print(
        f"{options.images} images of [bold]{escape(artifact)}[/] against {len(real.pixels)} of {escape(real.title)}"
    )
    console.print(score_table(measured.scores, others))
    if others is not None:
        console.print(verdict(measured.scores, others))
    for line in problems(measured.scores):
        console.print(line)
    console.print(", ".join(f"{key} {value}" for key, value in measured.protocol.as_dict().items()), style="dim")

    run = Run(model) if model.is_dir() and is_keras(model) else None
    if picture := options.neighbours or (run and run.neighbours):
        nearest = measured.nearest
        save_neighbours(picture, measured.generated, real.pixels, nearest.rows, nearest.distances)
        console.print(
            f"Generated images, each with the {nearest.rows.shape[1]} most similar real ones: "
            f"[bold]{escape(str(picture))}[/]"
        )
    if destination := output or (run and run.evaluation):
        how = None if classes is None else "as often as in the real images"
        names = {} if classes is None else {"class_names": list(generator.class_names)}
        score_file.write(destination, measured.scores, artifact=without_folders(artifact), classes=how, **names)
        console.print(f"Metrics: [bold]{escape(str(destination))}[/]")


def _training_images(model: Path, generator: GAN | Artifact, options: GeneratorOptions) -> RealImages:
    """The images of --data, or else those that the model was trained on."""
    name, limit, config = options.data, None, _config(model, generator)
    if name is None:
        if config is None:
            raise ValueError(f"--data is required, because {model} does not state its training data")
        name, limit = config.data.name, config.data.limit
        if not is_keras(model) and not _is_known(name):
            raise ValueError(
                f"--data is required: exports keep no paths of training data. Received: {model}, trained on {name!r}"
            )
    values = None if config is None else config.data.value_range
    return RealImages.load(str(name), generator.image_shape, options.images, limit, values)


def _is_known(name: str) -> bool:
    """Returns `True` for a data set that is found by its name, on any machine."""
    from keras_gan.datasets.sources import lookup

    try:
        return lookup.find(name).kind in ("packaged", "tfds")
    except ValueError:
        return False


def _labels_of_model(real: RealImages, generator: GAN | Artifact) -> np.ndarray | None:
    """Returns the labels of real images as the model numbers its classes, by their names.

    Raises:
        ValueError: If the images have classes that the model does not have.
    """
    names = generator.class_names
    if real.labels is None or not names or not real.class_names or real.class_names == names:
        return real.labels
    used = [real.class_names[number] for number in np.unique(real.labels)]
    unknown = [name for name in used if name not in names]
    if unknown:
        raise ValueError(
            f"The classes of --data must be among those of the model: {describe_classes(names)}. "
            f"Received: {', '.join(map(repr, unknown[:5]))}"
        )
    numbers = np.array([names.index(name) if name in names else -1 for name in real.class_names], np.int32)
    return numbers[real.labels]


def _config(model: Path, generator: GAN | Artifact) -> GANConfig | None:
    """The config of the run that a model comes from; `None` if it is not known."""
    if is_keras(model):
        config = Run(model if model.is_dir() else model.parent).read_config()
    else:
        manifest = getattr(generator, "manifest", None)
        data = None if manifest is None else manifest.training.get("run")
        config = None if data is None else from_dict(data)
    return config if isinstance(config, GANConfig) else None


def _classes(labels: np.ndarray | None, n: int, generator: GAN | Artifact) -> np.ndarray | None:
    """Labels for the generated images, as frequent as in the real images; `None` if the generator decides."""
    classes = generator.num_classes
    has_classes = classes is not None or getattr(generator, "conditional", False)  # without a manifest
    if labels is None or not has_classes or (classes is not None and labels.max() >= classes):
        return None
    return np.sort(labels)[np.arange(n) * len(labels) // n]
