"""Load at saturation while versions change and clients go away: what is answered, by which version, in what memory.

    python benchmarks/soak.py                       # ten minutes
    python benchmarks/soak.py --minutes 0.2 --swap 1

Version v draws images of a grey that tells v, so that an answer of two versions would show. A tenth of the requests
is dropped by the client, half sent or half read.
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
from served_model import LATENT, resident_megabytes, served, write_generator

ROWS = 4
BODY = json.dumps({"instances": [[0.0] * LATENT] * ROWS}).encode()
PATH = "/v1/models/swapped:predict"


def publish(models: Path, version: int) -> None:
    """A version that appears whole; at z = 0 its images are tanh of its number in hundredths."""
    hidden = models / "swapped" / f".{version}"
    write_generator(hidden, 28, 1, bias=(version % 100 + 1) / 100)
    hidden.rename(models / "swapped" / f"{version}")
    # Three stay, so that one that is being loaded is not taken away.
    shutil.rmtree(models / "swapped" / f"{version - 3}", ignore_errors=True)


def drop(address: str) -> None:
    """Send half of a request, or read none of the answer."""
    host, port = address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        request = b"POST %s HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%s" % (PATH.encode(), len(BODY), BODY)
        connection.sendall(request[: random.choice((len(request), len(request) // 2))])
        time.sleep(random.random() * 0.02)


def ask(address: str, end: float, told: Counter[str]) -> None:
    """Ask until the end, over one connection as long as it holds."""
    connection = http.client.HTTPConnection(address, timeout=60)
    while time.monotonic() < end:
        if random.random() < 0.1:
            drop(address)
            told["dropped by the client"] += 1
            continue
        try:
            connection.request("POST", PATH, BODY)
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException) as error:
            told[f"failed: {type(error).__name__}"] += 1
            connection.close()
            continue
        if answer.status != 200:
            told[f"status {answer.status}"] += 1
            continue
        greys = np.unique(np.round(np.array(json.loads(body)["predictions"]), 5))
        told["of one version" if len(greys) == 1 else "OF SEVERAL VERSIONS"] += 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--swap", type=float, default=5.0, help="seconds between versions")
    parser.add_argument("--batching", action="store_true")
    arguments = parser.parse_args()
    told: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as place:
        models = Path(place)
        publish(models, 1)
        flags = ("--enable_batching",) if arguments.batching else ()
        with served(models, *flags) as (url, _, pid, _):
            end = time.monotonic() + arguments.minutes * 60
            threads = [
                threading.Thread(target=ask, args=(urlsplit(url).netloc, end, told))
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
                    print(f"version {version}: {resident_megabytes(pid):.0f} MB, {dict(told)}", flush=True)
            for thread in threads:
                thread.join()
            print(f"{version} versions, at the end {resident_megabytes(pid):.0f} MB: {dict(told)}")
    bad = [what for what in told if what not in ("of one version", "dropped by the client", "status 503")]
    if bad or not told["of one version"]:
        raise SystemExit(f"Not as it should be: {', '.join(bad) or 'nothing was answered'}")


if __name__ == "__main__":
    main()
