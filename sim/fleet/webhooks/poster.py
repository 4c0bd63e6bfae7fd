"""Posts deliveries to real receivers: a thread of its own, kept-alive connections, many at once."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from io import BytesIO
from typing import Any, Protocol

import aiohttp

from sim.platforms.kit.delivery import Delivery

AT_ONCE = 32
ANSWER_BYTES_MAX = 1 << 16
Answered = tuple[int | None, bytes]


class Poster(Protocol):
    """Makes deliveries; the answer's status is None when none came."""

    def post(self, delivery: Delivery) -> Future[Answered]:
        """Begin to make one; waits while too many are under way."""


class NoPoster:
    """Nobody is there, and takes everything: what is written to files is as if it were posted."""

    def __init__(self) -> None:
        self._taken: Future[Answered] = Future()
        self._taken.set_result((200, b"{}"))

    def post(self, delivery: Delivery) -> Future[Answered]:
        """Answer 200 at once."""
        return self._taken


class HttpPoster:
    """Posts over HTTP; at most 32 are under way at once."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._room = threading.BoundedSemaphore(AT_ONCE)
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._session: aiohttp.ClientSession | None = None

    def __enter__(self) -> HttpPoster:
        self._thread.start()
        self._do(self._open())
        return self

    def __exit__(self, *_: object) -> None:
        self._do(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def post(self, delivery: Delivery) -> Future[Answered]:
        """Begin to make one; waits while too many are under way."""
        self._room.acquire()
        under_way = asyncio.run_coroutine_threadsafe(self._post(delivery), self._loop)
        under_way.add_done_callback(lambda _: self._room.release())
        return under_way

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _open(self) -> None:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            cookie_jar=aiohttp.DummyCookieJar(),
            # what the platforms send here is not public
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding"),
        )

    async def _close(self) -> None:
        assert self._session is not None
        await self._session.close()

    async def _post(self, delivery: Delivery) -> Answered:
        assert self._session is not None
        try:
            async with self._session.post(
                delivery.url,
                data=BytesIO(delivery.body),  # the way of large bodies: 50 whole batches in a post
                headers=dict(delivery.headers),
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=delivery.timeout_s),
            ) as response:
                return response.status, await response.content.read(ANSWER_BYTES_MAX)
        except (aiohttp.ClientError, OSError, TimeoutError):
            return None, b""
