"""The proof of an export: each artifact beside the Keras generator, in figures and in pictures."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from keras_gan.artifacts.engines import open_engine
from keras_gan.artifacts.file_entry import FileEntry
from keras_gan.artifacts.manifest import ArtifactEntry, label
from keras_gan.artifacts.pixels import as_float
from keras_gan.export.formats.format import Format
from keras_gan.export.formats.operations import operations
from keras_gan.export.parity.compare import Worst, compare
from keras_gan.export.parity.picture import FILENAME, WORST, difference, save_picture
from keras_gan.export.parity.quality import Judge
from keras_gan.export.parity.reference import Reference
from keras_gan.utils.quiet import CONVERSION, quiet


class Proof:
    """What is found of the artifacts of one export.

    Attributes:
        own_problems: What is wrong with the generator itself.
        entries: What the manifest should say of each signature of each format.

    Args:
        reference: What Keras drew.
        folder: Where the artifacts are.
        tolerance: The largest difference of two pixels to allow, in float32.
        min_psnr: The least PSNR in dB to allow of each lower precision.
        max_kid: How much larger than Keras's own the kernel distance of a quantised format may be; `None` to measure
            none.
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
        self._judge = Judge(reference.source, max_kid)
        shown = reference.shown
        source = {"source": shown.inputs["source"]} if "source" in shown.inputs else {}
        self._pictures: dict[str, np.ndarray] = {**source, "keras": shown.expected}
        self._worst: dict[str, Worst] = {}

    def check(self, form: Format, files: tuple[FileEntry, ...], note: str | None = None) -> list[str]:
        """Compare each signature of a format, which takes the place of what was checked by its name before.

        Args:
            form: The format.
            files: Those that were written for it.
            note: As in `ArtifactEntry`. Defaults to None.

        Returns:
            A sentence for each thing that is wrong. What the generator itself gets wrong, an artifact true to it gets
            wrong too: then there is none.
        """
        problems = []
        self.entries = [entry for entry in self.entries if entry.format != form.name]
        # Signatures share a file, and it may be large.
        opened = functools.cache(open_engine)
        variants = form.variants(self._reference.source)
        mains = {form.filename(variant.signature) for variant in variants}
        for variant in variants:
            name, path = label(form.name, variant.signature), self._folder / form.filename(variant.signature)
            with CONVERSION, quiet():
                least = self._min_psnr.get(form.precision)
                result = compare(path, self._reference, self._tolerance, variant, least, opened)
                judged = variant is variants[0] and not result.problems and not self.own_problems
                quality = self._judge.judge(opened(path), form, variant) if judged else None
            found = [*result.problems, *([quality.problem] if quality is not None and quality.problem else [])]
            problems += [f"{name}: {problem}" for problem in found]
            if result.images is not None:
                self._pictures[name] = self._float(result.images)
            if result.worst is not None:
                self._worst[name] = result.worst
            self.entries.append(
                ArtifactEntry(
                    format=form.name,
                    filename=path.name,
                    files=tuple(file for file in files if file.path not in mains - {path.name}),
                    parity=result.rows,
                    signature=variant.signature,
                    dtype=variant.dtype,
                    precision=form.precision,
                    inputs=variant.inputs,
                    outputs=variant.outputs,
                    operations={} if found else operations(path, variant.signature),
                    latency=result.latency,
                    quality=quality,
                    note=note,
                )
            )
        return [] if self.own_problems else problems

    def save_pictures(self) -> None:
        """Write what all drew of the same inputs, and of each artifact the image that it got most wrong."""
        image_range = self._reference.source.image_range
        save_picture(self._folder / FILENAME, self._pictures, image_range)
        worst = {}
        for name, (expected, drawn) in self._worst.items():
            theirs, own = self._float(expected), self._float(drawn)
            apart = difference(theirs, own, image_range)
            worst[f"{name}: Keras, itself, 10x apart"] = np.stack([theirs, own, apart])
        save_picture(self._folder / WORST, worst, image_range)

    def _float(self, images: np.ndarray) -> np.ndarray:
        return as_float(images, self._reference.source.image_range)
