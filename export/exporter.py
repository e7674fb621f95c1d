"""Export of a generator: choose formats, write them, check parity, publish."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from keras_gan import latent
from keras_gan.artifacts.about import About
from keras_gan.artifacts.artifact_entry import ArtifactEntry
from keras_gan.artifacts.errors import VersionExistsError
from keras_gan.artifacts.file_entry import FileEntry
from keras_gan.artifacts.manifest import FILENAME as MANIFEST
from keras_gan.artifacts.manifest import Manifest
from keras_gan.artifacts.publish import publish, refuse_existing, staging
from keras_gan.artifacts.reference_images import FILENAME as REFERENCE
from keras_gan.artifacts.reference_images import save_reference
from keras_gan.export.arguments import MAX_KID, as_json, check_min_psnr, check_name, check_numbers
from keras_gan.export.description import describe
from keras_gan.export.errors import ExportError
from keras_gan.export.formats.format import Format
from keras_gan.export.formats.registry import choose
from keras_gan.export.model_card import FILENAME as CARD
from keras_gan.export.model_card import model_card
from keras_gan.export.parity.check import ParityCheck
from keras_gan.export.parity.reference import Reference
from keras_gan.export.preview import save_preview
from keras_gan.export.report import ExportReport
from keras_gan.export.sources.given_model import model_of
from keras_gan.export.sources.of_model import default_name, source_of
from keras_gan.export.sources.source import Source
from keras_gan.export.usage import PREVIEW
from keras_gan.export.writing import files_in, reason_of, write_and_check
from keras_gan.typing import Images
from keras_gan.utils.private_paths import without_paths


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
    examples: Images | None = None,
    training: Mapping[str, Any] | None = None,
    about: About | None = None,
    tolerance: float = 1e-4,
    min_psnr: Mapping[str, float] | None = None,
    max_kid: float | None = MAX_KID,
    batch_sizes: Sequence[int] | None = None,
    opset: int = 17,
    progress: Callable[[str], None] | None = None,
) -> ExportReport:
    """Exports a generator in each format, after a parity check with Keras.

    It writes `directory/<name>/<version>/` in the layout of TensorFlow Serving:

    - a SavedModel, `model.tflite` and `model.onnx`;
    - `manifest.json` with hashes and metrics, and `model_card.md` with `preview.png`;
    - `parity.npz` with reference images for `verify`, and the picture `parity.png`;
    - `directions.json` for a GAN.

    Each artifact is run in its own runtime on the same inputs. The folder is created only when all artifacts have
    passed. If one fails, nothing is written.

    The generator of a GAN has two signatures in each format:

    - `serving_default` generates `image` from `z` (and `labels`).
    - `generate` samples z itself. Its inputs are a `seed`, an `index` and a `truncation` for each image (and `labels`).
      The rows (7, 0, 1.0), (7, 1, 1.0), ... give the images of `model.generate(n, seed=7)`. In ONNX this signature is a
      separate file with opset 18 or later, such as `model_generate.onnx`.

    A SavedModel also has the signature `png`, which returns the images of `generate` as PNG files, `image_bytes`.

    A generator that translates images has the input `source` and the output `image`. Its second signature, `uint8`,
    takes and returns uint8 images. In TFLite and ONNX this signature is a separate file.

    A generator in mixed precision is exported and compared in float32.

    TensorFlow uses the library oneDNN on some processors only, and its results differ slightly. On an x86-64 machine a
    SavedModel is therefore run twice: once in this process, and once in a new process with the opposite oneDNN setting.
    This takes about as long as importing TensorFlow.

    Args:
        model: A `keras_gan.GAN`, `keras_gan.CycleGAN` or `keras_gan.Pix2Pix`. Or a Keras model from z, or from
            `[z, labels]`, to images. Or the path of a run or of a `.keras` file.
        directory: Folder of all models. It is made if it is missing.
        formats: Names of formats, keys of `keras_gan.export.FORMATS`. Defaults to None: "saved_model", "tflite" and
            "onnx", or only the formats of `targets` if they are given.
        name: Name under which the model is served: letters, digits, ".", "_" and "-". Defaults to None: the name of the
            model, for a CycleGAN followed by "-g" or "-f".
        version: Version number, a positive integer that is not used yet. Defaults to None, the next number.
        targets: List of "tf_serving", "mobile" or "onnx". All formats of these targets are written instead of the
            default ones; `formats` adds others. "tflite_int16x8" and
            "tflite_gpu" are skipped if they do not support the generator, and the manifest has the reason. Defaults to
            None.
        generator: Name of the generator of a translation model: "g" translates from X to Y, "f" from Y to X (CycleGAN
            only). Defaults to None, "g".
        image_sizes: Pairs (height, width) to compare a translation model at. TFLite has a signature for each.
            Defaults to None: the size that the model was trained at, else 256 x 256.
        examples: Images (n, height, width, channels) to compare a translation model on, uint8 or floats in [-1, 1].
            They are cropped or padded by reflection to fit. Defaults to None, synthetic images.
        training: Dict that describes the training, with JSON values. Of absolute paths, only the last part is kept.
            Defaults to None, `model.training_record()`.
        about: `About` with the training data, metrics and intended use, for the model card. Defaults to None: nothing
            is stated.
        tolerance: Largest allowed difference of a float32 pixel from Keras. For a uint8 pixel it is one grey level.
            Defaults to 1e-4.
        min_psnr: Dict from reduced precisions ("float16", "dynamic_int8", "int8", "int16x8") to their least allowed
            PSNR in dB. Defaults to None: 40 for "float16" and 30 for the others.
        max_kid: Largest allowed increase of the kernel distance (KID) from the images of Keras to those of a quantised
            format. It is measured if the package of the feature extractor is installed. A translation model also needs
            64 or more `examples`. None turns it off. Defaults to 0.01.
        batch_sizes: Batch sizes to compare at. The TFLite file of a GAN has signatures for these sizes.
            Defaults to None, (1, 8) for a GAN and (1, 2) for a translation model.
        opset: Version of the ONNX operator set, from 13 to 21. Defaults to 17.
        progress: Function that is called with the next step, such as "writing onnx". Defaults to None.

    Returns:
        An `ExportReport`.

    Raises:
        ValueError: If an argument is out of range, or does not fit the model.
        ImportError: If a package is missing. The message names the command that installs it.
        VersionExistsError: If `version` exists. It is a FileExistsError.
        ExportError: If the export failed. The message lists the problems of all formats.

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
    model = model_of(model)
    source = source_of(model, generator, image_sizes, examples, batch_sizes, opset)
    name = check_name(default_name(model, source) if name is None else name)
    record = without_paths(as_json(model.training_record() if training is None else training))
    home = Path(directory) / name
    refuse_existing(home, version)
    report = progress or (lambda _: None)
    try:
        with staging(Path(directory)) as folder:
            report("generating the reference images")
            reference = _reference(source, home)
            parity = ParityCheck(reference, folder, tolerance, least, max_kid)
            problems, skipped = _write_formats(chosen, formats or (), source, folder, parity, report)
            if problems:
                raise ExportError(home, problems)
            if source.kind == "generator":
                report("finding directions")
                if directions := source.directions():
                    latent.save_directions(folder / latent.direction_file.FILENAME, directions)
            report("publishing")
            parity.save_pictures()
            save_reference(folder / REFERENCE, reference.cases)
            save_preview(folder / PREVIEW, reference)

            def stamp(number: int) -> None:
                reasons = {format: without_paths(reason) for format, reason in skipped.items()}
                manifest = describe(source, name, number, record, parity.entries, reasons, about or About())
                (folder / CARD).write_text(model_card(manifest), encoding="utf-8")
                manifest.model_copy(update={"files": _other_files(folder, parity.entries)}).dump(folder)

            path = publish(folder, home, version, stamp)
    except VersionExistsError:
        raise
    except OSError as error:
        raise ExportError(home, [f"writing failed: {error}"]) from error
    return ExportReport(path, Manifest.load(path))


def _reference(source: Source, home: Path) -> Reference:
    try:
        return Reference.generate(source)
    except RuntimeError as error:
        raise ExportError(home, [f"keras: {reason_of(error)}"]) from error


def _write_formats(
    chosen: Mapping[str, Format],
    requested: Sequence[str],
    source: Source,
    folder: Path,
    parity: ParityCheck,
    report: Callable[[str], None],
) -> tuple[list[str], dict[str, str]]:
    """Writes and checks each format; returns all problems, and the reasons for skipped formats."""
    problems, skipped = list(parity.own_problems), dict[str, str]()
    for form in chosen.values():
        found, failure = write_and_check(form, source, folder, parity, report)
        problems += found
        if failure is not None and form.info.optional and form.name not in requested:
            skipped[form.name] = failure
        elif failure is not None:
            problems.append(f"{form.name}: {failure}")
    return problems, skipped


def _other_files(folder: Path, entries: list[ArtifactEntry]) -> tuple[FileEntry, ...]:
    """Returns the files that belong to no artifact, without the manifest."""
    known = {folder / file.path for entry in entries for file in entry.files} | {folder / MANIFEST}
    return tuple(FileEntry.of(folder, file) for file in sorted(files_in(folder) - known))
