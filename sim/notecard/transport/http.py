"""The one place that speaks HTTP: daemon threads that perform what the Notehub wants."""

from __future__ import annotations

from collections.abc import Callable
from queue import SimpleQueue
from threading import Lock, Thread
from urllib.parse import urlsplit

from badge.errors import InputError
from sim.net.answer import NoAnswer
from sim.net.client import Client
from sim.notecard.model.outputs import Fetch, Fetched

AT_ONCE = 4  # to one server: a slow one keeps its own requests waiting, not those to others
SERVERS_MAX = 64
ANSWER_BYTES_MAX = 512 * 1024  # above the largest binary store


class HttpWorkers:
    """`submit` a Fetch; `answered` is called from a worker thread with its Fetched."""

    def __init__(self, answered: Callable[[Fetched], None]) -> None:
        self._answered = answered
        self._client = Client(at_once=AT_ONCE)
        self._lock = Lock()
        self._queues: dict[str, SimpleQueue[Fetch | None]] = {}
        self._workers: dict[str, list[Thread]] = {}

    def submit(self, fetch: Fetch) -> None:
        """Perform one request, soon."""
        with self._lock:
            server = _server_of(fetch.url)
            if server not in self._queues and len(self._queues) >= SERVERS_MAX:
                server = next(iter(self._queues))
            queue = self._queues.setdefault(server, SimpleQueue())
            workers = self._workers.setdefault(server, [])
            if len(workers) < AT_ONCE:
                worker = Thread(target=self._work, args=(queue,), name="notehub", daemon=True)
                workers.append(worker)
                worker.start()
            queue.put(fetch)

    def close(self) -> None:
        """Let the workers end after what they are doing; nobody waits for a slow server."""
        with self._lock:
            for server, workers in self._workers.items():
                for _ in workers:
                    self._queues[server].put(None)
            for worker in [one for workers in self._workers.values() for one in workers]:
                worker.join(timeout=0.2)
        self._client.close()

    def _work(self, queue: SimpleQueue[Fetch | None]) -> None:
        while (fetch := queue.get()) is not None:
            self._answered(self._perform(fetch))

    def _perform(self, fetch: Fetch) -> Fetched:
        """Never raises: whatever goes wrong is a Fetched without a status."""
        try:
            answer = self._client.request(
                fetch.method,
                fetch.url,
                fetch.body,
                fetch.headers,
                timeout_s=fetch.timeout_s,
                bytes_max=ANSWER_BYTES_MAX,
            )
        except InputError as error:  # a header that cannot be sent; its text is not in the words
            return Fetched(fetch.fetch_id, 0, reason=str(error))
        if isinstance(answer, NoAnswer):
            return Fetched(fetch.fetch_id, 0, reason=answer.what)
        kind = answer.headers.get("content-type", "")
        return Fetched(fetch.fetch_id, answer.status, answer.body, kind)


def _server_of(url: str) -> str:
    try:
        return urlsplit(url).netloc
    except ValueError:
        return ""
