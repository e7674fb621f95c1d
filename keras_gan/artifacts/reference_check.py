"""Comparison of artifacts with the saved reference images."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from keras_gan.artifacts.artifact_entry import ArtifactEntry, Parity
from keras_gan.artifacts.case import Case
from keras_gan.artifacts.comparison import LEVELS, failure_of, measure, run, spec_differences
from keras_gan.artifacts.engines import Engine, open_engine
from keras_gan.artifacts.reference_images import FILENAME as REFERENCE
from keras_gan.artifacts.verification import VerifiedArtifact

# In dB. One image of a reduced format may be worse than the average of those that were compared at the export.
_PSNR_MARGIN = 3.0


class ReferenceCheck:
    """Runs artifacts on the reference inputs and compares their images with the reference images.

    Args:
        folder: The version folder.
        image_range: Values of black and white in its manifest.
        cases: Reference inputs and images.
    """

    def __init__(self, folder: Path, image_range: tuple[float, float], cases: tuple[Case, ...]) -> None:
        self.folder = folder
        self.image_range = image_range
        self.cases = cases
        self._engines: dict[str, Engine] = {}

    def check(self, entry: ArtifactEntry) -> VerifiedArtifact:
        """Compares the images of one signature."""
        if entry.filename not in {file.path for file in entry.files}:
            return VerifiedArtifact(entry, problems=(f"the manifest lists no hash of `{entry.filename}`",))
        try:
            engine = self._open(entry)
        except ValueError as error:
            return VerifiedArtifact(entry, problems=(str(error),))
        problems = [
            *spec_differences("inputs", entry.inputs, engine.inputs),
            *spec_differences("output", entry.outputs, engine.outputs),
        ]
        if lacking := sorted({spec.name for spec in entry.inputs} - set(self.cases[0].inputs)):
            problems.append(f"{REFERENCE} has no {', '.join(lacking)}")
        if problems:
            return VerifiedArtifact(entry, problems=tuple(problems))
        rows = []
        for case in self._cases(engine):
            row = self._compare(engine, entry, case)
            if isinstance(row, str):
                problems.append(f"{case}: {row}")
                continue
            rows.append(row)
            if not row.passed:
                problems.append(f"{case}: {failure_of(row)}")
        return VerifiedArtifact(entry, tuple(rows), tuple(problems))

    def _open(self, entry: ArtifactEntry) -> Engine:
        """Returns the engine of a signature. Signatures of one file share its weights."""
        if entry.filename not in self._engines:
            self._engines[entry.filename] = open_engine(self.folder / entry.filename)
        engine = self._engines[entry.filename]
        return engine.signature(entry.signature) or engine

    def _cases(self, engine: Engine) -> Iterator[Case]:
        """Yields one image and all images of each size that the engine supports."""
        for case in self.cases:
            if engine.image_sizes is None or case.image_size in engine.image_sizes:
                for n in sorted({1, len(case.expected)}):
                    yield Case({name: array[:n] for name, array in case.inputs.items()}, case.expected[:n])

    def _compare(self, engine: Engine, entry: ArtifactEntry, case: Case) -> Parity | str:
        converted = case.for_signature(entry, self.image_range)
        images = run(engine, converted, entry.outputs[0])
        if isinstance(images, str):
            return images
        image_range = self.image_range if entry.dtype == "float32" else LEVELS
        tolerance = max((row.tolerance for row in entry.parity if row.tolerance is not None), default=0.0)
        least = min((row.min_psnr for row in entry.parity if row.min_psnr is not None), default=None)
        least = None if least is None else least - _PSNR_MARGIN
        return measure(images, converted.expected, image_range, tolerance, case.image_size, min_psnr=least)
