"""Access log: one line of JSON for each answer."""

from __future__ import annotations

import json
import logging
import sys
import threading
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

logger = logging.getLogger("keras_gan.serving")


class AccessLog:
    """Writes lines such as `{"time": ..., "method": "POST", "path": ..., "status": 200, "ms": 1.8, "model": "digits"}`.

    If a line cannot be written, for example because the disk is full, the server logs this once and goes on. The path
    "-" stands for the standard output.
    """

    def __init__(self, path: str) -> None:
        self._file = sys.stdout if path == "-" else Path(path).open("a", encoding="utf-8")  # noqa: SIM115
        self._lock = threading.Lock()
        self._failing = False

    def write(
        self, client: str | None, method: str, path: str, status: int | str, seconds: float, fields: dict[str, Any]
    ) -> None:
        """Writes a line. For gRPC, the method is "gRPC" and the status the name of the code."""
        path, _, query = path.partition("?")
        line = {
            "time": datetime.now(timezone.utc).isoformat(timespec="milliseconds"),
            "client": client,
            "method": method,
            "path": path,
            "query": query,
            "status": status,
            "ms": round(seconds * 1e3, 3),
            **fields,
        }
        with self._lock:
            try:
                print(json.dumps(line), file=self._file, flush=True)
            except OSError as error:
                if not self._failing:
                    logger.error("The access log cannot be written. The server goes on without it: %s", error)
                self._failing = True
            else:
                self._failing = False
