"""Messages of a client from standard input, a line each, bounded, and without holding up the end.

A thread of its own reads: a read from a pipe cannot be broken off, and whoever waits for it would
keep a Ctrl-C waiting, too.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from threading import Semaphore, Thread

from badge.errors import InputError

LINE_BYTES_MAX = 16 << 20
_CHUNK_BYTES = 1 << 16
_AHEAD = 16


async def lines(number: int, bytes_max: int = LINE_BYTES_MAX) -> AsyncIterator[str]:
    """Yield the lines of a file descriptor until it ends; InputError for one that is too long."""
    loop = asyncio.get_running_loop()
    chunks: asyncio.Queue[bytes] = asyncio.Queue()
    ahead = Semaphore(_AHEAD)

    def read() -> None:
        chunk = b"more"
        while chunk:
            ahead.acquire()
            try:
                chunk = os.read(number, _CHUNK_BYTES)
            except OSError:
                chunk = b""
            try:
                loop.call_soon_threadsafe(chunks.put_nowait, chunk)
            except RuntimeError:  # the loop is gone
                return

    Thread(target=read, daemon=True, name="standard input").start()
    parts: list[bytes] = []
    size = 0
    while chunk := await chunks.get():
        ahead.release()
        *whole, rest = chunk.split(b"\n")
        for piece in whole:
            yield b"".join([*parts, piece]).decode("utf-8", "replace")
            parts, size = [], 0
        parts.append(rest)
        size += len(rest)
        if size > bytes_max:
            raise InputError(
                f"a message of more than {bytes_max >> 20} MiB; is this an MCP client?"
            )
    if size:
        yield b"".join(parts).decode("utf-8", "replace")
