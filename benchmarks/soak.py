"""Loads the server fully while versions change and clients disconnect. Prints the answers and the memory.

    python benchmarks/soak.py                       # ten minutes
    python benchmarks/soak.py --minutes 0.2 --swap 1

Each version generates images of its own grey value, so that an answer from two versions is found. Clients drop a tenth
of the requests, half sent or half read. The health must be answered within a second throughout.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import shutil
import socket
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np

from served_model import LATENT, resident_megabytes, served, watched, write_generator

ROWS = 4
BODY = json.dumps({"instances": [[0.0] * LATENT] * ROWS}).encode()
PATH = "/v1/models/swapped:predict"


def publish(models: Path, version: int) -> None:
    """Publishes a version at once. At z = 0, its images are tanh(number / 100)."""
    hidden = models / "swapped" / f".{version}"
    write_generator(hidden, 28, 1, bias=(version % 100 + 1) / 100)
    hidden.rename(models / "swapped" / f"{version}")
    # Three versions stay, so that a version that is being loaded is not deleted.
    shutil.rmtree(models / "swapped" / f"{version - 3}", ignore_errors=True)


def drop(address: str) -> None:
    """Sends half of a request, or reads none of the answer."""
    host, port = address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        request = b"POST %s HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%s" % (PATH.encode(), len(BODY), BODY)
        connection.sendall(request[: random.choice((len(request), len(request) // 2))])
        time.sleep(random.random() * 0.02)


def ask(address: str, end: float, answers: Counter[str]) -> None:
    """Sends requests until the end, over one connection as long as it lasts."""
    connection = http.client.HTTPConnection(address, timeout=60)
    while time.monotonic() < end:
        if random.random() < 0.1:
            drop(address)
            answers["dropped by the client"] += 1
            continue
        try:
            connection.request("POST", PATH, BODY)
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException) as error:
            answers[f"failed: {type(error).__name__}"] += 1
            connection.close()
            continue
        if answer.status != 200:
            answers[f"status {answer.status}"] += 1
            continue
        greys = np.unique(np.round(np.array(json.loads(body)["predictions"]), 5))
        answers["from one version" if len(greys) == 1 else "FROM SEVERAL VERSIONS"] += 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--swap", type=float, default=5.0, help="seconds between versions")
    arguments = parser.parse_args()
    answers: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as place:
        models = Path(place)
        publish(models, 1)
        with served(models) as (url, _, pid, _), watched(urlsplit(url).netloc):
            end = time.monotonic() + arguments.minutes * 60
            threads = [
                threading.Thread(target=ask, args=(urlsplit(url).netloc, end, answers))
                for _ in range(arguments.connections)
            ]
            for thread in threads:
                thread.start()
            version, next_report = 1, 0.0
            while time.monotonic() < end:
                time.sleep(arguments.swap)
                version += 1
                publish(models, version)
                if time.monotonic() >= next_report:
                    next_report = time.monotonic() + 30
                    print(f"version {version}: {resident_megabytes(pid):.0f} MB, {dict(answers)}", flush=True)
            for thread in threads:
                thread.join()
            print(f"{version} versions, at the end {resident_megabytes(pid):.0f} MB: {dict(answers)}")
    bad = [what for what in answers if what not in ("from one version", "dropped by the client", "status 503")]
    if bad or not answers["from one version"]:
        raise SystemExit(f"Unexpected answers: {', '.join(bad) or 'no answer'}")


if __name__ == "__main__":
    main()
