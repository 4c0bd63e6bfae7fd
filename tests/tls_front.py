"""TLS in front of a backend on this machine, with a certificate of an own authority."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from typing import NamedTuple
from urllib.parse import urlsplit

import trustme


class TlsFront(NamedTuple):
    """Where it is, and the file of the authority: who trusts that is let in."""

    url: str
    authority: Path


@contextmanager
def tls_front(behind: str, folder: Path) -> Iterator[TlsFront]:
    """Pass every connection on to `behind`, a URL, byte by byte."""
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.cert_pem.write_to_path(folder / "ca.pem")
    to = urlsplit(behind)
    ports: list[int] = []
    ready, loop, ending = Event(), asyncio.new_event_loop(), asyncio.Event()

    opened: set[asyncio.StreamWriter] = set()

    async def carry(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(OSError):  # whoever hangs up, the other side is told
            while data := await source.read(1 << 16):
                sink.write(data)
                await sink.drain()
        sink.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        opened.add(writer)
        try:
            inner, out = await asyncio.open_connection(to.hostname, to.port)
        except OSError:
            writer.close()
            return
        opened.add(out)
        await asyncio.gather(carry(reader, out), carry(inner, writer))

    async def live() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
        ports.append(server.sockets[0].getsockname()[1])
        ready.set()
        await ending.wait()
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        for writer in opened:
            writer.transport.abort()
        closing = (asyncio.wait_for(writer.wait_closed(), 10.0) for writer in opened)
        await asyncio.gather(*closing, return_exceptions=True)

    def run() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(live())

    thread = Thread(target=run, daemon=True)
    thread.start()
    ready.wait()
    try:
        yield TlsFront(f"https://localhost:{ports[0]}", folder / "ca.pem")
    finally:
        loop.call_soon_threadsafe(ending.set)
        thread.join()
