"""`keras-gan evaluate` of what draws from noise."""

from __future__ import annotations

import dataclasses
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console
from rich.markup import escape
from rich.progress import track

from keras_gan import latent
from keras_gan.cli import score_file
from keras_gan.cli.exported import is_keras
from keras_gan.cli.extractor import parse_extractor
from keras_gan.cli.generator import open_generator
from keras_gan.cli.neighbours import NEIGHBOURS, save_neighbours
from keras_gan.cli.run import Run, import_tensorflow
from keras_gan.cli.score_table import score_table, verdict
from keras_gan.config import GANConfig, from_dict
from keras_gan.errors import KerasGANWarning
from keras_gan.images import to_uint8

if TYPE_CHECKING:
    from keras_gan.export import Artifact
    from keras_gan.metrics import EvaluationProtocol, FeatureExtractor, Nearest, Score
    from keras_gan.models.gan import GAN

LEAST = 6  # real images that density and coverage need


def evaluate_generator(
    model: Path,
    format: str | None,
    output: Path | None,
    data: str | None,
    held_out: str | None,
    images: int,
    seed: int,
    batch_size: int,
    extractor: str,
    inception_score: bool,
    neighbours: Path | None,
    compare: Path | None,
) -> None:
    """Measure a generator's images beside real ones: see `keras-gan evaluate`."""
    describe = parse_extractor(extractor, batch_size)
    others = None if compare is None else score_file.read(compare)
    generator = open_generator(model, format)
    config = _config(model, generator)
    if data is None and config is None:
        raise ValueError(f"Expected --data, as {model} does not tell what it was trained on")
    name, limit = (config.data.name, config.data.limit) if config is not None and data is None else (str(data), None)
    real = RealImages.load(generator.image_shape, images, name, limit)
    unseen = None if held_out is None else RealImages.load(generator.image_shape, images, held_out)
    import_tensorflow()
    from keras_gan import metrics

    protocol = metrics.EvaluationProtocol.of(describe, len(real.pixels), images, real.title, seed)
    for other in [] if others is None else others.values():
        if other.protocol.extractor == describe.name:  # said now, not after minutes of work
            other.protocol.check_same(protocol)
    classes = _classes(real.labels, images, generator)
    console = Console(soft_wrap=True, highlight=False)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", KerasGANWarning)
        drawn = _draw(generator, images, classes, seed, batch_size)
        scores, nearest = _measure(real, unseen, drawn, describe, protocol, console)
        if inception_score:
            scores.append(_inception_score(drawn, protocol, batch_size))
    for message in dict.fromkeys(str(warning.message) for warning in caught):
        console.print(f"[yellow]Note:[/] {escape(message)}")
    artifact = str(model if is_keras(model) else getattr(generator, "path", model))
    console.print(f"{images} images of [bold]{escape(artifact)}[/] against {len(real.pixels)} of {escape(real.title)}")
    console.print(score_table(scores, others))
    if others is not None:
        console.print(verdict(scores, others))
    console.print(", ".join(f"{key} {value}" for key, value in protocol.as_dict().items()), style="dim")
    run = Run(model) if model.is_dir() and is_keras(model) else None
    picture = neighbours or (run and run.neighbours)
    if picture:
        save_neighbours(picture, drawn, real.pixels, nearest.rows, nearest.distances)
        title = f"Drawn images, each beside the {nearest.rows.shape[1]} real ones most like it"
        console.print(f"{title}: [bold]{escape(str(picture))}[/]")
    figures = output or (run and run.evaluation)
    if figures:
        how = None if classes is None else "as often as the real images have them"
        score_file.write(figures, scores, artifact=artifact, classes=how)
        console.print(f"Figures: [bold]{escape(str(figures))}[/]")


@dataclasses.dataclass(frozen=True)
class RealImages:
    """Real images to compare with.

    Args:
        pixels: uint8 (n, height, width, channels).
        labels: The class of each, or `None`.
        title: What tells them from others: their name, and their hash.
    """

    pixels: np.ndarray
    labels: np.ndarray | None
    title: str

    @classmethod
    def load(cls, image_shape: tuple[int, int, int], most: int, name: str, limit: int | None = None) -> RealImages:
        """Load at most `most` images, evenly spread over a set, in the shape of those that a generator draws.

        Args:
            image_shape: That shape.
            most: How many.
            name: What `keras_gan.datasets.load_arrays` takes.
            limit: What the training was limited to. Defaults to `None`.

        Raises:
            ValueError: If there are too few.
        """
        from keras_gan import datasets
        from keras_gan.datasets.decoding.images import spread
        from keras_gan.metrics.extractors.feature_cache import images_hash

        height, width, channels = image_shape
        pixels, labels = datasets.load_arrays(name, image_size=(height, width), channels=channels, limit=limit or most)
        kept = spread(len(pixels), most)
        if len(kept) < LEAST:
            raise ValueError(f"Expected at least {LEAST} real images. Received: {len(kept)} in {name}")
        pixels, labels = pixels[kept], None if labels is None else labels[kept]
        title = Path(name).name if Path(name).is_dir() else name
        return cls(pixels, labels, f"{title} sha256:{images_hash(pixels)[:12]}")


def _config(model: Path, generator: GAN | Artifact) -> GANConfig | None:
    """Returns the config of the run that a model is from; `None` if it is not known."""
    if is_keras(model):
        config = Run(model if model.is_dir() else model.parent).read_config()
    else:
        manifest = getattr(generator, "manifest", None)
        data = None if manifest is None else manifest.training.get("run")
        config = None if data is None else from_dict(data)
    return config if isinstance(config, GANConfig) else None


def _classes(labels: np.ndarray | None, n: int, generator: GAN | Artifact) -> np.ndarray | None:
    """A class for each image to draw, as often as the real images have it; `None` leaves it to the generator."""
    classes = generator.num_classes
    has_classes = classes is not None or getattr(generator, "conditional", False)  # no manifest tells how many
    if labels is None or not has_classes or (classes is not None and labels.max() >= classes):
        return None
    return np.sort(labels)[np.arange(n) * len(labels) // n]


def _draw(generator: GAN | Artifact, n: int, classes: np.ndarray | None, seed: int, batch_size: int) -> np.ndarray:
    """The images of a seed as uint8: what extractors look at, in a quarter of the memory."""
    image_range = generator.image_range or (-1.0, 1.0)
    if getattr(generator, "takes_seeds", False):
        return to_uint8(generator.generate(n, classes, seed, batch_size), image_range)
    z = latent.sample(n, generator.latent_dim, seed)
    drawn = np.empty((n, *generator.image_shape), np.uint8)
    starts, console = range(0, n, batch_size), Console(stderr=True)
    for start in track(starts, "drawing", console=console, transient=True, disable=not console.is_terminal):
        rows = slice(start, start + batch_size)
        drawn[rows] = to_uint8(
            generator.generate_from_latent(z[rows], None if classes is None else classes[rows]), image_range
        )
    return drawn


def _measure(
    real: RealImages,
    unseen: RealImages | None,
    drawn: np.ndarray,
    extractor: FeatureExtractor,
    protocol: EvaluationProtocol,
    console: Console,
) -> tuple[list[Score], Nearest]:
    """All figures, and the real images nearest to each drawn one."""
    from keras_gan import metrics
    from keras_gan.metrics.scores.generation import feature_scores
    from keras_gan.metrics.similarity.structural_similarity import WINDOW

    of_real, of_drawn = metrics.real_features(real.pixels, extractor), extractor.features(drawn)
    of_unseen = None if unseen is None else metrics.real_features(unseen.pixels, extractor)
    with console.status("comparing"):
        scores = list(feature_scores(of_real, of_drawn, extractor, protocol.split, protocol.seed).values())
        if of_unseen is not None:
            copying = metrics.copying(of_real, of_unseen, of_drawn)
            scores.append(metrics.Score(f"copying-{extractor.name}", copying.share, protocol))
        if min(drawn.shape[1:3]) >= WINDOW:
            own = dataclasses.replace(protocol, extractor="MS-SSIM", version="1", input_size=None, resize="none")
            for title, images in (("MS-SSIM", drawn), ("MS-SSIM of real images", real.pixels)):
                alike = metrics.ms_ssim_diversity(images, seed=protocol.seed)
                scores.append(metrics.Score(title, alike.mean, own, alike.error))
        nearest = metrics.nearest_neighbours(of_drawn, of_real, min(NEIGHBOURS, len(of_real)))
    return scores, nearest


def _inception_score(drawn: np.ndarray, protocol: EvaluationProtocol, batch_size: int) -> Score:
    from keras_gan import metrics

    classifier = metrics.EfficientNetLite0(batch_size=batch_size, progress=True)
    own = dataclasses.replace(protocol, **classifier.protocol())
    mean, std = metrics.inception_score(classifier.logits(drawn), from_logits=True, seed=protocol.seed)
    return metrics.Score(f"IS-{classifier.name}", mean, own, std, higher_is_better=True)
