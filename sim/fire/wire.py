"""One connection of one client: HTTP/1.1 on asyncio, kept open, opened again when it broke."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import h11

HOST = "127.0.0.1"
READ_BYTES = 65_536
TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete answer; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


NoReply = Literal["refused", "cut"]  # nobody listens; or something was sent, and no answer came


class Wire:
    """A client's connection to a port of this machine."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._http = h11.Connection(h11.CLIENT)
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, path: str, body: bytes, key: str) -> Reply | NoReply:
        """Send a request and wait for its answer; never raises for what the network does."""
        try:
            async with asyncio.timeout(TIMEOUT_S):
                reader, writer = await self._connected()
        except OSError:
            return "refused"
        try:
            async with asyncio.timeout(TIMEOUT_S):
                return await self._exchange(reader, writer, path, body, key)
        except (OSError, h11.RemoteProtocolError, TimeoutError):
            self.close()
            return "cut"
        except asyncio.CancelledError:
            self.close()
            raise

    def close(self) -> None:
        """Drop the connection, whatever is under way."""
        if self._streams is not None:
            self._streams[1].transport.abort()
            self._streams = None

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._streams is None:
            self._streams = await asyncio.open_connection(HOST, self._port, limit=READ_BYTES)
            self._http = h11.Connection(h11.CLIENT)
        return self._streams

    async def _exchange(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        path: str,
        body: bytes,
        key: str,
    ) -> Reply:
        headers = [("Host", HOST), ("Content-Length", str(len(body))), ("X-Actual-Api-Key", key)]
        request = h11.Request(method="POST", target=path, headers=headers)
        http = self._http
        parts = (http.send(request), http.send(h11.Data(body)), http.send(h11.EndOfMessage()))
        writer.write(b"".join(part for part in parts if part))
        reply = await self._read(reader)
        if http.our_state is h11.DONE and http.their_state is h11.DONE:
            http.start_next_cycle()
        else:
            self.close()
        return reply

    async def _read(self, reader: asyncio.StreamReader) -> Reply:
        head: h11.Response | None = None
        body = b""
        while True:
            event = self._http.next_event()
            if event is h11.NEED_DATA:
                self._http.receive_data(await reader.read(READ_BYTES))
            elif isinstance(event, h11.Response):
                head = event
            elif isinstance(event, h11.Data):
                body += event.data
            elif head is None:
                raise ConnectionResetError
            else:
                named = {name.decode(): value.decode("latin-1") for name, value in head.headers}
                return Reply(head.status_code, named, body)
