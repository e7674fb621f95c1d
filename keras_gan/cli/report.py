"""`keras-gan report`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.filesize import decimal
from rich.markup import escape

from keras_gan.cli.run import Run
from keras_gan.config import TrainingConfig
from keras_gan.utils.files import atomic_path
from keras_gan.utils.private_paths import without_paths

if TYPE_CHECKING:
    from keras_gan.export import Manifest
    from keras_gan.report.page import Exported


def report(
    run: Annotated[Path, typer.Argument(help="The run's folder.", show_default=False)],
    output: Annotated[Path | None, typer.Option(help="The HTML to write.", show_default="RUN/report.html")] = None,
    exported: Annotated[
        list[Path] | None,
        typer.Option(
            help="Exports to show: a folder of models, of a model, or of a version. May be repeated.",
            show_default="those of this run in RUN/exported and beside RUN",
        ),
    ] = None,
    walk: Annotated[
        list[Path] | None,
        typer.Option(help="Folders that `keras-gan walk` wrote. May be repeated.", show_default="RUN/walk"),
    ] = None,
) -> None:
    """Put a run onto one page: config, curves, pictures over time, health, quality, walks, exports.

    The page is one HTML file that needs no other and no network. A run that is under way, or was interrupted, gives the
    page of what there is.

    Example: keras-gan report run --walk walk --exported exported
    """
    folder = Run(run)
    config = folder.read_config()
    if config is None and not folder.history.exists() and not folder.samples.is_dir():
        raise FileNotFoundError(f"{run} holds no run: config.yaml, history.csv and samples are missing")
    for given in (*(exported or ()), *(walk or ())):
        if not given.is_dir():
            raise FileNotFoundError(f"Expected a folder. Received: {given}")
    from keras_gan.report import render

    exports = list(_given(exported) if exported else _found(run, config))
    page = render(run, config, exports, walk or [folder.walk])
    destination = output or folder.report
    with atomic_path(destination) as temporary:
        temporary.write_text(page, encoding="utf-8")
    console = Console(soft_wrap=True, highlight=False)
    console.print(f"Report: [bold]{escape(str(destination))}[/]  ({decimal(destination.stat().st_size)})")


def _given(folders: list[Path]) -> Iterator[Exported]:
    from keras_gan.export import Manifest

    for folder in folders:
        versions = _newest_versions(folder)
        if not versions:
            raise FileNotFoundError(f"Expected a folder with exported models. Received: {folder}")
        for version in versions:
            yield _shown(version, Manifest.load(version))


def _found(run: Path, config: TrainingConfig | None) -> Iterator[Exported]:
    """The exports where the commands of the README put them, if they are of this very run."""
    from keras_gan.artifacts.engines import ArtifactError
    from keras_gan.export import Manifest

    for folder in (run / "exported", run.resolve().parent / "exported"):
        for version in _newest_versions(folder):
            try:
                manifest = Manifest.load(version)
            except ArtifactError as error:
                Console(stderr=True, soft_wrap=True).print(f"[yellow]Left out:[/] {escape(str(error))}")
                continue
            if config is not None and manifest.training.get("run") == without_paths(config.model_dump(mode="json")):
                yield _shown(version, manifest)


def _newest_versions(folder: Path) -> list[Path]:
    """The newest version of each model below a folder, which may be a version itself, or a model."""
    from keras_gan.artifacts.manifest import FILENAME
    from keras_gan.artifacts.versions import number_of

    found: dict[Path, dict[int, Path]] = {}
    for pattern in (FILENAME, f"*/{FILENAME}", f"*/*/{FILENAME}"):
        for manifest in folder.glob(pattern):
            version = manifest.parent.resolve()
            number = number_of(version.name)
            if number is not None:
                found.setdefault(version.parent, {})[number] = version
    return sorted(versions[max(versions)] for versions in found.values())


def _shown(folder: Path, manifest: Manifest) -> Exported:
    from keras_gan.report.page import Exported
    from keras_gan.report.pictures import picture

    rows = [
        (
            entry.format,
            entry.signature,
            entry.precision,
            decimal(entry.size),
            str(parity.batch) if parity.image_size is None else f"{parity.batch} of {_by(parity.image_size)}",
            f"{parity.max_abs_error:.1e}" if entry.dtype == "float32" else f"{parity.max_abs_error:.0f} of 255",
            "identical" if parity.psnr is None else f"{parity.psnr:.1f} dB",
            "pass" if parity.passed else "FAIL",
        )
        for entry in manifest.artifacts
        for parity in entry.parity
    ]
    title = f"{manifest.name}, version {manifest.version}"
    created = manifest.created.strftime("%Y-%m-%d %H:%M")
    return Exported(title, created, tuple(rows), picture(folder / "parity.png", "A row each: Keras, then the files"))


def _by(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"
