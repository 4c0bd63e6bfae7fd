"""The one thread that touches the store: concurrent requests share a commit.

While one group waits for the disk, the next one gathers; so many small batches cost few fsyncs,
and an answer leaves only after the commit that holds its batch.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, TypeVar

from sim.ingest.api.answers import Answer, store_unavailable
from sim.ingest.store.sqlite import IngestStore, StoreUnavailableError

GROUP_LIMIT = 64

Said = TypeVar("Said", Answer, Answer | None)


@dataclass(frozen=True, slots=True)
class _Waiting:
    ask: Callable[[], Answer | None]
    loop: asyncio.AbstractEventLoop
    answered: asyncio.Future[Any]


class Writer:
    """Runs requests against a store one after the other in a thread of its own."""

    def __init__(self, store: IngestStore) -> None:
        self._store = store
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._thread = Thread(target=self._work, name="ingest-writer", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Answer what waits, then end the thread."""
        self._queue.put(None)
        self._thread.join()

    async def answer(self, ask: Callable[[], Said]) -> Said:
        """Run `ask` in the next group; its answer after the commit, or 503 if that failed."""
        loop = asyncio.get_running_loop()
        waiting = _Waiting(ask, loop, loop.create_future())
        self._queue.put(waiting)
        said: Said = await waiting.answered
        return said

    def _work(self) -> None:
        while group := self._next_group():
            try:
                with self._store.group():
                    results = [_run(waiting.ask) for waiting in group]
            except StoreUnavailableError as error:
                results = [store_unavailable(error)] * len(group)
            group[0].loop.call_soon_threadsafe(_hand_out, group, results)

    def _next_group(self) -> list[_Waiting]:
        """Wait for one request and take all others that wait; empty when it is time to stop."""
        group: list[_Waiting] = []
        try:
            while len(group) < GROUP_LIMIT:
                waiting = self._queue.get(block=not group)
                if waiting is None:
                    if group:
                        self._queue.put(None)
                    break
                group.append(waiting)
        except Empty:
            pass
        return group


def _run(ask: Callable[[], Answer | None]) -> Answer | Exception | None:
    """One request's bug must not take the others of its group with it."""
    try:
        return ask()
    except Exception as error:
        return error


def _hand_out(group: list[_Waiting], results: list[Answer | Exception | None]) -> None:
    for waiting, result in zip(group, results, strict=True):
        if waiting.answered.done():  # its client went away
            continue
        if isinstance(result, Exception):
            waiting.answered.set_exception(result)
        else:
            waiting.answered.set_result(result)
