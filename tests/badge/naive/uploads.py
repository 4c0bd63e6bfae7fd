"""The naive badge's uploads, from the table of answers in contract section 3."""

from __future__ import annotations

from badge import inputs
from badge.machines.upload import backoff_ms


class NaiveUploads:
    """Keeps the parts that are still to be tried as plain lists of numbers."""

    def begin_uploads(self) -> None:
        self.batch: list[int] = []
        self.parts: list[list[int]] = []
        self.batch_limit = 500
        self.failures = 0
        self.retry_due: int | None = None
        self.retry_after = 0
        self.waits_for_utc = False
        self.generated = False
        self.window_due = self.now + self.config.boot_upload_delay_s * 1000

    # Upload.

    def window(self) -> None:
        self.window_due = self.now + self.config.upload_interval_s * 1000
        if not self.generated and not self.flash.waiting:
            self.log("upload_heartbeat")
        self.generated = False
        self.want()

    def want(self, final: bool = False) -> None:
        self.waits_for_utc = self.unix_offset is None
        if self.waits_for_utc or not self.flash.waiting or self.batch:
            return
        if self.retry_due is None or final:
            self.send()

    def retry(self) -> None:
        self.send()

    def send(self) -> None:
        self.retry_due = None
        queue = {event["sequence_number"]: event for event in self.flash.waiting}
        self.parts = [left for part in self.parts if (left := [n for n in part if n in queue])]
        wanted = self.parts[0] if self.parts else sorted(queue)
        self.batch = wanted[: min(self.config.batch_events_max, self.batch_limit)]
        self.request = -1  # until the test tells its number
        self.answer_due = self.now + self.config.answer_timeout_s * 1000
        self.done.append(("upload", [self.wire(queue[number]) for number in self.batch]))

    def no_answer(self) -> None:
        self.fail(0)

    def on_uploadanswer(self, what: inputs.UploadAnswer) -> None:
        if what.request != self.request or not self.batch:
            return
        several = len(self.batch) > 1
        if what.status == 202:
            self.settle_batch({})
        elif what.status == 207:
            self.settle_batch(dict(what.rejected))
        elif what.status in (400, 413) and not several:
            self.settle_batch({self.batch[0]: f"the cloud answered {what.status}"})
        elif what.status == 400:
            half = (len(self.batch) + 1) // 2
            rest = [n for n in (self.parts[0] if self.parts else []) if n not in self.batch]
            halves = [self.batch[:half], self.batch[half:]]
            self.parts = [*halves, *([rest] if rest else []), *self.parts[1:]]
            self.send()
        elif what.status == 413:
            self.batch_limit = len(self.batch) // 2
            self.send()
        elif what.status == 422 and what.code == "schema_deprecated":
            self.batch = []
            self.attempt_over()
        else:
            self.fail(what.retry_after_s)

    def settle_batch(self, rejected: dict[int, str]) -> None:
        flash, batch = self.flash, self.batch
        refused = [e for e in flash.waiting if e["sequence_number"] in batch]
        refused = [e for e in refused if e["sequence_number"] in rejected]
        flash.quarantine += [(event, rejected[event["sequence_number"]]) for event in refused]
        flash.quarantined += len(refused)
        flash.quarantine = flash.quarantine[-self.config.quarantine_events_max :]
        flash.waiting = [e for e in flash.waiting if e["sequence_number"] not in batch]
        self.failures, self.batch = 0, []
        if any(number not in rejected for number in batch) and self.on_trial:
            self.on_trial, flash.previous = False, ""
        if flash.waiting:
            self.send()
        else:
            self.attempt_over()

    def fail(self, retry_after_s: int) -> None:
        self.failures += 1
        self.retry_after = min(max(retry_after_s, 0), 86_400)
        pause = backoff_ms(
            self.config.device_id,
            self.failures,
            self.config.backoff_first_s,
            self.config.backoff_cap_s,
        )
        self.retry_due = self.now + max(pause, self.retry_after * 1000)
        self.batch = []
        self.attempt_over()
