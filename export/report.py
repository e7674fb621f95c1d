"""What an export did, for people to read."""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path

from rich.console import Console
from rich.filesize import decimal
from rich.table import Table

from keras_gan.artifacts.manifest import Manifest, label


@dataclasses.dataclass(frozen=True)
class Row:
    """One artifact on one batch.

    Args:
        format: The format's name.
        file: The file that an engine opens.
        size: Of all the artifact's files, in bytes.
        signature: Such as "serving_default", "generate" or "uint8".
        dtype: Of the images: "float32", "uint8", or "string" for PNG files.
        batch: How many images were compared at once.
        image_size: The (height, width), where the model takes more than one.
        max_abs_error: The largest difference of two pixels from Keras's; in grey levels if they are not float32.
        psnr: In dB; `None` if the images are the same to the bit.
        passed: Whether the difference is within the tolerance.
    """

    format: str
    file: str
    size: int
    signature: str
    dtype: str
    batch: int
    image_size: tuple[int, int] | None
    max_abs_error: float
    psnr: float | None
    passed: bool


@dataclasses.dataclass(frozen=True, repr=False)
class ExportReport:
    """Where the artifacts are, and how close each draws to the Keras generator.

    Args:
        path: The version folder.
        manifest: What stands in its manifest.json.

    Example:
    ```python
    report = keras_gan.export.export_generator(gan, "exported", name="digits")
    rich.print(report.table())
    ```
    """

    path: Path
    manifest: Manifest

    @property
    def rows(self) -> tuple[Row, ...]:
        """A row for each signature of each format, and batch."""
        return tuple(
            Row(
                a.format,
                a.filename,
                a.size,
                a.signature,
                a.dtype,
                p.batch,
                p.image_size,
                p.max_abs_error,
                p.psnr,
                p.passed,
            )
            for a in self.manifest.artifacts
            for p in a.parity
        )

    def table(self) -> Table:
        """The rows as a table for `rich.print`."""
        table = Table(title=f"{self.manifest.name}, version {self.manifest.version}, against the Keras generator")
        table.add_column("format")
        images = self.manifest.kind == "translator"
        for heading in ("size", *(["image"] if images else []), "batch", "max abs error", "PSNR"):
            table.add_column(heading, justify="right")
        table.add_column("verdict")
        for row in self.rows:
            image = ["{}x{}".format(*row.image_size)] if row.image_size is not None else []
            error = f"{row.max_abs_error:.1e}" if row.dtype == "float32" else f"{row.max_abs_error:.0f} of 255"
            psnr = "identical" if row.psnr is None else f"{row.psnr:.1f} dB"
            figures = (decimal(row.size), *image, str(row.batch), error, psnr)
            verdict = "[green]pass" if row.passed else "[red]FAIL"
            table.add_row(label(row.format, row.signature), *figures, verdict)
        return table

    def __str__(self) -> str:
        console = Console(file=io.StringIO(), width=100, color_system=None)
        console.print(self.table())
        console.print(str(self.path), soft_wrap=True, highlight=False)
        assert isinstance(console.file, io.StringIO)
        return console.file.getvalue().rstrip()

    __repr__ = __str__
