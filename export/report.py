"""The report of an export."""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path

from rich.console import Console
from rich.filesize import decimal
from rich.table import Table

from keras_gan.artifacts.artifact_entry import label
from keras_gan.artifacts.manifest import Manifest


@dataclasses.dataclass(frozen=True)
class Row:
    """Parity of one signature at one batch size.

    Args:
        format: Name of the format.
        file: File that an engine opens.
        size: Size of all files of the artifact, in bytes.
        signature: Name of the signature, such as "serving_default", "generate" or "uint8".
        dtype: Type of the images: "float32", "uint8", or "string" for PNG files.
        batch: Batch size.
        image_size: (height, width), for a model of several sizes, else None.
        max_abs_error: Largest difference of two pixels. Its unit is a grey level, except for float32 images.
        psnr: PSNR in dB; None for identical images.
        passed: True if the difference is allowed.
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
    """The version folder of an export and the parity of its artifacts.

    Args:
        path: The version folder.
        manifest: Its manifest.

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
        """Row for each signature of each format at each batch size."""
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
        """Returns the rows as a table for `rich.print`."""
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
            cells = (decimal(row.size), *image, str(row.batch), error, psnr)
            verdict = "[green]pass" if row.passed else "[red]FAIL"
            table.add_row(label(row.format, row.signature), *cells, verdict)
        return table

    def __str__(self) -> str:
        console = Console(file=io.StringIO(), width=100, color_system=None)
        console.print(self.table())
        console.print(str(self.path), soft_wrap=True, highlight=False)
        assert isinstance(console.file, io.StringIO)
        return console.file.getvalue().rstrip()

    __repr__ = __str__
