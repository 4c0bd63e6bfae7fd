"""The one place that speaks HTTP: a few daemon threads that perform what the Notehub wants."""

from __future__ import annotations

from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread

import urllib3

from sim.notecard.model.outputs import Fetch, Fetched

WORKERS = 4
ANSWER_BYTES_MAX = 256 * 1024
_REASONS = {
    urllib3.exceptions.NewConnectionError: "no connection",  # a TimeoutError too: ask first
    urllib3.exceptions.TimeoutError: "timed out",
    urllib3.exceptions.SSLError: "TLS error",
}


class WebClient:
    """`submit` a Fetch; `answered` is called from a worker thread with its Fetched."""

    def __init__(self, answered: Callable[[Fetched], None]) -> None:
        self._answered = answered
        self._queue: SimpleQueue[Fetch | None] = SimpleQueue()
        self._pool = urllib3.PoolManager(maxsize=WORKERS, retries=False)
        self._workers: list[Thread] = []

    def submit(self, fetch: Fetch) -> None:
        """Perform one request, soon."""
        if len(self._workers) < WORKERS:
            worker = Thread(target=self._work, name="notehub", daemon=True)
            self._workers.append(worker)
            worker.start()
        self._queue.put(fetch)

    def close(self) -> None:
        """Let the workers end after what they are doing."""
        for _ in self._workers:
            self._queue.put(None)
        for worker in self._workers:
            worker.join(timeout=1)
        self._pool.clear()

    def _work(self) -> None:
        while (fetch := self._queue.get()) is not None:
            self._answered(self._perform(fetch))

    def _perform(self, fetch: Fetch) -> Fetched:
        """Never raises: whatever goes wrong is a Fetched without a status."""
        try:
            response = self._pool.request(
                fetch.method,
                fetch.url,
                body=fetch.body or None,
                headers=fetch.headers,
                timeout=urllib3.Timeout(total=fetch.timeout_s),
                redirect=False,
                preload_content=False,
            )
            try:
                body = response.read(ANSWER_BYTES_MAX + 1, decode_content=True)
            finally:
                response.drain_conn()
                response.release_conn()
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            return Fetched(fetch.fetch_id, 0, reason=_reason(error))
        kind = response.headers.get("Content-Type", "")
        return Fetched(fetch.fetch_id, response.status, body, kind)


def _reason(error: Exception) -> str:
    """Words for an error, without the address or headers that its text might hold."""
    for kind, words in _REASONS.items():
        if isinstance(error, kind):
            return words
    return type(error).__name__
