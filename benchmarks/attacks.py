"""Attacks the server as one client. Prints the slowest answer of the health meanwhile, and the largest memory.

    python benchmarks/attacks.py            # all attacks, some minutes
    python benchmarks/attacks.py bombs held

Each attack has a server of its own. The benchmark fails if the health is not answered within a second, or the server
takes more than `--megabytes`.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import re
import socket
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import grpc

from served_model import served, watched, write_generator

LARGEST = 32 * 2**20
Address = tuple[str, int]


def head(length: int, more: str = "") -> bytes:
    """Returns the headers of a predict request."""
    return f"POST /v1/models/m:predict HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n{more}\r\n".encode()


def send(address: Address, data: bytes, seconds: float = 0.0) -> None:
    """Sends bytes, waits, and reads the beginning of the answer."""
    with contextlib.suppress(OSError), socket.create_connection(address, timeout=60) as connection:
        connection.sendall(data)
        time.sleep(seconds)
        connection.recv(1000)


def at_once(count: int, attack: Callable[[], None]) -> None:
    """Runs an attack in threads."""
    threads = [threading.Thread(target=attack) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def empty_members(address: Address, _: int) -> None:
    """3 MB of empty gzip members, 8 times at once."""
    body = gzip.compress(b"") * 150_000
    at_once(8, lambda: send(address, head(len(body), "content-encoding: gzip\r\n") + body))


def bombs(address: Address, _: int) -> None:
    """30 gzip bodies at once, each of 32 KB that unpack to 32 MB."""
    body = gzip.compress(b" " * (LARGEST - 10))
    at_once(30, lambda: send(address, head(len(body), "content-encoding: gzip\r\n") + body))


def held(address: Address, _: int) -> None:
    """60 bodies of 31 MB whose last bytes do not come for 10 seconds."""
    body = b'{"instances": [' + b"1," * (31 * 2**19)
    at_once(60, lambda: send(address, head(len(body) + 9) + body, 10))


def trickled(address: Address, _: int) -> None:
    """1,500 connections that send a byte of a body every 3 seconds, for 40 seconds."""
    with contextlib.ExitStack() as stack:
        connections = []
        for _ in range(1500):
            connections.append(stack.enter_context(socket.create_connection(address, timeout=60)))
            connections[-1].sendall(head(1000))
        for _ in range(13):
            for connection in connections:
                with contextlib.suppress(OSError):
                    connection.send(b"x")
            time.sleep(3)


def complex_json(address: Address, _: int) -> None:
    """31 MB of NaN, lists, objects, keys, one number, and small numbers."""
    size = 31 * 2**20
    for text in (b"NaN,", b"[", b'{"a":', b"{},", b"1", b"0.5,"):
        body = b'{"instances": [' + text * (size // len(text)) + b"1]}"
        send(address, head(len(body)) + body)
    body = b'{"instances": [' + b"0.1234," * (4 * 2**20) + b"1]}"  # as many values as are allowed
    send(address, head(len(body)) + body)


def grpc_without_messages(_: Address, port: int) -> None:
    """500 gRPC calls whose message does not come for 20 seconds."""
    go_on = threading.Event()

    def messages() -> list[bytes]:
        go_on.wait(20)
        return []

    with contextlib.ExitStack() as stack:
        for number in range(5):
            options = [("grpc.use_local_subchannel_pool", 1), ("attack", number)]
            channel = stack.enter_context(grpc.insecure_channel(f"127.0.0.1:{port}", options))
            for _ in range(100):
                channel.stream_stream("/tensorflow.serving.PredictionService/Predict")(
                    message for _ in range(1) for message in messages()
                )
        time.sleep(20)
        go_on.set()


ATTACKS = {
    attack.__name__: attack for attack in (empty_members, bombs, held, trickled, complex_json, grpc_without_messages)
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("attacks", nargs="*", choices=[*ATTACKS, []], metavar="ATTACK", help=", ".join(ATTACKS))
    parser.add_argument("--megabytes", type=float, default=1000.0)
    arguments = parser.parse_args()
    for name in arguments.attacks or ATTACKS:
        with tempfile.TemporaryDirectory() as place:
            write_generator(Path(place) / "m" / "1", 28, 1, filters=8)
            with served(Path(place)) as (url, port, pid, _):
                parts = urlsplit(url)
                print(f"{name}: {ATTACKS[name].__doc__}")
                with watched(parts.netloc):
                    ATTACKS[name](("127.0.0.1", parts.port or 80), port)
                found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
                assert found is not None
                print(f"  largest memory: {int(found[1]) / 1024:.0f} MB", flush=True)
                if int(found[1]) / 1024 > arguments.megabytes:
                    raise SystemExit("The server took too much memory")


if __name__ == "__main__":
    main()
