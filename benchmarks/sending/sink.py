"""The least server that takes batches: python -m benchmarks.sending.sink; prints its port.

One uvloop protocol: finds the length, waits for the body, answers 202.  It reads nothing else.
"""

from __future__ import annotations

import asyncio
from typing import cast

import uvloop

BODY = b'{"accepted":120,"rejected":0,"rejected_events":[]}'
ANSWER = (
    b"HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
    % (
        len(BODY),
        BODY,
    )
)


class Sink(asyncio.Protocol):
    """Answers every POST on one connection."""

    def __init__(self) -> None:
        self._held = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Answer every request that is whole."""
        held = self._held + data if self._held else data
        while (end := held.find(b"\r\n\r\n")) >= 0:
            head = held[:end].lower()
            place = head.index(b"content-length:") + 15
            after = end + 4 + int(head[place:].partition(b"\r\n")[0])
            if len(held) < after:
                break
            held = held[after:]
            if self._transport is not None:
                self._transport.write(ANSWER)
        self._held = held


async def main() -> None:
    """Serve until killed."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Sink, "127.0.0.1", 0, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
