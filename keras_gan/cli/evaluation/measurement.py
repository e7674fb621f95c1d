"""Metrics of the images that a generator makes, for `keras-gan evaluate`."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console
from rich.progress import track

from keras_gan import latent
from keras_gan.cli.evaluation.neighbours import NEIGHBOURS
from keras_gan.cli.evaluation.real_images import RealImages
from keras_gan.cli.run import import_tensorflow
from keras_gan.errors import KerasGANWarning
from keras_gan.images import over_white, to_uint8

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


def measure(
    generator: GAN | Artifact,
    real: RealImages,
    held_out: RealImages | None,
    classes: np.ndarray | None,
    extractor: FeatureExtractor,
    others: Mapping[str, Score],
    options: GeneratorOptions,
    console: Console,
) -> Measured:
    """Generates images and returns their metrics.

    Args:
        generator: The generator.
        real: Real images to compare with.
        held_out: Real images that the generator was not trained on, or `None`.
        classes: Label of each image to generate; `None` if the generator decides.
        extractor: Features of images.
        others: Metrics of another evaluation, whose protocol must be the same.
        options: Options of the command.
        console: Console for the progress.

    Raises:
        ValueError: If the protocols differ.
    """
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
