"""A run's badges as users of Locust: their batches by our own sender, shared among its workers.

A locustfile is one line, `from sim.fleet.locust import BadgeUser`; it takes `--badge-run RUN`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import gevent  # type: ignore[import-untyped]  # it ships none of its own
import gevent.event  # type: ignore[import-untyped]  # nor of this
from locust import User, events, task
from locust.exception import StopUser
from locust.runners import MasterRunner, WorkerRunner

from badge.answers import read_answer
from badge.contract.documents import parse
from badge.errors import InputError
from badge.host.documents import read_lines
from badge.words import counted
from sim.fleet.shard import new_event_loop
from sim.net.answer import Answer, NoAnswer
from sim.net.async_client import AsyncClient
from sim.net.url import endpoint

BATCH_BYTES_MAX = 16 << 20
_DONE = "badges done"


class NativeLoop:
    """An event loop in a thread that gevent does not know; greenlets wait for what it does."""

    def __init__(self) -> None:
        self._loop = new_event_loop()
        # Of gevent's own pool: Locust has replaced the threads of Python by greenlets.
        self._thread = gevent.get_hub().threadpool.spawn(self._loop.run_forever)

    def call(self, function: Callable[[Callable[[Any], None]], None]) -> Any:
        """Call a function there with one to tell the outcome, and wait here for that."""
        outcome: Any = gevent.event.AsyncResult()
        hub = gevent.get_hub()

        def done(value: Any) -> None:
            hub.loop.run_callback_threadsafe(outcome.set, value)

        self._loop.call_soon_threadsafe(function, done)
        return outcome.get()


class RunBatches:
    """The batches of a run by badge, as they were sent; each badge is given out once."""

    def __init__(self, path: Path, worker: int, workers: int) -> None:
        file = path / "batches.ndjson" if path.is_dir() else path
        if not file.is_file():
            raise InputError(f"{file}: no batches; name a run of badge simulate, without --split")
        badges: dict[str, list[bytes]] = {}
        for place, line in read_lines(file, BATCH_BYTES_MAX):
            first = parse(line, place)
            if not isinstance(first, list) or not first or not isinstance(first[0], dict):
                raise InputError(f"{place}: no batch of events")
            badges.setdefault(str(first[0].get("device_id")), []).append(line.strip())
        self._left = list(islice(badges.items(), worker, None, workers))[::-1]
        self.badges = len(self._left)

    def next_badge(self) -> tuple[str, list[bytes]] | None:
        """Give a badge that nobody has, and its batches in order; None when all are given out."""
        return self._left.pop() if self._left else None


class BadgeUser(User):
    """A badge that sends what it has, one batch after the other, as fast as it is answered.

    Each upload is one of Locust's requests, by its answer; a refused one is a failure.  `accepted`
    of the worker's totals counts events.
    """

    _loop: NativeLoop | None = None
    _batches: RunBatches | None = None
    _clients: dict[str, AsyncClient] = {}  # noqa: RUF012 -- one for all users of a process
    done = 0

    def on_start(self) -> None:
        """Take a badge; a user beyond the last one stops."""
        kind = type(self)
        options = self.environment.parsed_options
        if kind._batches is None:
            kind._batches = _batches_of(self.environment)
        if kind._loop is None:
            kind._loop = NativeLoop()
        self._url = endpoint(self.environment.host or "")
        key = options.badge_key
        self._headers = {"Content-Type": "application/json"}
        self._headers |= {"X-Actual-Api-Key": key} if key else {}
        self._mine = kind._batches.next_badge()
        self._sent = 0

    @task
    def upload(self) -> None:
        """Send the next batch."""
        if self._mine is None:
            raise StopUser
        _, batches = self._mine
        if self._sent == len(batches):
            self._finish()
            raise StopUser
        body = batches[self._sent]
        self._sent += 1
        begun_s = time.perf_counter()
        answer = self._post(body)
        took_ms = (time.perf_counter() - begun_s) * 1000.0
        self._tell(answer, took_ms, len(body))

    def _post(self, body: bytes) -> Answer | NoAnswer:
        loop = type(self)._loop
        assert loop is not None
        found: Answer | NoAnswer = loop.call(partial(self._send, body))
        return found

    def _send(self, body: bytes, done: Callable[[Any], None]) -> None:
        """In the loop's thread: the client lives there alone."""
        client = self._clients.get(self._url)
        if client is None:
            client = self._clients[self._url] = AsyncClient(self._url, self._headers)
        client.post(client.head({}), body, done)

    def _tell(self, answer: Answer | NoAnswer, took_ms: float, size: int) -> None:
        why: Exception | None = None
        if isinstance(answer, Answer):
            read = read_answer(0, answer.status, answer.headers, answer.body)
            if read.status != 202:
                why = InputError(
                    f"answered {answer.status}, {counted(len(read.rejected), 'event')} refused"
                )
        else:
            why = InputError(str(answer))
        self.environment.events.request.fire(
            request_type="POST",
            name="upload",
            response_time=took_ms,
            response_length=size,
            exception=why,
            context={},
        )

    def _finish(self) -> None:
        """Say that a badge is done; the run ends with the last one."""
        kind = type(self)
        kind.done += 1
        assert kind._batches is not None
        if kind.done < kind._batches.badges:
            return
        runner = self.environment.runner
        if isinstance(runner, WorkerRunner):
            runner.send_message(_DONE, {"worker": runner.worker_index})
        else:
            gevent.spawn_later(0.0, runner.quit)


@events.init_command_line_parser.add_listener  # type: ignore[untyped-decorator]  # Locust types none
def _add_options(parser: Any) -> None:
    parser.add_argument("--badge-run", required=False, default="", help="A run, or its batches.")
    parser.add_argument("--badge-key", default="", env_var="BADGE_API_KEY", help="A key for all.")
    parser.add_argument("--badge-workers", type=int, default=1, help="Workers that share the run.")


@events.init.add_listener  # type: ignore[untyped-decorator]  # Locust types none
def _listen(environment: Any, **_: Any) -> None:
    """The master ends the run when every worker's badges are done."""
    runner = environment.runner
    if not isinstance(runner, MasterRunner):
        return
    finished: set[int] = set()

    def done(environment: Any, msg: Any, **_: Any) -> None:
        finished.add(msg.data["worker"])
        if len(finished) == environment.parsed_options.badge_workers:
            gevent.spawn_later(1.0, runner.quit)  # the workers' last counts come each half second

    runner.register_message(_DONE, done)


def _batches_of(environment: Any) -> RunBatches:
    options, runner = environment.parsed_options, environment.runner
    worker = runner.worker_index if isinstance(runner, WorkerRunner) else 0
    return RunBatches(Path(options.badge_run), worker, max(1, options.badge_workers))
