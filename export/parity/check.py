"""The parity check of an export: each artifact is compared with the Keras generator."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from keras_gan.artifacts.artifact_entry import ArtifactEntry, label
from keras_gan.artifacts.engines import open_engine
from keras_gan.artifacts.file_entry import FileEntry
from keras_gan.artifacts.pixels import as_float
from keras_gan.export.formats.format import Format
from keras_gan.export.formats.operations import operations, signature_names
from keras_gan.export.parity import other_processors
from keras_gan.export.parity.compare import Pair, compare
from keras_gan.export.parity.picture import FILENAME, WORST, difference, save_picture
from keras_gan.export.parity.quality import QualityCheck
from keras_gan.export.parity.reference import Reference
from keras_gan.utils.quiet import CONVERSION, quiet


class ParityCheck:
    """Compares the artifacts of one export with the Keras generator and collects the results.

    Args:
        reference: Inputs and images of the Keras generator.
        folder: Folder of the artifacts.
        tolerance: Largest allowed difference of two pixels, in float32.
        min_psnr: Least allowed PSNR in dB of each reduced precision.
        max_kid: Largest allowed excess of a quantised format's kernel distance over that of Keras; None for no
            measurement.

    Attributes:
        own_problems: Sentence for each problem of the Keras generator itself.
        entries: Entry of the manifest for each signature of each format.
    """

    def __init__(
        self,
        reference: Reference,
        folder: Path,
        tolerance: float,
        min_psnr: Mapping[str, float],
        max_kid: float | None,
    ) -> None:
        self.own_problems = reference.problems(tolerance)
        self.entries: list[ArtifactEntry] = []
        self._reference = reference
        self._folder = folder
        self._tolerance = tolerance
        self._min_psnr = min_psnr
        self._quality = QualityCheck(reference.source, max_kid)
        shown = reference.largest
        source = {"source": shown.inputs["source"]} if "source" in shown.inputs else {}
        self._pictures: dict[str, np.ndarray] = {**source, "keras": shown.expected}
        self._worst: dict[str, Pair] = {}

    def check(self, form: Format, files: tuple[FileEntry, ...], note: str | None = None) -> list[str]:
        """Compares each signature of a format, in place of an earlier check of the format.

        Args:
            form: The format.
            files: Files that were written for it.
            note: Sentence that says how the artifact differs from its precision. Defaults to None.

        Returns:
            A sentence for each problem. Empty if the Keras generator itself has problems, as a correct artifact has
            them, too.
        """
        problems = []
        self.entries = [entry for entry in self.entries if entry.format != form.name]
        # Signatures may share one large file.
        opened = functools.cache(open_engine)
        variants = form.variants(self._reference.source)
        mains = {form.filename(variant.signature) for variant in variants}
        for variant in variants:
            name, path = label(form.name, variant.signature), self._folder / form.filename(variant.signature)
            with CONVERSION, quiet():
                least = self._min_psnr.get(form.info.precision)
                result = compare(path, self._reference, self._tolerance, variant, least, opened)
                measurable = variant is variants[0] and not result.problems and not self.own_problems
                quality = self._quality.measure(opened(path), form, variant) if measurable else None
            found = [*result.problems, *([quality.problem] if quality is not None and quality.problem else [])]
            problems += [f"{name}: {problem}" for problem in found]
            if result.images is not None:
                self._pictures[name] = self._as_float(result.images)
            if result.worst is not None:
                self._worst[name] = result.worst
            self.entries.append(
                ArtifactEntry(
                    format=form.name,
                    filename=path.name,
                    files=tuple(file for file in files if file.path not in mains - {path.name}),
                    parity=tuple(result.rows),
                    signature=variant.signature,
                    signatures=() if found else signature_names(path, variant.signature),
                    dtype=variant.dtype,
                    precision=form.info.precision,
                    inputs=variant.inputs,
                    outputs=variant.outputs,
                    operations={} if found else operations(path, variant.signature),
                    latency=tuple(result.latency),
                    quality=quality,
                    note=note,
                )
            )
        if form.name == "saved_model" and not problems and not self.own_problems:
            of_format = [entry for entry in self.entries if entry.format == form.name]
            problems = other_processors.problems(self._folder, of_format, self._reference)
        return [] if self.own_problems else problems

    def save_pictures(self) -> None:
        """Writes the pictures: all images of the same inputs, and the worst image of each artifact."""
        if not self._reference.source.has_pictures:
            return
        image_range = self._reference.source.image_range
        save_picture(self._folder / FILENAME, self._pictures, image_range)
        worst = {}
        for name, pair in self._worst.items():
            expected, received = map(self._as_float, pair)
            apart = difference(expected, received, image_range)
            worst[f"{name}: Keras, artifact, 10x difference"] = np.stack([expected, received, apart])
        save_picture(self._folder / WORST, worst, image_range)

    def _as_float(self, images: np.ndarray) -> np.ndarray:
        return as_float(images, self._reference.source.image_range)
