"""The page: one file, without anything from elsewhere."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import keras_gan
from keras_gan.report.chart import HEIGHT, LEFT, RIGHT, WIDTH, charts
from keras_gan.report.history import History
from keras_gan.report.pictures import Picture, over_time, picture
from keras_gan.report.records import Findings, measured
from keras_gan.utils.extras import install_hint

WALKS = {
    "dimensions": "A row for each dimension of z, the others fixed",
    "slerp": "From one z to another along the arc",
    "lerp": "From one z to another along the straight line",
}


@dataclasses.dataclass(frozen=True)
class Exported:
    """One export, as the page shows it.

    Args:
        title: Its name and version.
        created: When.
        rows: Of each artifact and batch: format, signature, precision, size, batch, largest error, PSNR, verdict.
        picture: The same z drawn by Keras and by each artifact, or `None`.
    """

    title: str
    created: str
    rows: tuple[tuple[str, ...], ...]
    picture: Picture | None


def render(folder: Path, recipe: dict[str, Any], exports: Sequence[Exported] = (), walks: Sequence[Path] = ()) -> str:
    """Make the page of a run, finished or not.

    Args:
        folder: The run's folder.
        recipe: What `recipe.json` in it says; may be empty.
        exports: What was exported of it. Defaults to none.
        walks: Folders with the pictures of `keras-gan walk`. Defaults to none.

    Returns:
        HTML. It names no file and no address that a browser would fetch, and has no script.

    Raises:
        ImportError: If Jinja is missing.

    Example:
    ```python
    page = render(Path("run"), json.loads(Path("run/recipe.json").read_text()))
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
    figures, damaged = measured(folder)
    return environment.get_template("page.html.j2").render(
        name=folder.resolve().name,
        recipe={key: value for key, value in recipe.items() if value is not None and value is not False},
        done=max(history.epochs, default=0),
        epochs=recipe.get("epochs"),
        samples=over_time(folder / "samples"),
        charts=charts(history),
        size={"width": WIDTH, "height": HEIGHT, "left": LEFT, "right": RIGHT},
        findings=Findings.read(folder / "health.jsonl"),
        figures=figures,
        damaged=damaged,
        neighbours=picture(folder / "neighbours.png", "Each drawn image, and right of it the real ones most like it"),
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
