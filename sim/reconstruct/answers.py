"""Which uploads were answered, so that each boot finds as many events queued as it says.

Everything is acknowledged at once unless something later tells that it was not: a boot that found
events in its queue, a window without news and without a heartbeat, an update that was taken back.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

from badge.config import BadgeConfig
from badge.effects import Upload
from badge.inputs import UploadAnswer
from badge.machines.upload import RETRY_AFTER_MAX_S, backoff_ms

Answered = tuple[int, UploadAnswer] | None
SERVICE_UNAVAILABLE = 503
_ANSWER_SPAN_MS = 119_000  # an answer comes before the badge stops to wait for it


@dataclass(slots=True)
class AnswerPlan:
    """The answers of one boot; moments are ms of the recording, numbers the badge's.

    `keeps` is the number through which the next boot finds events acknowledged, None if nothing
    tells.  Nothing is acknowledged before `deaf_until_ms`.
    """

    config: BadgeConfig
    boot_ms: int
    numbers: list[int]
    moments: list[int]
    ends: list[int]  # of shifts: a final attempt each
    keeps: int | None = None
    deaf_until_ms: int = 0
    off_ms: int | None = None  # when the badge, closing, went off
    end_ms: int | None = None  # up to when it lived on behind its last event, at least
    failures: int = 0
    _quiet: list[tuple[int, int]] = field(default_factory=list)  # window, number kept until then
    _natural: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        config = self.config
        last_ms = self.moments[-1] if self.moments else self.boot_ms
        window, before = self.boot_ms + config.boot_upload_delay_s * 1000, self.boot_ms - 1
        while window <= last_ms:
            news = bisect_right(self.moments, window) - bisect_right(self.moments, before)
            if not news:
                held = self.numbers[bisect_right(self.moments, window) - 1]
                self._quiet.append((window, held - 1))
            self._natural.append(window)
            before, window = window, window + config.upload_interval_s * 1000
        while self.end_ms is not None and window < self.end_ms:
            self._natural.append(window)
            window += config.upload_interval_s * 1000
        self._natural = sorted([*self._natural, *self.ends])

    def answer(self, upload: Upload, now_ms: int, *, closing: bool) -> Answered:
        """Give the answer to an upload, and when it comes; None: none ever does."""
        if closing and self.off_ms is not None:
            at_ms = min(max(self.off_ms, now_ms), now_ms + _ANSWER_SPAN_MS)
            taken = upload.last_sequence <= self._cap(now_ms)
            status = 202 if taken else SERVICE_UNAVAILABLE
            return at_ms, UploadAnswer(upload.request, status)
        if now_ms < self.deaf_until_ms:
            return None
        if upload.last_sequence > self._cap(now_ms):
            return self._not_before(upload, now_ms)
        land_ms = self._landing(now_ms)
        if land_ms is not None and land_ms - now_ms <= _ANSWER_SPAN_MS:
            # The answer itself is late: with it the badge sends what has come meanwhile.
            self.failures = 0
            return land_ms, UploadAnswer(upload.request, 202)
        later = None if land_ms is None else self._later(upload, now_ms, land_ms)
        if later is not None:
            return later
        self.failures = 0
        return now_ms, UploadAnswer(upload.request, 202)

    def _cap(self, now_ms: int) -> int:
        caps = [number for window, number in self._quiet if window > now_ms]
        return min([*caps, *([] if self.keeps is None else [self.keeps])], default=1 << 62)

    def _not_before(self, upload: Upload, now_ms: int) -> Answered:
        """What must wait for a quiet window is tried again behind it."""
        quiet = [window for window, number in self._quiet if window > now_ms]
        if not quiet or (self.keeps is not None and upload.last_sequence > self.keeps):
            return None
        return self._later(upload, now_ms, quiet[-1] + 1000)

    def _landing(self, now_ms: int) -> int | None:
        """Give when this upload is to be tried again, if only then the right events are queued."""
        if self.keeps is None or self.keeps not in self.numbers:
            return None
        place = self.numbers.index(self.keeps)
        from_ms = self.moments[place]
        until_ms = self.moments[place + 1] if place + 1 < len(self.moments) else None
        if now_ms >= from_ms:
            return None
        nearest = [ms for ms in self._natural if ms > now_ms]
        if any(from_ms <= ms and (until_ms is None or ms < until_ms) for ms in nearest):
            return None
        if any(ms < from_ms for ms in nearest):
            return None  # a later upload can do it
        # Behind what is logged in the same millisecond, before what comes next.
        return from_ms + (1 if until_ms is None else (until_ms - from_ms) // 2)

    def _later(self, upload: Upload, now_ms: int, land_ms: int) -> Answered:
        """Refuse for now, so that the badge tries again at that moment."""
        config = self.config
        pause_ms = backoff_ms(
            config.device_id, self.failures + 1, config.backoff_first_s, config.backoff_cap_s
        )
        wait_ms = land_ms - now_ms
        if wait_ms < pause_ms:
            return None
        self.failures += 1
        wait_s = min(max(wait_ms // 1000, 0), RETRY_AFTER_MAX_S)
        if wait_s * 1000 < pause_ms:
            return land_ms - pause_ms, UploadAnswer(upload.request, SERVICE_UNAVAILABLE)
        at_ms = land_ms - wait_s * 1000
        return at_ms, UploadAnswer(upload.request, SERVICE_UNAVAILABLE, retry_after_s=wait_s)
