"""A badge against a backend in a bad mood: what the upload must never do, whatever is answered."""

from __future__ import annotations

import json
import random
from collections.abc import Callable

from badge.badge import Badge
from badge.config import BadgeConfig
from badge.effects import Upload
from badge.inputs import (
    Assign,
    Boot,
    GpsFix,
    UploadAnswer,
    UtcLearned,
)
from badge.storage.memory import MemoryStore
from sim.engine.clock import Clock
from sim.engine.promises import BrokenPromiseError
from sim.engine.pump import Pump
from sim.engine.streams import plain_stream

_TROUBLE_MS = 6 * 3_600_000
_HEALED_MS = 9 * 3_600_000
_UNIX_MS = 1_773_000_000_000
_POISON = 13  # every so manieth event is refused
_BATCH_LIMIT = 9
_MOODS = ("well",) * 6 + (
    "lost",
    "stored",
    "down",
    "down",
    "busy",
    "old",
    "twice",
    "strict",
    "late",
)


class MoodyBackend:
    """Answers in all ways of contract section 3 and notes what the badge may rely on."""

    def __init__(self, clock: Clock, seed: int) -> None:
        self._clock = clock
        self._rng = plain_stream(seed, "cloud")
        self.store: MemoryStore
        self.stored: dict[int, object] = {}
        self.refused: set[int] = set()
        self.told: set[int] = set()  # the badge has heard that these are settled
        self._flying: int | None = None
        self._not_before_ms = self._deadline_ms = 0

    def send(self, upload: Upload, answer: Callable[[UploadAnswer], None]) -> None:
        """Judge the request, then answer in some way, or not at all."""
        events = {event["sequence_number"]: event for event in json.loads(upload.body)}
        self._judge_request(list(events))
        mood = self._rng.choice(_MOODS) if self._clock.now_ms < _TROUBLE_MS else "well"
        self._flying = upload.request
        reply = self._reply(mood, upload.request, events)
        delay_ms = self._rng.randrange(100, 3_000)
        if mood == "late":
            delay_ms += 130_000  # after the badge has given up
        if mood not in ("lost", "stored"):
            self._later(delay_ms, reply, list(events), answer)
        if mood == "twice":
            # The same answer once more, when the next batch is on its way.
            self._later(delay_ms + 150, reply, list(events), answer)

    def _later(
        self,
        delay_ms: int,
        reply: UploadAnswer,
        numbers: list[int],
        answer: Callable[[UploadAnswer], None],
    ) -> None:
        def arrive() -> None:
            if reply.request == self._flying and self._clock.now_ms < self._deadline_ms:
                self._flying = None
                if reply.status in (202, 207):
                    self.told.update(numbers)
                if reply.retry_after_s:
                    self._not_before_ms = self._clock.now_ms + reply.retry_after_s * 1000
            answer(reply)
            self.judge_store()

        self._clock.after(delay_ms, arrive)

    def _reply(self, mood: str, request: int, events: dict[int, object]) -> UploadAnswer:
        if mood == "down":
            return UploadAnswer(request, self._rng.choice((500, 401, 503)))
        if mood == "busy":
            return UploadAnswer(request, 429, retry_after_s=self._rng.randrange(300, 600))
        if mood == "old":
            return UploadAnswer(request, 422, code="schema_deprecated")
        if mood == "lost":
            return UploadAnswer(request, None)
        if len(events) > _BATCH_LIMIT:
            return UploadAnswer(request, 413)
        poisoned = sorted(number for number in events if number % _POISON == 0)
        if poisoned and (mood == "strict" or len(poisoned) == len(events)):
            if len(events) == 1:
                self.refused.update(events)
            return UploadAnswer(request, 400)
        self.stored.update((n, event) for n, event in events.items() if n not in poisoned)
        self.refused.update(poisoned)
        if not poisoned:
            return UploadAnswer(request, 202)
        return UploadAnswer(request, 207, tuple((n, "poisoned") for n in poisoned))

    def _judge_request(self, numbers: list[int]) -> None:
        self.judge_store()
        if numbers != sorted(numbers) or numbers[0] != self._oldest():
            raise BrokenPromiseError("order", f"{numbers} are sent, {self._oldest()} is the oldest")
        if self._flying is not None and self._clock.now_ms < self._deadline_ms:
            raise BrokenPromiseError("batch", f"{numbers} are sent while a batch is in flight")
        self._deadline_ms = self._clock.now_ms + 120_000
        if self._clock.now_ms < self._not_before_ms:
            raise BrokenPromiseError("patience", f"{numbers} are sent before Retry-After is over")
        if again := self.told.intersection(numbers):
            raise BrokenPromiseError("J4", f"{sorted(again)} are sent again after their release")

    def _oldest(self) -> int:
        return self.store.queue.entries[0].sequence_number if self.store.queue.entries else 0

    def judge_store(self) -> None:
        """What the badge let go of is stored or refused; what it refuses to send was refused."""
        queue = self.store.queue
        waiting = {entry.sequence_number for entry in queue.entries}
        gone = set(range(1, queue.next_sequence)) - waiting
        if lost := gone - self.stored.keys() - self.refused:
            raise BrokenPromiseError(
                "J3", f"{sorted(lost)} were released, the backend has none of them"
            )
        held = {item.entry.sequence_number for item in queue.quarantined}
        if held != self.refused & gone:
            raise BrokenPromiseError("quarantine", f"{sorted(held ^ (self.refused & gone))} differ")


class _Outdoors:
    """Fixes now and then; no tags."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def fix(self, now_ms: int) -> tuple[int, GpsFix] | None:
        return (500, GpsFix(41.6, -93.6, accuracy_m=3.0)) if self._rng.random() < 0.7 else None

    def heard(self, start_ms: int, end_ms: int) -> tuple[tuple[str, int], ...] | None:
        return ()


def upload_in_trouble(seed: int) -> int:
    """Let a badge work and upload for hours, heal the backend, and demand every event.

    Returns how many were delivered; raises `BrokenPromiseError`.
    """
    clock = Clock()
    backend = MoodyBackend(clock, seed)
    backend.store = MemoryStore()
    config = BadgeConfig(
        device_id="ACT-0000CAFE",
        upload_interval_s=120,
        backoff_first_s=2,
        backoff_cap_s=60,
        batch_events_max=20,
        quarantine_events_max=1000,
    )
    badge = Badge(config, backend.store)
    pump = Pump(badge, clock, _Outdoors(plain_stream(seed, "sky")), backend)
    pump.receive(Boot())
    pump.receive(UtcLearned(_UNIX_MS))
    pump.receive(Assign("W-007"))
    while clock.now_ms < _HEALED_MS and clock.step():
        pass
    backend.judge_store()
    waiting = [entry.sequence_number for entry in backend.store.queue.entries]
    if len(waiting) > 2 * config.batch_events_max:
        raise BrokenPromiseError("J3", f"{len(waiting)} events still wait, {waiting[:3]} first")
    return len(backend.stored)
