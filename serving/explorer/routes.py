"""Routes of the page: its files, and JSON that TensorFlow Serving's API does not have."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from keras_gan import latent
from keras_gan.serving.explorer.facts import facts
from keras_gan.serving.models.servable import Servable

PAGE = Path(__file__).parent / "page"
_FILES = frozenset(f"/explorer/{file.name}" for file in PAGE.iterdir())
_MOST_SEEDS = 64
_MOST_NUMBERS = 1 << 18
# Everything comes from this server, no inline script runs, and no other page may embed it.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}
_log = logging.getLogger(__name__)


def routes(served: Callable[[], Iterable[Servable]]) -> list[BaseRoute]:
    """Returns the routes of the page, for a function that returns the available versions.

    `/` is the page, and its files are under `/explorer/`. `/explorer/models.json` lists the models, the newest version
    of a name first. `/explorer/models/NAME/VERSION.json` has the facts about one. `/explorer/z.json` has z for seeds.
    """

    def models(_: Request) -> Response:
        found = sorted(served(), key=lambda one: (one.name, -one.version))
        shown = [{"name": one.name, "version": one.version} for one in found if facts(one) is not None]
        return JSONResponse({"models": shown}, headers=_HEADERS)

    def model(request: Request) -> Response:
        name, version = request.path_params["name"], request.path_params["version"]
        one = next((one for one in served() if (one.name, str(one.version)) == (name, version)), None)
        found = None if one is None else facts(one)
        if one is None or found is None:
            return _refusal(f"There is no generator or translator {name}, version {version}", 404)
        return JSONResponse(found | {"directions": _directions(one.folder)}, headers=_HEADERS)

    return [
        Route("/", lambda _: FileResponse(PAGE / "index.html", headers=_HEADERS)),
        Route("/explorer/models.json", models),
        Route("/explorer/models/{name}/{version}.json", model),
        Route("/explorer/z.json", _z),
        Mount("/explorer", _Files(directory=PAGE)),
    ]


def is_page(path: str) -> bool:
    """Returns True for the page and its files, which say nothing about the models and so need no token."""
    return path == "/" or path in _FILES


class _Files(StaticFiles):
    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers.update(_HEADERS)
        return response


def _z(request: Request) -> Response:
    """Returns z for each seed, as the models sample it."""
    try:
        seeds = [int(seed) for seed in request.query_params["seeds"].split(",")]
        latent_dim = int(request.query_params["latent_dim"])
    except (KeyError, ValueError):
        return _refusal("`seeds` must be integers separated by commas, and `latent_dim` an integer", 400)
    if not 1 <= len(seeds) <= _MOST_SEEDS or not 1 <= latent_dim <= _MOST_NUMBERS // len(seeds):
        return _refusal(
            f"There may be at most {_MOST_SEEDS} seeds, and {_MOST_NUMBERS} numbers in all z. "
            f"Received: {len(seeds)} seeds, latent_dim={latent_dim}",
            400,
        )
    try:
        z = np.concatenate([latent.sample(1, latent_dim, seed) for seed in seeds])
    except ValueError as error:
        return _refusal(str(error), 400)
    content = orjson.dumps({"z": z}, option=orjson.OPT_SERIALIZE_NUMPY)
    return Response(content, media_type="application/json", headers=_HEADERS)


def _directions(folder: Path) -> dict[str, Any]:
    try:
        found = latent.load_directions(folder)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        _log.warning("The explorer shows no directions of %s: %s", folder, error)
        return {}
    return {name: {"shares": d.shares.tolist(), "vectors": d.vectors.tolist()} for name, d in found.items()}


def _refusal(message: str, status: int) -> Response:
    return JSONResponse({"error": message}, status, headers=_HEADERS)
