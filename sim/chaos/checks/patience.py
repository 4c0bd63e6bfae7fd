"""Whether requests keep their distance, their size and their order (contract section 3, Upload)."""

from __future__ import annotations

from itertools import islice
from typing import Any

from pydantic_core import from_json

from badge.config import BadgeConfig
from badge.contract.events import BATCH_EVENTS_LIMIT
from badge.effects import Upload
from badge.inputs import Battery, Boot, Unassign, UploadAnswer
from badge.machines.upload import backoff_ms
from badge.storage.store import Queue
from sim.chaos.checks.journal import Checks

ENDS_SHIFT = (Unassign, Battery, Boot)


class Patience:
    """Follows one boot's requests; methods raise BrokenPromiseError."""

    def __init__(self, checks: Checks) -> None:
        self._checks = checks
        self._request: int | None = None
        self._sent_count = 0
        self._overdue_ms = 0
        self._failures = 0
        self._earliest_ms = 0
        self._told_to_wait = False
        self._excused_ms = -1

    def shift_ends(self, now_ms: int) -> None:
        """A shift may end at this moment: an attempt is free, unless the cloud said wait."""
        self._excused_ms = now_ms

    def _give_up(self, now_ms: int, config: BadgeConfig) -> None:
        if self._request is not None and now_ms >= self._overdue_ms:
            self._failed(self._overdue_ms, 0, config)

    def answered(self, answer: UploadAnswer, now_ms: int, config: BadgeConfig) -> None:
        """An answer is about to be given; only one in time, to the last request, counts."""
        self._give_up(now_ms, config)
        if answer.request != self._request:
            return
        self._request = None
        status = answer.status
        single = self._sent_count == 1
        if status in (202, 207) or (status in (400, 413) and single):
            self._failures = 0
        elif status in (400, 413) or (status == 422 and answer.code == "schema_deprecated"):
            return
        else:
            self._failed(now_ms, answer.retry_after_s, config)

    def _failed(self, at_ms: int, retry_after_s: int, config: BadgeConfig) -> None:
        self._request = None
        self._failures += 1
        pause_ms = backoff_ms(
            config.device_id, self._failures, config.backoff_first_s, config.backoff_cap_s
        )
        self._told_to_wait = retry_after_s > 0
        self._earliest_ms = at_ms + max(pause_ms, retry_after_s * 1000)

    def upload(self, upload: Upload, now_ms: int, queue: Queue, config: BadgeConfig) -> None:
        """A batch is about to leave."""
        broken = self._checks.broken
        self._give_up(now_ms, config)
        if self._request is not None:
            raise broken("batch", f"request {upload.request} while {self._request} is in flight")
        if now_ms < self._earliest_ms and (self._told_to_wait or now_ms != self._excused_ms):
            early_ms = self._earliest_ms - now_ms
            raise broken("patience", f"request {upload.request} comes {early_ms} ms too early")
        self._check_batch(upload, queue, config)
        self._request, self._sent_count = upload.request, upload.count
        self._overdue_ms = now_ms + config.answer_timeout_s * 1000
        self._earliest_ms, self._told_to_wait = 0, False

    def _events(self, upload: Upload, config: BadgeConfig) -> list[dict[str, Any]]:
        """Return what a batch holds, if it is one."""
        checks, broken = self._checks, self._checks.broken
        events: list[dict[str, Any]] = from_json(upload.body)
        numbers = [event["sequence_number"] for event in events]
        if not 1 <= len(numbers) <= min(config.batch_events_max, BATCH_EVENTS_LIMIT):
            raise broken("batch", f"{len(numbers)} events, at most {config.batch_events_max}")
        ends = (upload.count, upload.first_sequence, upload.last_sequence)
        if (len(numbers), numbers[0], numbers[-1]) != ends:
            raise broken("batch", f"the body holds {numbers}, the effect says {ends}")
        if {event["device_id"] for event in events} != {checks.device_id}:
            raise broken("batch", "it holds another device's events")
        return events

    def _check_batch(self, upload: Upload, queue: Queue, config: BadgeConfig) -> None:
        checks, broken = self._checks, self._checks.broken
        numbers = [event["sequence_number"] for event in self._events(upload, config)]
        for number in numbers:
            if checks.is_settled(number):
                raise broken("J4", f"event {number} is sent again after it was settled")
            if not checks.is_sure(number):
                raise broken("batch", f"event {number} leaves before it is durable")
        # The step may have gone on, and given up the oldest of these on a full queue.
        first = queue.entries[0].sequence_number if queue.entries else queue.next_sequence
        left = [number for number in numbers if number >= first]
        waiting = [entry.sequence_number for entry in islice(queue.entries, len(left))]
        gone = len(numbers) - len(left)
        if left != waiting or gone > checks.overflows_in_step(queue):
            raise broken("order", f"{numbers[:5]}… leave while {waiting[:5]}… wait")
