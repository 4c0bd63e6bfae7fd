"""Posts deliveries to real receivers: a thread of its own, kept-alive connections, many at once."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from typing import Protocol

from sim.net.answer import Answer
from sim.net.async_client import AsyncClient
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
        self._clients: dict[tuple[str, float], AsyncClient] = {}

    def __enter__(self) -> HttpPoster:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def post(self, delivery: Delivery) -> Future[Answered]:
        """Begin to make one; waits while too many are under way."""
        self._room.acquire()
        under_way = asyncio.run_coroutine_threadsafe(self._post(delivery), self._loop)
        under_way.add_done_callback(lambda _: self._room.release())
        return under_way

    async def _close(self) -> None:
        for client in self._clients.values():
            client.close()
        await asyncio.sleep(0)  # the event loop closes what was aborted

    async def _post(self, delivery: Delivery) -> Answered:
        client = self._client(delivery.url, delivery.timeout_s)
        answer = await client.ask(client.head(dict(delivery.headers)), delivery.body)
        return (answer.status, answer.body) if isinstance(answer, Answer) else (None, b"")

    def _client(self, url: str, timeout_s: float) -> AsyncClient:
        """Give the connections to a URL; routes of one platform may have times of their own."""
        key = url, timeout_s
        if key not in self._clients:
            self._clients[key] = AsyncClient(
                url, {}, timeout_s=timeout_s, bytes_max=ANSWER_BYTES_MAX
            )
        return self._clients[key]
