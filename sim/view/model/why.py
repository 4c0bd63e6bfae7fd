"""Why each event was logged, and what became of it: from the steps of a recording."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from badge.effects import Erase, Notice, Program, Upload
from badge.inputs import UploadAnswer
from badge.recording.format import input_document
from sim.view.model.trace import RowUsed, TracedStep

DEADLINE = {"type": "deadline"}


class Causes:
    """Collects, for each sequence number, what led to the event and what became of it.

    A cause is JSON: `ms`, `input` (or a deadline), `rows` of the machines in order, `state` of the
    shift afterwards, `queued`, `flash` (what was written for it), and `sent`: the batches that it
    left in, each with its answer.
    """

    def __init__(self) -> None:
        self.by_number: dict[int, dict[str, Any]] = {}
        self._open: dict[int, list[dict[str, Any]]] = {}
        self.rejected: Counter[str] = Counter()
        self.first_sent_ms: dict[int, int] = {}
        self.accepted_ms: dict[int, int] = {}

    def take(self, step: TracedStep) -> None:
        """Take the next step."""
        if isinstance(step.what, UploadAnswer):
            self._answered(step.ms, step.what)
        if step.numbers:
            self._logged(step)
        for effect in step.effects:
            if type(effect) is Upload:
                self._sent(step.ms, effect)
            elif type(effect) is Notice:
                self._noticed(effect)

    def _logged(self, step: TracedStep) -> None:
        what = DEADLINE if step.what is None else input_document(step.ms, step.what)["in"]
        rows = _rows(step.rows)
        flash = [_write(effect) for effect in step.effects if type(effect) in (Program, Erase)]
        for number in step.numbers:
            cause = {"ms": step.ms, "input": what, "rows": rows, "state": str(step.state)}
            self.by_number[number] = {**cause, "queued": step.queued, "flash": flash, "sent": []}

    def _sent(self, ms: int, upload: Upload) -> None:
        batch: dict[str, Any] = {
            "ms": ms,
            "request": upload.request,
            "events": upload.count,
            "first": upload.first_sequence,
            "last": upload.last_sequence,
            "answer": None,
        }
        told = []
        for number in range(upload.first_sequence, upload.last_sequence + 1):
            cause = self.by_number.get(number)
            if cause is not None:
                own = dict(batch)
                cause["sent"].append(own)
                told.append(own)
            self.first_sent_ms.setdefault(number, ms)
        self._open = {upload.request: told}

    def _answered(self, ms: int, answer: UploadAnswer) -> None:
        rejected = dict(answer.rejected) if answer.status == 207 else {}
        for own, number in self._own(answer.request):
            said: dict[str, Any] = {"ms": ms, "status": answer.status}
            if number in rejected:
                said["rejected"] = rejected[number]
                self.rejected[rejected[number]] += 1
            elif answer.status in (202, 207):
                self.accepted_ms.setdefault(number, ms)
            if answer.code:
                said["code"] = answer.code
            own["answer"] = said

    def _own(self, request: int) -> Iterable[tuple[dict[str, Any], int]]:
        told = self._open.pop(request, [])
        if not told:
            return []
        numbers = [n for n in range(told[0]["first"], told[0]["last"] + 1) if n in self.by_number]
        return zip(told, numbers, strict=False)

    def _noticed(self, notice: Notice) -> None:
        for number in notice.sequence_numbers:
            cause = self.by_number.get(number)
            if cause is not None:
                cause.setdefault("notices", []).append({"about": notice.about, "text": notice.text})


def _rows(rows: Iterable[RowUsed]) -> list[dict[str, str]]:
    """Give the rows that did something: what was ignored led to nothing."""
    return [
        {
            "machine": row.machine,
            "state": row.state,
            "fact": row.fact,
            "next": row.next_state,
            "action": row.action,
        }
        for row in rows
        if row.action != "ignore"
    ]


def _write(effect: Any) -> dict[str, Any]:
    if type(effect) is Erase:
        return {"erase": effect.address}
    return {"address": effect.address, "bytes": len(effect.content), "hex": effect.content.hex()}
