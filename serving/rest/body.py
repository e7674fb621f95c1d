"""Reads the body of a request, within limits of time and size."""

from __future__ import annotations

import asyncio
import time
import zlib

from starlette.requests import Request

from keras_gan.serving.errors import ServingError, invalid


async def read_body(request: Request, max_bytes: int, deadline: float) -> bytes:
    """Reads a body, and unpacks it if it is gzip.

    Args:
        request: Request to read.
        max_bytes: Largest size, also of the unpacked body.
        deadline: Latest time, in seconds of `time.monotonic()`.

    Returns:
        The body.

    Raises:
        ServingError: If the body is too large, comes too late or is damaged.
    """
    if int(request.headers.get("content-length", 0)) > max_bytes:
        raise _too_large(max_bytes)
    try:
        body = await asyncio.wait_for(_read(request, max_bytes), max(0.0, deadline - time.monotonic()))
    except (TimeoutError, asyncio.TimeoutError):
        raise ServingError("DEADLINE_EXCEEDED", "The body of the request did not arrive in time") from None
    return _unpack(body, max_bytes) if request.headers.get("content-encoding", "").lower() == "gzip" else body


async def _read(request: Request, max_bytes: int) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > max_bytes:
            raise _too_large(max_bytes)
    return bytes(body)


def _unpack(packed: bytes, max_bytes: int) -> bytes:
    unpacked = bytearray()
    while packed:  # a gzip file is one or more members
        unpacker = zlib.decompressobj(wbits=31)
        try:
            unpacked += unpacker.decompress(packed, max_bytes - len(unpacked) + 1)
        except zlib.error as error:
            raise invalid(f"The body must be gzip, as `content-encoding` says. Received: {error}") from error
        if len(unpacked) > max_bytes:
            raise _too_large(max_bytes)
        if not unpacker.eof:
            raise invalid("The body must be gzip, as `content-encoding` says. Received: a file that ends too early")
        packed = unpacker.unused_data
    return bytes(unpacked)


def _too_large(max_bytes: int) -> ServingError:
    return ServingError("RESOURCE_EXHAUSTED", f"The body must be at most {max_bytes} bytes. Received: more")
