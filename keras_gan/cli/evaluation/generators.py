"""`keras-gan evaluate` for generators, which generate images from z."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console
from rich.markup import escape
from rich.progress import track

from keras_gan import latent
from keras_gan.cli.evaluation import score_file
from keras_gan.cli.evaluation.extractor import parse_extractor
from keras_gan.cli.evaluation.neighbours import NEIGHBOURS, save_neighbours
from keras_gan.cli.evaluation.real_images import RealImages
from keras_gan.cli.evaluation.score_table import problems, score_table, verdict
from keras_gan.cli.models.exported import is_keras
from keras_gan.cli.models.generator import open_generator
from keras_gan.cli.run import Run, import_tensorflow
from keras_gan.config import GANConfig, from_dict
from keras_gan.errors import KerasGANWarning
from keras_gan.images import over_white, to_uint8
from keras_gan.utils.class_names import describe_classes
from keras_gan.utils.private_paths import without_folders

if TYPE_CHECKING:
    from keras_gan.export import Artifact
    from keras_gan.metrics import EvaluationProtocol, FeatureExtractor, Nearest, Score
    from keras_gan.models.gan import GAN


@dataclasses.dataclass(frozen=True)
class GeneratorOptions:
    """Options of `keras-gan evaluate` for generators; the command's help describes them."""

    data: str | None
    held_out: str | None
    images: int
    seed: int
    batch_size: int
    extractor: str
    inception_score: bool
    neighbours: Path | None
    compare: Path | None


@dataclasses.dataclass(frozen=True)
class Measured:
    """The result of an evaluation.

    Args:
        scores: Metrics.
        generated: Generated images, uint8 (n, height, width, channels).
        nearest: Real images that are nearest to each generated one.
        protocol: Protocol of the measurement.
        notes: Warnings of the metrics.
    """

    scores: list[Score]
    generated: np.ndarray
    nearest: Nearest
    protocol: EvaluationProtocol
    notes: tuple[str, ...]


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
    measured = _measure(generator, real, held_out, classes, extractor, others or {}, options, console)

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


def _measure(
    generator: GAN | Artifact,
    real: RealImages,
    held_out: RealImages | None,
    classes: np.ndarray | None,
    extractor: FeatureExtractor,
    others: Mapping[str, Score],
    options: GeneratorOptions,
    console: Console,
) -> Measured:
    import_tensorflow()
    from keras_gan import metrics

    protocol = metrics.EvaluationProtocol.of(extractor, len(real.pixels), options.images, real.title, options.seed)
    for other in others.values():
        if other.protocol.extractor == extractor.name:  # before minutes of work
            other.protocol.check_same(protocol)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", KerasGANWarning)
        _say(f"Generating {options.images} images ...")
        generated = over_white(_generate(generator, options.images, classes, options.seed, options.batch_size))
        scores, nearest = _scores(real, held_out, generated, extractor, protocol, console)
        if options.inception_score:
            scores.append(_inception_score(generated, protocol, options.batch_size))
    notes = dict.fromkeys(str(warning.message) for warning in caught)
    return Measured(scores, generated, nearest, protocol, tuple(notes))


def _say(line: str) -> None:
    """Prints a line to standard error if no progress bar is shown there."""
    console = Console(stderr=True, soft_wrap=True, highlight=False)
    if not console.is_terminal:
        console.print(line)


def _generate(generator: GAN | Artifact, n: int, classes: np.ndarray | None, seed: int, batch_size: int) -> np.ndarray:
    """The images of a seed as uint8, which needs a quarter of the memory."""
    image_range = generator.image_range or (-1.0, 1.0)
    if getattr(generator, "takes_seeds", False):
        return to_uint8(generator.generate(n, classes, seed, batch_size), image_range)
    z = latent.sample(n, generator.latent_dim, seed)
    generated = np.empty((n, *generator.image_shape), np.uint8)
    starts, console = range(0, n, batch_size), Console(stderr=True)
    for start in track(starts, "generating", console=console, transient=True, disable=not console.is_terminal):
        rows = slice(start, start + batch_size)
        images = generator.generate_from_latent(z[rows], None if classes is None else classes[rows])
        generated[rows] = to_uint8(images, image_range)
    return generated


def _scores(
    real: RealImages,
    held_out: RealImages | None,
    generated: np.ndarray,
    extractor: FeatureExtractor,
    protocol: EvaluationProtocol,
    console: Console,
) -> tuple[list[Score], Nearest]:
    """All metrics, and the real images that are nearest to each generated one."""
    from keras_gan import metrics
    from keras_gan.metrics.scores.generation import feature_scores
    from keras_gan.metrics.similarity.structural_similarity import WINDOW

    _say(f"Computing the features of {len(real.pixels)} real and {len(generated)} generated images ...")
    real_features = metrics.real_features(real.pixels, extractor)
    features = extractor.features(generated)
    held_out_features = None if held_out is None else metrics.real_features(held_out.pixels, extractor)
    with console.status("comparing"):
        scores = list(feature_scores(real_features, features, extractor, protocol.split, protocol.seed).values())
        if held_out_features is not None:
            copying = metrics.copying(real_features, held_out_features, features)
            scores.append(metrics.Score(f"copying-{extractor.name}", copying.share, protocol))
        if min(generated.shape[1:3]) >= WINDOW:
            own = dataclasses.replace(protocol, extractor="MS-SSIM", version="1", input_size=None, resize="none")
            for title, images in (("MS-SSIM", generated), ("MS-SSIM of real images", real.pixels)):
                similarity = metrics.ms_ssim_diversity(images, seed=protocol.seed)
                scores.append(metrics.Score(title, similarity.mean, own, similarity.error))
        nearest = metrics.nearest_neighbours(features, real_features, min(NEIGHBOURS, len(real_features)))
    return scores, nearest


def _inception_score(generated: np.ndarray, protocol: EvaluationProtocol, batch_size: int) -> Score:
    from keras_gan import metrics

    classifier = metrics.EfficientNetLite0(batch_size=batch_size, progress=True)
    own = dataclasses.replace(protocol, **classifier.protocol())
    mean, std = metrics.inception_score(classifier.logits(generated), from_logits=True, seed=protocol.seed)
    return metrics.Score(f"IS-{classifier.name}", mean, own, std, higher_is_better=True)
