"""The access log: a line of JSON for each answer."""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from starlette.requests import Request

if TYPE_CHECKING:
    import grpc

logger = logging.getLogger("keras_gan.serving")


class AccessLog:
    """Lines such as `{"time": ..., "method": "POST", "path": ..., "status": 200, "ms": 1.8, "model": "digits"}`.

    Where they cannot be written, as on a full disk, this is told once, and answers go on.

    Args:
        path: A file, which is added to; "-" for the standard output.
    """

    def __init__(self, path: str) -> None:
        self._file = sys.stdout if path == "-" else Path(path).open("a", encoding="utf-8")  # noqa: SIM115
        self._turn = threading.Lock()
        self._failing = False

    def write(self, request: Request, path: str, status: int, seconds: float, about: dict[str, Any]) -> None:
        """Tell of one answer over REST."""
        client = None if request.client is None else request.client.host
        self._write(client, request.method, path, request.url.query, status, seconds, about)

    def called(
        self, method: str, context: grpc.ServicerContext, code: str, seconds: float, about: dict[str, Any]
    ) -> None:
        """Tell of one answer over gRPC, whose status is a word."""
        address = re.fullmatch(r"ipv[46]:\[?(.*?)\]?:\d+", unquote(context.peer()))
        self._write(None if address is None else address[1], "gRPC", method, "", code, seconds, about)

    def _write(
        self,
        client: str | None,
        method: str,
        path: str,
        query: str,
        status: int | str,
        seconds: float,
        about: dict[str, Any],
    ) -> None:
        line = {
            "time": datetime.now(timezone.utc).isoformat(timespec="milliseconds"),
            "client": client,
            "method": method,
            "path": path,
            "query": query,
            "status": status,
            "ms": round(seconds * 1e3, 3),
            **about,
        }
        with self._turn:
            try:
                print(json.dumps(line), file=self._file, flush=True)
            except OSError as error:
                if not self._failing:
                    logger.error("The access log cannot be written, answers go on without it: %s", error)
                self._failing = True
            else:
                self._failing = False
