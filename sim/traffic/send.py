"""Send batches in order of their moments: each badge one after the other, as badges do."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from pathlib import Path

from badge.effects import Upload
from badge.inputs import UploadAnswer
from sim.fleet.pace import RealtimePace
from sim.fleet.upload.backend import Backend, Target
from sim.fleet.upload.http_backend import HttpBackend
from sim.fleet.upload.kept_answers import KeptAnswers
from sim.traffic.batches import Batch, Rewriting, Spool

AT_ONCE = 256  # devices under way at a time
LOOK_S = 0.2
DRAIN_S = 130.0


@dataclass(slots=True)
class SendCounts:
    """What came back so far; a batch without an answer is not among the answered ones."""

    batches: int = 0
    events: int = 0
    taken: int = 0
    rejected: int = 0
    answers: dict[str, int] = field(default_factory=dict)
    trouble: str | None = None
    behind_s: float = 0.0

    def note(self, batch: Batch, answer: UploadAnswer) -> None:
        """Count an answer."""
        status = "none" if answer.status is None else str(answer.status)
        self.answers[status] = self.answers.get(status, 0) + 1
        if answer.status is None:
            return
        self.batches += 1
        self.events += batch.count
        if answer.status in (202, 207):
            refused = len(answer.rejected) if answer.status == 207 else 0
            self.rejected += refused
            self.taken += batch.count - refused


@dataclass(frozen=True, slots=True)
class Sending:
    """What to send, where, and how fast (`speed` None: as fast as it is answered).

    `answers` is a folder in which every answer is kept at once: a batch that has one there is not
    sent again.  `tell` is called a few times a second.
    """

    batches: Sequence[Batch]  # already as they go out
    spool: Spool
    change: Rewriting
    target: Target
    run_id: str
    speed: float | None
    answers: Path
    tell: Callable[[SendCounts], None] = lambda counts: None

    async def run(self) -> SendCounts:
        """Send all; what stops it is `trouble` in the counts."""
        async with HttpBackend(self.target, self.run_id, patient=True) as live:
            kept = KeptAnswers(live, self.answers, "000000", of_none=False)
            with closing(kept):
                line = _Line(self, kept, live)
                await line.go()
                await live.drain(DRAIN_S if live.trouble is None else 0.0)
                line.counts.trouble = live.trouble
                if live.failure:
                    raise live.failure
                return line.counts


class _Line:
    """The first batch of every device that is not under way, on one heap."""

    def __init__(self, job: Sending, backend: Backend, live: HttpBackend) -> None:
        self._job, self._backend, self._live = job, backend, live
        self._queues: dict[str, deque[tuple[int, Batch]]] = {}
        for number, batch in enumerate(job.batches):
            self._queues.setdefault(batch.device_id, deque()).append((number, batch))
        self._heap = [(q[0][1].moment_ms, q[0][0], name) for name, q in self._queues.items()]
        heapify(self._heap)
        self._under_way = 0
        self._news = asyncio.Event()
        self.counts = SendCounts()
        start_ms = self._heap[0][0] if self._heap else 0
        self._pace = (
            None if job.speed is None else RealtimePace(job.speed, start_ms=self._reached(start_ms))
        )

    def _reached(self, start_ms: int) -> int:
        """Where a run that was stopped goes on: at the first batch that has no answer yet."""
        known = KeptAnswers.turns(self._job.answers)
        left = [
            batch.moment_ms
            for name, queue in self._queues.items()
            for turn, (_, batch) in enumerate(queue, start=1)
            if (name, turn) not in known
        ]
        return min(left, default=start_ms)

    async def go(self) -> None:
        """Send until all is answered or the target has been given up."""
        while (self._heap or self._under_way) and self._live.trouble is None:
            if self._live.failure:
                return
            self._news.clear()
            pause_s = self._send_due()
            self._job.tell(self.counts)
            try:
                async with asyncio.timeout(min(pause_s, LOOK_S)):
                    await self._news.wait()
            except TimeoutError:
                continue
        if self._pace is not None:
            self.counts.behind_s = self._pace.behind_ms / 1000 / self._pace.speed

    def _send_due(self) -> float:
        """Send what is due; give the seconds until the next one is."""
        while self._heap and self._under_way < AT_ONCE:
            if self._pace is not None:
                pause_s = self._pace.wait_s(self._heap[0][0])
                if pause_s > 0:
                    return pause_s
            self._post(heappop(self._heap)[2])
        return LOOK_S

    def _post(self, device_id: str) -> None:
        number, batch = self._queues[device_id][0]
        body = self._job.change.body(self._job.spool.body(batch))
        upload = Upload(number, body, batch.count, batch.first_sequence, batch.last_sequence)
        self._under_way += 1

        def come_back(answer: UploadAnswer) -> None:
            self._under_way -= 1
            self.counts.note(batch, answer)
            queue = self._queues[device_id]
            queue.popleft()
            if queue:
                heappush(self._heap, (queue[0][1].moment_ms, queue[0][0], device_id))
            self._news.set()

        self._backend.post(device_id, upload).then(come_back)
