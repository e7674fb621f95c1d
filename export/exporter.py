"""Exporting a generator: build, write, verify, publish."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from importlib import metadata
from pathlib import Path
from typing import Any

import keras_gan
from keras_gan import latent
from keras_gan.artifacts.about import About
from keras_gan.artifacts.errors import VersionExistsError
from keras_gan.artifacts.manifest import FILENAME as MANIFEST
from keras_gan.artifacts.manifest import ArtifactEntry, FileEntry, Manifest
from keras_gan.artifacts.publish import publish, refuse_existing, staging
from keras_gan.artifacts.reference_images import FILENAME as REFERENCE
from keras_gan.artifacts.reference_images import save_reference
from keras_gan.export.arguments import (
    MAX_KID,
    check_batch_sizes,
    check_min_psnr,
    check_name,
    check_numbers,
    plain,
    refuse_for_a_gan,
)
from keras_gan.export.errors import ExportError
from keras_gan.export.formats.format import choose
from keras_gan.export.model_card import FILENAME as CARD
from keras_gan.export.model_card import model_card
from keras_gan.export.parity.latency import machine
from keras_gan.export.parity.proof import Proof
from keras_gan.export.parity.reference import Reference
from keras_gan.export.report import ExportReport
from keras_gan.export.sources.generator import GeneratorSource
from keras_gan.export.sources.source import Source
from keras_gan.export.sources.translator import TranslatorSource
from keras_gan.export.writing import files_in, reason, write_and_check

_PACKAGES = (
    "tensorflow",
    "keras",
    "numpy",
    "tf2onnx",
    "onnx",
    "onnxruntime",
    "ai-edge-litert",
    "ai-edge-quantizer",
    "onnxslim",
)


def export_generator(
    model: Any,
    directory: str | os.PathLike[str],
    formats: Sequence[str] | None = None,
    name: str | None = None,
    version: int | None = None,
    *,
    targets: Sequence[str] | None = None,
    generator: str | None = None,
    image_sizes: Sequence[tuple[int, int]] | None = None,
    examples: Any = None,
    recipe: Mapping[str, Any] | None = None,
    about: About | None = None,
    tolerance: float = 1e-4,
    min_psnr: Mapping[str, float] | None = None,
    max_kid: float | None = MAX_KID,
    batch_sizes: Sequence[int] | None = None,
    opset: int = 17,
    progress: Callable[[str], None] | None = None,
) -> ExportReport:
    """Write a generator in each format, prove that each draws what Keras draws, and only then publish.

    `directory/<name>/<version>/` is TensorFlow Serving's layout: a SavedModel, `model.tflite`, `model.onnx`, the
    `manifest.json` with hashes and figures, `model_card.md` for people to read, `directions.json` of a GAN's latent
    space, `parity.png` to look at and `parity.npz`, a few of Keras's images for `verify`. It appears all at once, after
    every artifact was run in its own runtime on the same inputs; if anything is wrong in any format, nothing appears
    at all.

    A GAN's generator answers to two signatures in each format: `serving_default`, from `z` (and `labels`) to `image`;
    and `generate`, from `seed`, `index`, `truncation` (and `labels`), a number of each for an image, which draws z
    itself: rows (7, 0, 1.0), (7, 1, 1.0), ... are the images of `model.generate(n, seed=7)`. In a SavedModel the
    signature `png` takes the same to `image_bytes`, PNG files; ONNX has `model_generate.onnx`, of opset 18 or above,
    and one for each lower precision.

    A generator from images to images takes a batch `source` and gives as many, as large, as `image`. It is written
    for float32 images and once more for uint8 ones: the signature `uint8` of the SavedModel, `model_uint8.tflite` and
    `model_uint8.onnx`.

    A generator in mixed precision is exported, and compared, in float32.

    Args:
        model: A `keras_gan.GAN`, `keras_gan.CycleGAN` or `keras_gan.Pix2Pix`.
        directory: Where models are kept. It is made if it is missing.
        formats: Any of "saved_model", "tflite" and "onnx", in float32; "tflite_float16", "tflite_dynamic_int8",
            "tflite_int8", "tflite_int16x8", "tflite_gpu", "onnx_float16" and "onnx_int8". Defaults to None: the first
            three, or where `targets` are given none besides.
        name: What to serve it as: letters, digits, ".", "_" and "-". Defaults to None, the model's name; of a
            CycleGAN with "-g" or "-f" after it.
        version: A positive number that is not taken. Defaults to None, the one after the last.
        targets: Any of "tf_serving", "mobile" and "onnx": all the formats that such a place can choose from. One that
            this generator cannot be written in is skipped if it is "tflite_int16x8" or "tflite_gpu"; the manifest
            says why. Defaults to None.
        generator: Which one of a model that translates images: "g" from X to Y or, of a CycleGAN, "f" from Y to X.
            Defaults to None, "g".
        image_sizes: For such a model, the (height, width) to compare at. TFLite has a signature for each, and one
            that can be resized. Defaults to None: the size that the model was trained at, else 256 x 256.
        examples: For such a model, images (n, height, width, channels) to compare on, uint8 or floats in [-1, 1], of
            any size: they are cut or reflected to fit. Defaults to None, synthetic ones: smooth random fields of
            colour crossed by straight edges. The manifest says which it was.
        recipe: How it was trained, as JSON holds it. Defaults to None, `model.training_record()`.
        about: What it was trained on, how good it is, what it is for: `keras_gan.export.About`. Defaults to None,
            nothing stated.
        tolerance: How far a pixel may be from Keras's. A uint8 pixel may be one grey level away. Defaults to 1e-4.
        min_psnr: The least PSNR in dB of formats of lower precision, by precision: "float16", "dynamic_int8", "int8"
            and "int16x8". Defaults to None, 40 dB for float16 and 30 dB for the others; so for what is not named.
        max_kid: How much further the images of a quantised format may be from Keras's than Keras's own of other inputs,
            as a kernel distance of EfficientNet-Lite0's features. It is measured where the features' package is
            installed, for a generator from z, and for a translator where there are 64 `examples` or more. None does
            not measure it. Defaults to 0.01.
        batch_sizes: The batches to compare, of a GAN on 64 images each. A GAN's TFLite, whose batch is fixed, is
            written for them and runs others in pieces; that of a model that translates images takes one at a time.
            Defaults to None, (1, 8) for a GAN and (1, 2) for a model that translates images.
        opset: The ONNX operator set. Defaults to 17.
        progress: Called with what is about to be done, such as "writing onnx". Defaults to None.

    Returns:
        An `ExportReport`.

    Raises:
        ValueError: If an argument is out of range, or is not for a model of this kind.
        ImportError: If a package is missing; the message says what to install.
        VersionExistsError: If `version` is taken; it is a FileExistsError.
        ExportError: If the export failed; the message lists everything that is wrong, in all formats.

    Example:
    ```python
    report = keras_gan.export.export_generator(gan, "exported", name="digits")
    print(report)
    keras_gan.export.export_generator(cyclegan, "exported", generator="f", examples=paintings[:2])
    ```
    """
    check_numbers(version, tolerance, opset, max_kid)
    least = check_min_psnr(min_psnr)
    chosen = choose(formats, targets)
    source = _source(model, generator, image_sizes, examples, batch_sizes, opset)
    name = check_name(_default_name(model, source) if name is None else name)
    recipe = plain(model.training_record() if recipe is None else recipe)
    home = Path(directory) / name
    refuse_existing(home, version)
    say = progress or (lambda _: None)
    try:
        with staging(Path(directory)) as folder:
            say("drawing the reference images")
            try:
                reference = Reference.draw(source)
            except RuntimeError as error:
                raise ExportError(home, [f"keras: {reason(error)}"]) from error
            proof = Proof(reference, folder, tolerance, least, max_kid)
            problems, skipped = list(proof.own_problems), dict[str, str]()
            for form in chosen.values():
                wrong, failure = write_and_check(form, source, folder, proof, say)
                problems += wrong
                if failure is not None and form.optional and form.name not in (formats or ()):
                    skipped[form.name] = failure
                elif failure is not None:
                    problems.append(f"{form.name}: {failure}")
            if problems:
                raise ExportError(home, problems)
            if source.kind == "generator":
                say("finding directions")
                if directions := source.directions():
                    latent.save_directions(folder / latent.direction_file.FILENAME, directions)
            say("publishing")
            proof.save_pictures()
            save_reference(folder / REFERENCE, reference.cases)

            def stamp(number: int) -> None:
                manifest = _manifest(name, number, source, recipe, proof.entries, skipped, about or About())
                (folder / CARD).write_text(model_card(manifest), encoding="utf-8")
                manifest.model_copy(update={"files": _others(folder, proof.entries)}).dump(folder)

            path = publish(folder, home, version, stamp)
    except VersionExistsError:
        raise
    except OSError as error:
        raise ExportError(home, [f"writing failed: {error}"]) from error
    return ExportReport(path, Manifest.load(path))


def _others(folder: Path, entries: list[ArtifactEntry]) -> tuple[FileEntry, ...]:
    """The files that are no artifact's, but for the manifest."""
    known = {folder / file.path for entry in entries for file in entry.files} | {folder / MANIFEST}
    return tuple(FileEntry.of(folder, file) for file in sorted(files_in(folder) - known))


def _source(
    model: Any,
    generator: str | None,
    image_sizes: Sequence[tuple[int, int]] | None,
    examples: Any,
    batch_sizes: Sequence[int] | None,
    opset: int,
) -> Source:
    if hasattr(model, "translators"):
        batches = check_batch_sizes((1, 2) if batch_sizes is None else batch_sizes)
        return TranslatorSource.of(model, generator, image_sizes, examples, batches, opset)
    refuse_for_a_gan(generator=generator, image_sizes=image_sizes, examples=examples)
    return GeneratorSource.of(model, check_batch_sizes((1, 8) if batch_sizes is None else batch_sizes), opset)


def _default_name(model: Any, source: Source) -> str:
    """The model's name; with that of the generator where there is another."""
    if isinstance(source, TranslatorSource) and len(model.translators) > 1:
        return f"{model.name}-{source.generator}"
    name: str = model.name
    return name


def _manifest(
    name: str,
    version: int,
    source: Source,
    recipe: dict[str, Any],
    entries: list[ArtifactEntry],
    skipped: dict[str, str],
    about: About,
) -> Manifest:
    return Manifest(
        kind=source.kind,
        name=name,
        version=version,
        created=datetime.now(timezone.utc),
        packages={"keras-gan": keras_gan.__version__, "python": platform.python_version()} | _installed(),
        recipe=recipe,
        image_range=source.image_range,
        inputs=source.inputs,
        outputs=source.outputs,
        artifacts=tuple(entries),
        skipped=skipped,
        about=about,
        machine=machine(),
        **source.facts(),
    )


def _installed() -> dict[str, str]:
    versions = {}
    for package in _PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return versions
