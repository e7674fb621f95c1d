"""The child process that prepares a TensorFlow Datasets set and gives up when nothing advances.

Run as `python -m keras_gan.datasets.tfds_prepare NAME DATA_DIR TIMEOUT MODULE`. On failure it ends with status 1 and
the reason on standard output.
"""

from __future__ import annotations

import importlib
import itertools
import logging
import os
import signal
import socket
import sys
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

INTERVAL = 0.5  # seconds between two looks
BUSY = 0.1  # the share of a processor below which the process is waiting, not working
SUSPICIOUS = 4.0  # seconds without progress after which the hosts are tried
GRACE = 5.0  # seconds to remove the half-written folder in


class Watch:
    """Tell why a preparation should be given up.

    Args:
        downloads: The folder that downloads go to.
        hosts: (host, port) of each address the set may be downloaded from.
        timeout: How many seconds without any progress to bear.
    """

    def __init__(self, downloads: Path, hosts: Iterable[tuple[str, int]], timeout: float) -> None:
        self.downloads = downloads
        self.hosts = sorted(hosts)
        self.timeout = timeout
        self.unreachable = threading.Event()

    def wait(self) -> str:
        """Return, once there is one, the reason to give up."""
        seen, worked, alive, tried = 0, 0.0, time.monotonic(), False
        while True:
            time.sleep(INTERVAL)
            now_seen, now_worked = self.downloaded(), time.process_time()
            if now_seen != seen or now_worked - worked > BUSY * INTERVAL:
                alive = time.monotonic()
            seen, worked = now_seen, now_worked
            idle = time.monotonic() - alive
            if idle > SUSPICIOUS and not tried:
                tried = True
                # Looking up a name cannot be bounded, so it must not hold up this loop.
                threading.Thread(target=self.try_hosts, daemon=True).start()
            if self.unreachable.is_set() and idle > SUSPICIOUS:
                return f"cannot reach {', '.join(host for host, _ in self.hosts)}"
            if idle > self.timeout:
                return f"no progress for {self.timeout:g} seconds"

    def downloaded(self) -> int:
        """Return the size of the files that are being downloaded."""
        total = 0
        for file in itertools.chain(self.downloads.glob("*.tmp.*/*"), self.downloads.glob("*/*.tmp.*/*")):
            try:
                total += file.stat().st_size
            except FileNotFoundError:  # finished and renamed meanwhile
                total += 1
        return total

    def try_hosts(self) -> None:
        """Note if there are hosts and none answers. Behind a proxy that cannot be told, and is left to the timeout."""
        if self.hosts and not urllib.request.getproxies() and not any(map(_answers, self.hosts)):
            self.unreachable.set()


def _answers(address: tuple[str, int]) -> bool:
    try:
        with socket.create_connection(address, timeout=10.0):
            return True
    except OSError:
        return False


def hosts_of(urls: Iterable[str]) -> set[tuple[str, int]]:
    """Return (host, port) of each address."""
    ports = {"http": 80, "https": 443, "ftp": 21}
    parsed = map(urllib.parse.urlsplit, urls)
    return {(url.hostname, url.port or ports[url.scheme]) for url in parsed if url.hostname and url.scheme in ports}


def main(name: str, data_dir: str, timeout: float, module: str) -> None:
    """Prepare the set `name`, defined in `module`, or end the process."""
    answer, sys.stdout = sys.stdout, sys.stderr  # TensorFlow Datasets prints its progress there
    reason = ""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
    try:
        logging.getLogger("urllib3").setLevel(logging.ERROR)
        importlib.import_module(module)  # a set that its user defined is known once its module is imported
        import tensorflow_datasets as tfds

        builder = tfds.builder(name, data_dir=data_dir)
        watch = Watch(Path(data_dir, "downloads"), hosts_of(builder.url_infos or ()), timeout)

        def give_up() -> None:
            nonlocal reason
            reason = watch.wait()
            if hasattr(signal, "pthread_kill"):  # not on Windows
                signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
            time.sleep(GRACE)
            _end(answer, reason)

        threading.Thread(target=give_up, daemon=True).start()
        builder.download_and_prepare(
            download_config=tfds.download.DownloadConfig(try_download_gcs=False),
        )
    except (Exception, KeyboardInterrupt) as error:
        _end(answer, reason or f"{type(error).__name__}: {error}")


def _end(answer: TextIO, reason: str) -> None:
    print(reason, file=answer, flush=True)
    os._exit(1)  # the downloader's threads would be waited for


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]), sys.argv[4])
