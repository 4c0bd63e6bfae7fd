"""When batches leave, and what each answer does (contract section 3, Upload)."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from hashlib import blake2b
from itertools import islice

from pydantic_core import to_json

from badge.effects import Notice, Upload
from badge.inputs import UploadAnswer
from badge.machines.core import NEVER, Core, Due
from badge.machines.table import Table, ignore, never

# A backend that says a year would silence a badge for good.
RETRY_AFTER_MAX_S = 86_400
# What quarantine keeps of a reason: several must fit a flash record.
_REASON_CHARS_MAX = 60
_REQUESTS_PER_BOOT = 1_000_000


class UploadIs(StrEnum):
    """HELD: the cloud wants newer firmware; the queue waits."""

    IDLE = "idle"
    SENDING = "sending"
    BACKOFF = "backoff"
    HELD = "held"


class UploadFact(StrEnum):
    """What the clock, the shift and the cloud say, with the queue already looked at."""

    WANTED = "window, something is queued"
    FINAL = "final attempt of a shift"
    SETTLED_MORE = "batch settled, more is queued"
    SETTLED_ALL = "batch settled, queue empty"
    TOO_MUCH = "400 or 413 on several events"
    DEPRECATED = "422 schema_deprecated"
    FAILED = "any other answer, or none"
    RETRY_DUE = "backoff over"


class Uploads:
    """One batch in flight, oldest first, until the queue is empty.

    `on_success` and `on_attempt_over` are called when an upload succeeded, and when a drain has
    ended one way or the other.
    """

    def __init__(
        self, core: Core, on_success: Callable[[], None], on_attempt_over: Callable[[], None]
    ) -> None:
        self._core = core
        self._on_success, self._on_attempt_over = on_success, on_attempt_over
        self._rows = UPLOAD.rows
        self.state: StrEnum = UploadIs.IDLE
        # An answer to a request of an earlier boot must not pass for one of this boot.
        self.request = core.store.queue.next_sequence * _REQUESTS_PER_BOOT
        self._failures = 0
        self._retry_after_s = 0
        self._batch: list[int] = []
        # The contract's limit; 413 halves it from the size that was refused (section 3, Upload).
        self._batch_max = 500
        # The last numbers of the parts into which answers of 400 have split, nearest on top.
        self._halves: list[int] = []
        self._waits_for_utc = False
        core.due[Due.WINDOW] = core.now_ms + core.config.boot_upload_delay_s * 1000

    def window(self) -> None:
        """Open a window: a heartbeat if nothing was logged and nothing waits, then the drain."""
        core = self._core
        core.due[Due.WINDOW] = core.now_ms + core.config.upload_interval_s * 1000
        # Both: what waits in the queue is news enough to upload (section 3, Upload).
        if not core.logged_since_window and not core.store.queue.entries:
            core.log("upload_heartbeat", {})
        # A heartbeat belongs to the window that it ends, not to the next one.
        core.logged_since_window = False
        self._want(UploadFact.WANTED)

    def final_attempt(self) -> None:
        """Try once more at the end of a shift; only the cloud's own Retry-After forbids it."""
        # Our own backoff may be skipped for a last try; the backend's Retry-After may not.
        told_to_wait = self.state is UploadIs.BACKOFF and self._retry_after_s > 0
        if not told_to_wait:
            self._want(UploadFact.FINAL)
        if self.state is not UploadIs.SENDING:
            self._on_attempt_over()

    def utc_learned(self) -> None:
        """Open the window that had to wait for the time of day."""
        if self._waits_for_utc:
            self._want(UploadFact.WANTED)

    def answer(self, answer: UploadAnswer) -> None:
        """Take the cloud's answer; one to an older request is ignored."""
        # An answer that comes after its timeout: the batch has been sent again, or settled.
        if answer.request != self.request or not self._batch:
            return
        self._core.due[Due.ANSWER] = NEVER
        self._apply(answer)

    def answer_overdue(self) -> None:
        """Take silence for an answer."""
        self.answer(UploadAnswer(self.request, None))

    def retry_due(self) -> None:
        """Send again after a backoff."""
        self._on(UploadFact.RETRY_DUE)

    def _want(self, fact: UploadFact) -> None:
        self._waits_for_utc = self._core.unix_offset_ms is None
        if not self._waits_for_utc and self._core.store.queue.entries:
            self._on(fact)

    def _on(self, fact: UploadFact) -> None:
        self.state, action = self._rows[self.state, fact]
        action(self)

    def _apply(self, answer: UploadAnswer) -> None:
        several = len(self._batch) > 1
        status = answer.status
        if status in (202, 207):
            # 202 says that all are accepted: a list beside it has no meaning.
            rejected = dict(answer.rejected) if status == 207 else {}
            self._settle(rejected)
        # A single event that is refused would block all behind it: quarantine (section 3).
        elif status in (400, 413) and not several:
            self._settle({self._batch[0]: f"the cloud answered {status}"})
        elif status == 400:
            # Which event is to blame is not said; halving finds it in some nine requests of 500.
            self._halves += [self._batch[-1], self._batch[(len(self._batch) - 1) // 2]]
            self._on(UploadFact.TOO_MUCH)
        elif status == 413:
            self._batch_max = len(self._batch) // 2
            self._on(UploadFact.TOO_MUCH)
        elif status == 422 and answer.code == "schema_deprecated":
            self._on(UploadFact.DEPRECATED)
        else:
            self._retry_after_s = min(max(answer.retry_after_s, 0), RETRY_AFTER_MAX_S)
            self._on(UploadFact.FAILED)

    def _settle(self, rejected: dict[int, str]) -> None:
        core, queue = self._core, self._core.store.queue
        through = self._batch[-1]
        refused = {
            # Only of this batch and still waiting: foreign numbers in the answer touch nothing.
            number: str(rejected[number])[:_REASON_CHARS_MAX]
            for number in self._batch
            if number in rejected and number > queue.floor
        }
        core.effects += core.store.settle(through, refused)
        for number, reason in refused.items():
            core.effects.append(Notice("quarantined", f"event {number}: {reason}", (number,)))
        self._failures = 0
        # Accepted events prove the link and the firmware; a batch refused whole proves neither.
        if any(number not in rejected for number in self._batch):
            self._on_success()
        self._on(UploadFact.SETTLED_MORE if queue.entries else UploadFact.SETTLED_ALL)

    def _send(self) -> None:
        core, queue = self._core, self._core.store.queue
        core.due[Due.RETRY] = NEVER
        # Overflow may have dropped the events that a half ended with.
        while self._halves and self._halves[-1] <= queue.floor:
            self._halves.pop()
        count = min(core.config.batch_events_max, self._batch_max)
        last = self._halves[-1] if self._halves else None
        entries = [
            entry
            for entry in islice(queue.entries, count)
            if last is None or entry.sequence_number <= last
        ]
        self._batch = [entry.sequence_number for entry in entries]
        device_id = core.config.device_id
        self.request += 1
        core.due[Due.ANSWER] = core.now_ms + core.config.answer_timeout_s * 1000
        body = to_json([entry.event(device_id) for entry in entries])
        core.effects.append(
            Upload(self.request, body, len(entries), self._batch[0], self._batch[-1])
        )

    def _rest(self) -> None:
        self._batch = []
        self._on_attempt_over()

    def _hold(self) -> None:
        self._core.effects.append(
            Notice("needs_firmware", "the cloud refuses this firmware's events: update it")
        )
        self._rest()

    def _back_off(self) -> None:
        core = self._core
        self._failures += 1
        delay_ms = max(
            backoff_ms(
                core.config.device_id,
                self._failures,
                core.config.backoff_first_s,
                core.config.backoff_cap_s,
            ),
            self._retry_after_s * 1000,
        )
        core.due[Due.RETRY] = core.now_ms + delay_ms
        self._rest()


def backoff_ms(device_id: str, failures: int, first_s: int, cap_s: int) -> int:
    """Return the pause after the nth failure in a row: full jitter below a doubling bound.

    The jitter comes from the device and the count alone, so that a replay is exact.
    """
    bound_ms = min(cap_s, first_s << min(failures - 1, 30)) * 1000
    # Full jitter, so that badges that lost the same link do not return together.
    digest = blake2b(f"{device_id}:{failures}".encode(), digest_size=8).digest()
    # At least a second: an answer of 500 at once must not become a busy loop.
    return 1000 + int.from_bytes(digest, "big") * max(bound_ms - 1000, 0) // 2**64


_S, _F = UploadIs, UploadFact
UPLOAD = Table(
    "upload",
    UploadIs,
    UploadFact,
    {
        (_S.IDLE, _F.WANTED): (_S.SENDING, Uploads._send),
        (_S.IDLE, _F.FINAL): (_S.SENDING, Uploads._send),
        (_S.IDLE, _F.SETTLED_MORE): (_S.IDLE, never),
        (_S.IDLE, _F.SETTLED_ALL): (_S.IDLE, never),
        (_S.IDLE, _F.TOO_MUCH): (_S.IDLE, never),
        (_S.IDLE, _F.DEPRECATED): (_S.IDLE, never),
        (_S.IDLE, _F.FAILED): (_S.IDLE, never),
        (_S.IDLE, _F.RETRY_DUE): (_S.IDLE, never),
        (_S.SENDING, _F.WANTED): (_S.SENDING, ignore),
        (_S.SENDING, _F.FINAL): (_S.SENDING, ignore),
        (_S.SENDING, _F.SETTLED_MORE): (_S.SENDING, Uploads._send),
        (_S.SENDING, _F.SETTLED_ALL): (_S.IDLE, Uploads._rest),
        (_S.SENDING, _F.TOO_MUCH): (_S.SENDING, Uploads._send),
        (_S.SENDING, _F.DEPRECATED): (_S.HELD, Uploads._hold),
        (_S.SENDING, _F.FAILED): (_S.BACKOFF, Uploads._back_off),
        (_S.SENDING, _F.RETRY_DUE): (_S.SENDING, never),
        (_S.BACKOFF, _F.WANTED): (_S.BACKOFF, ignore),
        (_S.BACKOFF, _F.FINAL): (_S.SENDING, Uploads._send),
        (_S.BACKOFF, _F.SETTLED_MORE): (_S.BACKOFF, never),
        (_S.BACKOFF, _F.SETTLED_ALL): (_S.BACKOFF, never),
        (_S.BACKOFF, _F.TOO_MUCH): (_S.BACKOFF, never),
        (_S.BACKOFF, _F.DEPRECATED): (_S.BACKOFF, never),
        (_S.BACKOFF, _F.FAILED): (_S.BACKOFF, never),
        (_S.BACKOFF, _F.RETRY_DUE): (_S.SENDING, Uploads._send),
        (_S.HELD, _F.WANTED): (_S.SENDING, Uploads._send),
        (_S.HELD, _F.FINAL): (_S.SENDING, Uploads._send),
        (_S.HELD, _F.SETTLED_MORE): (_S.HELD, never),
        (_S.HELD, _F.SETTLED_ALL): (_S.HELD, never),
        (_S.HELD, _F.TOO_MUCH): (_S.HELD, never),
        (_S.HELD, _F.DEPRECATED): (_S.HELD, never),
        (_S.HELD, _F.FAILED): (_S.HELD, never),
        (_S.HELD, _F.RETRY_DUE): (_S.HELD, never),
    },
)
