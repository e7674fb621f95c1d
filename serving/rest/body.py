"""Reads the body of a request, within limits of time and size."""

from __future__ import annotations

import asyncio
import time
import zlib
from collections.abc import Iterable

from starlette.requests import ClientDisconnect, Request

from keras_gan.serving.errors import ServingError, invalid
from keras_gan.serving.rest.connections import BytesInFlight

# Smaller bodies are not counted.
_COUNTED = 64 * 1024
_MOST_MEMBERS = 1000
_PACKED_STEP = 64 * 1024
_UNPACKED_STEP = 2**20


async def read_body(request: Request, max_bytes: int, deadline: float, in_flight: BytesInFlight) -> bytearray:
    """Reads a body, which may be packed. The deadline is in seconds of `time.monotonic()`.

    `in_flight` holds the bytes for `request`, until the caller releases them.

    Raises:
        ServingError: If the body is too large or comes too late, or the server holds too many bytes.
    """
    if int(_header(request, b"content-length") or 0) > max_bytes:
        raise _too_large(max_bytes)
    encoding = _header(request, b"content-encoding")
    if encoding.lower() not in (b"", b"gzip", b"identity"):
        received = f"{encoding.decode('latin-1')[:40]!r}"
        raise ServingError("INVALID_ARGUMENT", f"`content-encoding` must be gzip. Received: {received}", 415)
    body, reader, reasons = bytearray(), asyncio.current_task(), list[ServingError]()
    assert reader is not None

    def stop(code: str, reason: str) -> None:
        reasons.append(ServingError(code, reason))
        reader.cancel()

    def drop() -> None:
        stop("UNAVAILABLE", "The server holds too many bytes of unfinished requests. Try again")

    late = "The body of the request did not arrive in time"
    timer = asyncio.get_running_loop().call_later(deadline - time.monotonic(), stop, "DEADLINE_EXCEEDED", late)
    try:
        more = True
        while more:
            message = await request.receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            body += message["body"]
            more = message.get("more_body", False)
            if len(body) > max_bytes:
                raise _too_large(max_bytes)
            if len(body) > _COUNTED:
                in_flight.hold(request, len(body), drop)
        if reasons:  # it was cancelled while it did not wait
            await asyncio.sleep(0)
        if len(body) > _COUNTED:
            in_flight.hold(request, len(body), None)
    except asyncio.CancelledError:
        if reasons:
            raise reasons.pop() from None
        raise
    finally:
        timer.cancel()
    return body


def is_packed(request: Request) -> bool:
    """Returns True if the body of a request is gzip."""
    return _header(request, b"content-encoding").lower() == b"gzip"


def _header(request: Request, name: bytes) -> bytes:
    """Returns a header, or b"" if there is none. Starlette's `headers` take several times as long."""
    given: Iterable[tuple[bytes, bytes]] = request.scope["headers"]
    return next((value for key, value in given if key == name), b"")


def unpack(packed: bytes | bytearray, max_bytes: int) -> bytearray:
    """Unpacks gzip in linear time.

    Raises:
        ServingError: If the result is too large, or the file is damaged.
    """
    unpacked, unpacker, members = bytearray(), None, 0
    for start in range(0, len(packed), _PACKED_STEP):
        step = bytes(packed[start : start + _PACKED_STEP])
        while step:
            if unpacker is None:
                unpacker, members = zlib.decompressobj(wbits=31), members + 1
                if members > _MOST_MEMBERS:  # each member copies the rest of its step
                    raise invalid(f"A gzip body must have at most {_MOST_MEMBERS} members. Received: more")
            try:
                unpacked += unpacker.decompress(step, _UNPACKED_STEP)
            except zlib.error as error:
                raise invalid(f"The body must be gzip, as `content-encoding` says. Received: {error}") from error
            if len(unpacked) > max_bytes:
                raise _too_large(max_bytes)
            step = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
            if unpacker.eof:
                unpacker = None
    if unpacker is not None:
        raise invalid("The body must be gzip, as `content-encoding` says. Received: a file that ends too early")
    return unpacked


def _too_large(max_bytes: int) -> ServingError:
    return ServingError(
        "RESOURCE_EXHAUSTED", f"The body must be at most {max_bytes} bytes. Received: more", http_status=413
    )
