"""A real ingest: batches over kept-alive connections, many at once, none of them in the way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType

from badge.answers import read_answer
from badge.effects import Upload
from badge.host.telemetry.span import UNHEARD, WatchedSpan
from badge.host.telemetry.watch import TELEMETRY
from badge.inputs import UploadAnswer
from sim.fleet.upload.backend import Reply, Target
from sim.fleet.upload.telemetry import WatchedUploads
from sim.net.answer import Answer, NoAnswer
from sim.net.async_client import AsyncClient
from sim.net.url import without_password

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.25, 5.0
LASTING = ("unknown host", "certificate", "tls", "not HTTP")
KEYS_COME_FROM = "--api-key KEY, --keys FILE or --provision KEY give one"
KEY_HEADER = "X-Actual-Api-Key"
_UNAUTHORIZED = 401
UNREADABLE = "a 207 whose list of refused events cannot be read"


class HttpBackend:
    """Posts to a target.  A `patient` one repeats what found no server, up to `give_up_s`.

    That bounds the tries, too: one that a server takes and never answers ends with it.

    `trouble` is the sentence that ends the run when it has given up; `failure` is what went wrong
    here with an answer that came, such as a disk without room to keep it.
    """

    def __init__(self, target: Target, run_id: str, *, patient: bool) -> None:
        self._target, self._patient = target, patient
        headers = {"Content-Type": "application/json", "X-Badge-Simulated": run_id}
        self._client = AsyncClient(target.url, headers)
        self._heads: dict[str, bytes] = {}
        self._under_way: set[_Exchange] = set()
        self._nothing_left = asyncio.Event()
        self._ending = False
        self.watched = WatchedUploads(target.url) if TELEMETRY.on else None
        self.trouble: str | None = None
        self.failure: BaseException | None = None
        self.slowest_s = 0.0
        self.waited_s = 0.0
        self.answers = 0

    async def __aenter__(self) -> HttpBackend:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        causes: TracebackType | None,
    ) -> None:
        for exchange in self._under_way:
            exchange.cancel()
        self._client.close()
        await asyncio.sleep(0)  # the event loop closes what was aborted

    def post(self, device_id: str, upload: Upload) -> Reply:
        """Begin to send a batch; one that comes while the run ends is never sent, nor answered."""
        if self._ending:
            return Reply()
        if self.watched is None:
            exchange = _Exchange(self, self._head(device_id), upload)
        else:
            span = self.watched.begin(len(upload.body))
            head = self._client.head(self._key_header(device_id) | span.headers)
            exchange = _Exchange(self, head, upload, span)
        self._under_way.add(exchange)
        exchange.send()
        return exchange.reply

    @property
    def figures(self) -> dict[str, float]:
        """Give how long answers and connections took."""
        return {
            "answers": self.answers,
            "waited_s": self.waited_s,
            "slowest_s": self.slowest_s,
            "connects": self._client.connects,
            "connecting_s": self._client.connecting_s,
        }

    async def drain(self, timeout_s: float) -> None:
        """Wait for the answers that are still under way, and let no new batch begin."""
        self._ending = True
        self._nothing_left.clear()
        if self._under_way:
            try:
                await asyncio.wait_for(self._nothing_left.wait(), timeout_s)
            except TimeoutError:
                return

    def _head(self, device_id: str) -> bytes:
        header = self._key_header(device_id)
        key = header.get(KEY_HEADER, "")
        if key not in self._heads:
            self._heads[key] = self._client.head(header)
        return self._heads[key]

    def _key_header(self, device_id: str) -> dict[str, str]:
        key = self._target.keys.get(device_id) or self._target.keys.get("", "")
        return {KEY_HEADER: key} if key else {}

    def exchange(
        self, head: bytes, body: bytes, done: Callable[[Answer | NoAnswer], None], waited_s: float
    ) -> None:
        """Send once, after so many seconds of trying."""
        within_s = self._client.timeout_s
        if self._patient:
            within_s = min(within_s, self._target.try_s(waited_s))
        self._client.post(head, body, done, within_s)

    def pause_s(self, waited_s: float, next_pause_s: float, why: NoAnswer | str) -> float | None:
        """Say how long to wait before another try; None: the badge gets no answer."""
        if not self._patient or self.trouble is not None:
            return None
        # A name that nobody knows, or http where TLS is spoken, stays wrong: waiting is in vain.
        lasting = isinstance(why, NoAnswer) and why.cause in LASTING and not self.answers
        left_s = self._target.give_up_s - waited_s
        if lasting or left_s <= 0:
            what, remedy = (why.what, why.remedy) if isinstance(why, NoAnswer) else (why, "")
            after = "" if lasting else f" for {self._target.give_up_s:g} s"
            where = without_password(self._target.url)
            self.trouble = f"{where}: {what}{after}" + (f"; {remedy}" if remedy else "")
            return None
        return min(next_pause_s, left_s)

    def lacks_keys(self) -> bool:
        """Tell whether a server that wants a key was given none; then the run ends, saying so."""
        if self._target.keys or self.answers:
            return False
        where = without_password(self._target.url)
        self.trouble = self.trouble or f"{where}: wants a key; {KEYS_COME_FROM}"
        return True

    def ended(self, exchange: _Exchange, waited_s: float, *, answered: bool) -> None:
        """An exchange is over; the times of those that got no answer say nothing of the server."""
        self._under_way.discard(exchange)
        if answered:
            self.answers += 1
            self.waited_s += waited_s
            self.slowest_s = max(self.slowest_s, waited_s)
        if not self._under_way:
            self._nothing_left.set()


class _Exchange:
    """A batch on its way, as often as it takes."""

    __slots__ = (
        "_backend", "_begun_s", "_head", "_loop", "_pause_s", "_sent_s", "_span", "_timer",
        "_upload", "reply",
    )  # fmt: skip

    def __init__(
        self, backend: HttpBackend, head: bytes, upload: Upload, span: WatchedSpan = UNHEARD
    ) -> None:
        self._backend, self._head, self._upload = backend, head, upload
        self._span, self._sent_s = span, 0.0
        self._loop = asyncio.get_running_loop()
        self._begun_s, self._pause_s = self._loop.time(), FIRST_PAUSE_S
        self._timer: asyncio.TimerHandle | None = None
        self.reply = Reply()

    def send(self) -> None:
        """Send it."""
        self.reply.tries += 1
        self._sent_s = self._loop.time()
        waited_s = self._sent_s - self._begun_s
        self._backend.exchange(self._head, self._upload.body, self._come_back, waited_s)

    def cancel(self) -> None:
        """Try no more."""
        self._span.end()
        if self._timer is not None:
            self._timer.cancel()

    def _come_back(self, answer: Answer | NoAnswer) -> None:
        request, waited_s = self._upload.request, self._loop.time() - self._begun_s
        why: NoAnswer | str = UNREADABLE
        if self._backend.watched is not None:
            took_s = self._loop.time() - self._sent_s
            self._backend.watched.answered(self._span, took_s, answer)
        if isinstance(answer, Answer):
            read = read_answer(request, answer.status, answer.headers, answer.body)
            if read.status == _UNAUTHORIZED and self._backend.lacks_keys():
                self._end(UploadAnswer(request, None), waited_s)
                return
            if read.status is not None:
                self._end(read, waited_s)
                return
        else:
            why = answer
        pause_s = self._backend.pause_s(waited_s, self._pause_s, why)
        if pause_s is None:
            self._end(UploadAnswer(request, None), waited_s)
        else:
            self._timer = self._loop.call_later(pause_s, self.send)
            self._pause_s = min(pause_s * 2, LONGEST_PAUSE_S)

    def _end(self, answer: UploadAnswer, waited_s: float) -> None:
        self._backend.ended(self, waited_s, answered=answer.status is not None)
        self._span.end()
        try:
            self.reply.resolve(answer)
        except Exception as error:  # in the event loop nobody would hear it, and the run would wait
            self._backend.failure = self._backend.failure or error
