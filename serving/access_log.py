"""The access log: a line of JSON for each answer."""

from __future__ import annotations

import json
import sys
import threading
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from starlette.requests import Request


class AccessLog:
    """Lines such as `{"time": ..., "method": "POST", "path": ..., "status": 200, "ms": 1.8, "model": "digits"}`.

    Args:
        path: A file, which is added to; "-" for the standard output.
    """

    def __init__(self, path: str) -> None:
        self._file = sys.stdout if path == "-" else Path(path).open("a", encoding="utf-8")  # noqa: SIM115
        self._turn = threading.Lock()

    def write(self, request: Request, path: str, status: int, seconds: float, about: dict[str, Any]) -> None:
        """Tell of one answer."""
        line = {
            "time": datetime.now(timezone.utc).isoformat(timespec="milliseconds"),
            "client": None if request.client is None else request.client.host,
            "method": request.method,
            "path": path,
            "query": request.url.query,
            "status": status,
            "ms": round(seconds * 1e3, 3),
            **about,
        }
        with self._turn:
            print(json.dumps(line), file=self._file, flush=True)
