"""HTML page of a run, in one file that loads no other."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path

import keras_gan
from keras_gan.config import TrainingConfig
from keras_gan.config.resume import flat
from keras_gan.report.chart import HEIGHT, LEFT, RIGHT, WIDTH, charts
from keras_gan.report.history import History
from keras_gan.report.pictures import Picture, over_time, picture
from keras_gan.report.records import Findings, measured, problems
from keras_gan.utils.extras import install_hint
from keras_gan.utils.private_paths import without_paths

WALKS = {
    "dimensions": "One row for each dimension of z, with the others fixed",
    "slerp": "From one z to another along the arc",
    "lerp": "From one z to another along the straight line",
}


@dataclasses.dataclass(frozen=True)
class Exported:
    """Export of the run's generator, as text.

    Args:
        title: Name and version.
        created: Date and time.
        rows: Cells of each artifact and batch: format, signature, precision, size, batch, largest error, PSNR,
            verdict.
        picture: Images of the same z from Keras and from each artifact, or `None`.
    """

    title: str
    created: str
    rows: tuple[tuple[str, ...], ...]
    picture: Picture | None


def render(
    folder: Path, config: TrainingConfig | None, exports: Sequence[Exported] = (), walks: Sequence[Path] = ()
) -> str:
    """Renders the page of a run, finished or not.

    Args:
        folder: Folder of the run.
        config: Config of the run, or `None` if it is not known.
        exports: Exports to show. Defaults to ().
        walks: Folders with the pictures of `keras-gan walk`. Defaults to ().

    Returns:
        HTML without scripts. A browser loads nothing else for it.

    Raises:
        ImportError: If Jinja is not installed.

    Example:
    ```python
    page = render(Path("run"), keras_gan.config.load("run/config.yaml"))
    ```
    """
    try:
        import jinja2
    except ModuleNotFoundError as error:
        raise ImportError(f"A report needs Jinja: {install_hint('report')}") from error
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    history = History.read(folder / "history.csv")
    metrics, damaged = measured(folder)
    findings = Findings.read(folder / "health.jsonl", folder / "health_summary.json")
    options = {} if config is None else without_paths(flat(config.model_dump()))
    return environment.get_template("page.html.j2").render(
        name=folder.resolve().name,
        config={key: value for key, value in options.items() if value is not None and value is not False},
        data=[options[f"data.{key}"] for key in ("name", "x", "y") if options.get(f"data.{key}") is not None],
        done=max(history.epochs, default=0),
        epochs=options.get("epochs"),
        samples=over_time(folder / "samples"),
        charts=charts(history),
        size={"width": WIDTH, "height": HEIGHT, "left": LEFT, "right": RIGHT},
        findings=findings,
        problems=problems(findings, metrics),
        metrics=metrics,
        damaged=damaged,
        neighbours=picture(
            folder / "neighbours.png", "Generated images, each with the nearest real images to its right"
        ),
        walks=[one for walk in walks for one in _walk(walk)],
        exports=exports,
        version=keras_gan.__version__,
        made=datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
    )


def _walk(folder: Path) -> list[Picture]:
    known = [folder / f"{name}.png" for name in WALKS if (folder / f"{name}.png").is_file()]
    paths = [*known, *(path for path in sorted(folder.glob("*.png")) if path not in known)]
    found = (picture(path, WALKS.get(path.stem, path.stem)) for path in paths)
    return [one for one in found if one is not None]
