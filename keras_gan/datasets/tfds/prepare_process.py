"""The child process that prepares a set of TensorFlow Datasets, and gives up if there is no progress.

Command: `python -m keras_gan.datasets.tfds.prepare_process NAME DATA_DIR TIMEOUT MODULE`. If it fails, it prints the
reason to standard output and exits with code 1.
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

INTERVAL = 0.5  # seconds between two checks
BUSY = 0.1  # the share of a processor below which the process is waiting, not working
SUSPICIOUS = 4.0  # seconds without progress before the hosts are tried
GRACE = 5.0  # seconds in which the incomplete folder is removed


class Watch:
    """Watches the progress of a preparation.

    Args:
        downloads: Folder that files are downloaded to.
        hosts: (host, port) of each server that the set is downloaded from.
        timeout: Number of seconds without progress after which the preparation is given up.
    """

    def __init__(self, downloads: Path, hosts: Iterable[tuple[str, int]], timeout: float) -> None:
        self.downloads = downloads
        self.hosts = sorted(hosts)
        self.timeout = timeout
        self.unreachable = threading.Event()

    def wait(self) -> str:
        """Waits until the preparation should be given up, and returns the reason."""
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
                # The lookup of a host name has no timeout, so it runs in a thread of its own.
                threading.Thread(target=self.try_hosts, daemon=True).start()
            if self.unreachable.is_set() and idle > SUSPICIOUS:
                return f"cannot reach {', '.join(host for host, _ in self.hosts)}"
            if idle > self.timeout:
                return f"no progress for {self.timeout:g} seconds"

    def downloaded(self) -> int:
        """Returns the number of bytes in files that are being downloaded."""
        total = 0
        for file in itertools.chain(self.downloads.glob("*.tmp.*/*"), self.downloads.glob("*/*.tmp.*/*")):
            try:
                total += file.stat().st_size
            except FileNotFoundError:  # the download was finished and the file renamed
                total += 1
        return total

    def try_hosts(self) -> None:
        """Sets `unreachable` if there are hosts and none answers. Behind a proxy only the timeout can decide."""
        if self.hosts and not urllib.request.getproxies() and not any(map(_answers, self.hosts)):
            self.unreachable.set()


def _answers(address: tuple[str, int]) -> bool:
    try:
        with socket.create_connection(address, timeout=10.0):
            return True
    except OSError:
        return False


def hosts_of(urls: Iterable[str]) -> set[tuple[str, int]]:
    """Returns (host, port) of each URL."""
    ports = {"http": 80, "https": 443, "ftp": 21}
    parsed = map(urllib.parse.urlsplit, urls)
    return {(url.hostname, url.port or ports[url.scheme]) for url in parsed if url.hostname and url.scheme in ports}


def main(name: str, data_dir: str, timeout: float, module: str) -> None:
    """Prepares the set `name`, which `module` defines. Exits if it fails."""
    answer, sys.stdout = sys.stdout, sys.stderr  # TensorFlow Datasets prints its progress to standard output
    reason = ""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # background jobs of a shell ignore it
    try:
        logging.getLogger("urllib3").setLevel(logging.ERROR)
        importlib.import_module(module)  # registers a set that the user defined
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
    os._exit(1)  # a normal exit would wait for the threads of the downloader


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]), sys.argv[4])
