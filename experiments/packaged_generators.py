"""Trains the small generators that come with the package, and writes them to keras_gan/pretrained/weights.

    python experiments/packaged_generators.py digits          # 4 minutes of two cores
    python experiments/packaged_generators.py fashion_mnist   # 8 minutes
    python experiments/packaged_generators.py emoji           # 15 minutes

An interrupted training continues. The run stays in `--runs`. Look at its samples before you commit the files.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras_gan
from keras_gan import config as configs
from keras_gan import pretrained
from keras_gan.artifacts.manifest import Manifest
from keras_gan.cli.about import Statements, about
from keras_gan.cli.run import Run
from keras_gan.config import TrainingConfig
from keras_gan.datasets.packaged import emoji
from keras_gan.export.model_card import FILENAME as CARD
from keras_gan.export.model_card import model_card
from keras_gan.utils.private_paths import without_paths

IMAGES = 2000  # generated for the metrics
KEPT = ("serving_default",)  # the server and `keras_gan.export.load` sample z themselves
EMOJI = ("Smileys & Emotion", "Symbols", "Flags")


@dataclasses.dataclass(frozen=True)
class Packaged:
    """A generator of the package: options of `keras-gan train`, and sentences for its model card."""

    options: tuple[str, ...]
    intended_use: str
    failures: tuple[str, ...]
    licence: str | None = None


GENERATORS = {
    "digits": Packaged(
        (
            *("--preset", "dcgan", "--data", "digits", "--labels", "--batch-size", "32", "--epochs", "24"),
            *("--set", "latent_dim=32", "--set", "generator.filters=48", "--set", "ema.momentum=0.995"),
        ),
        "To try the commands without a training, and to start trainings on similar images.",
        ("Some digits are not legible.",),
    ),
    "fashion_mnist": Packaged(
        (
            *("--preset", "dcgan", "--data", "fashion_mnist", "--labels", "--batch-size", "64", "--epochs", "5"),
            *("--set", "latent_dim=32", "--set", "generator.filters=48", "--set", "ema.momentum=0.999"),
        ),
        "To try the commands without a training, and to start trainings on similar images.",
        ("Some sandals and bags have no clear shape.",),
    ),
    "emoji": Packaged(
        (
            *("--preset", "dcgan", "--labels", "--batch-size", "32", "--epochs", "1000"),
            *("--set", "latent_dim=32", "--set", "generator.filters=24", "--set", "discriminator.filters=24"),
            *("--set", "penalties={r1: {weight: 0.5, interval: 8}}", "--set", "augmentation=diffaugment"),
            *("--set", "ema.momentum=0.999"),
        ),
        "To try the commands without a training, and to start trainings on similar images.",
        ("Many symbols are not legible.",),
        emoji.LICENCES["google"],
    ),
}


def main() -> None:
    """Trains, measures and packages the generators that the arguments name."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="+", choices=GENERATORS)
    parser.add_argument("--runs", type=Path, default=Path("build/packaged_generators"))
    arguments = parser.parse_args()
    for name in arguments.names:
        run = arguments.runs / name
        options = list(GENERATORS[name].options)
        if name == "emoji":
            options += ["--data", str(write_emoji(arguments.runs / "images" / "emoji"))]
        keras_gan_command("train", *options, "--output", str(run), "--resume")
        keras_gan_command("evaluate", str(run), "--images", str(IMAGES))
        package(name, Run(run), pretrained.FOLDER)


def keras_gan_command(*arguments: str) -> None:
    """Runs `keras-gan`, and raises an error if it fails."""
    subprocess.run([sys.executable, "-m", "keras_gan", *arguments], check=True)


def write_emoji(folder: Path) -> Path:
    """Writes Google's emoji of `EMOJI` as PNG files, a sub-folder for each class."""
    images, labels = keras_gan.datasets.load_arrays("emoji/google")
    for name in EMOJI:
        chosen = images[labels == emoji.CATEGORIES.index(name)]
        for i, image in enumerate(chosen):
            file = folder / name / f"{i:03d}.png"
            if not file.exists():
                keras_gan.images.save_image(file, image)
    return folder


def package(name: str, run: Run, folder: Path) -> None:
    """Writes the trained weights in 16 bits, an ONNX file that was compared with them, and their model card.

    Args:
        name: Name of the generator.
        run: Folder of its run.
        folder: Folder of all packaged generators. One with this name is replaced.
    """
    from keras_gan.cli.run import load_model

    config = run.read_config()
    assert isinstance(config, TrainingConfig)
    shared = GENERATORS[name]
    statements = Statements(
        () if shared.licence is None else (shared.licence,), shared.intended_use, (), shared.failures
    )
    facts, _ = about(run, config, statements)
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        made = Path(temporary) / name
        gan = load_model(run.folder)
        pretrained.save(gan, made)
        configs.save(for_publication(config, gan.image_shape), made / pretrained.CONFIG)
        rounded = keras_gan.GAN.from_preset(made)
        report = keras_gan.export.export_generator(
            rounded,
            temporary,
            ["onnx_float16"],
            name,
            1,
            about=facts,
            training={**gan.training_record(), "run": config.model_dump()},
        )
        keep_one_file(report.path)
        shutil.rmtree(folder / name, ignore_errors=True)
        folder.mkdir(exist_ok=True)
        shutil.move(made, folder / name)
    print(f"{folder / name}: {sum(file.stat().st_size for file in (folder / name).rglob('*') if file.is_file())} bytes")


def for_publication(config: TrainingConfig, image_shape: tuple[int, int, int]) -> TrainingConfig:
    """Returns a config without folders of this machine, and with the size of the images."""
    plain = without_paths(config.model_dump())
    plain["data"] |= {"image_size": list(image_shape[:2]), "channels": image_shape[2]}
    return configs.from_dict(plain)


def keep_one_file(version: Path) -> None:
    """Removes the ONNX file that samples z, and the picture of the comparison, from an export."""
    manifest = Manifest.load(version)
    kept = [entry for entry in manifest.artifacts if entry.signature in KEPT]
    for entry in manifest.artifacts:
        if entry not in kept:
            (version / entry.filename).unlink()
    others = [file for file in manifest.files if not file.path.endswith(".png") and file.path != CARD]
    for picture in version.glob("*.png"):
        picture.unlink()
    manifest = manifest.model_copy(update={"artifacts": tuple(kept)})
    (version / CARD).write_text(model_card(manifest), encoding="utf-8")
    others.append(type(manifest.files[0]).of(version, version / CARD))
    manifest.model_copy(update={"files": tuple(sorted(others, key=lambda file: file.path))}).dump(version)


if __name__ == "__main__":
    main()
