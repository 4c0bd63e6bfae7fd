"""A recording that somebody still writes, like that of `badge run`: lived through as it comes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from badge.errors import InputError
from badge.host.recording_file import RecordingTail
from badge.recording.format import Happened, Wrote
from sim.view.model.picture import Draft
from sim.view.model.retold import Telling, offset_of
from sim.view.model.trace import Tracer
from sim.view.sources.lived import LivedEvents
from sim.view.sources.opened import Opened, Settled

LINES_AT_ONCE = 20_000  # half a second of living through them: the page waits no longer
NO_UTC = "the badge has not learnt UTC yet: times count from the recording's start"


class RecordedSteps:
    """The steps of a recording, as far as it is written; `broken` says why there are no more."""

    def __init__(self, path: Path) -> None:
        self.tail = RecordingTail(path)
        self._tracer: Tracer | None = None
        self._impossible: str | None = None

    @property
    def broken(self) -> str | None:
        """Why nothing more can be read, or lived through."""
        return self.tail.broken or self._impossible

    def tell(self, lines: Sequence[Happened | Wrote], telling: Telling) -> None:
        """Live through lines."""
        header = self.tail.header
        if header is None or self._impossible is not None:
            return
        try:
            if self._tracer is None:
                self._tracer = Tracer(header, str(self.tail.path), flash=True)
            for step in self._tracer.through(lines):
                telling.take(step)
        except InputError as error:
            self._impossible = f"{error}; lanes and why end there"


class GrowingRecording:
    """A recording followed: all that the run knows, from the inputs to what became of each event.

    When the badge learns UTC, all is told once more on that clock.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.generation = 0
        self._begin(None)

    def _begin(self, offset_ms: float | None) -> None:
        self._lived, self._steps = LivedEvents(), RecordedSteps(self.path)
        self._offset_ms = offset_ms
        self.rows = self._lived.rows
        self._lived.draft.title = self.path.name

    def read(self) -> int:
        """Live through what is new; gives how many lines."""
        lines = self._steps.tail.read(LINES_AT_ONCE)
        header = self._steps.tail.header
        if header is None:
            return 0
        if self._offset_ms is None and (learnt := offset_of(lines)) is not None:
            self._begin(learnt)
            self.generation += 1
            lines = self._steps.tail.read(LINES_AT_ONCE)
        device = header.config.device_id
        self._lived.draft.facts["threshold_dbm"] = header.config.ble_rssi_threshold
        telling = self._lived.telling(device, self._offset_ms)
        self._steps.tell([line for line in lines if isinstance(line, Happened)], telling)
        for line in lines:
            if isinstance(line, Wrote):
                self._lived.logged(device, line.event, line.ms)
        return len(lines)

    def settled(self) -> list[Settled]:
        """Give the fates that were settled since."""
        return self._lived.settled()

    def details(self, at: int) -> dict[str, Any]:
        """Give all there is about an event: itself, and why."""
        return self._lived.details(at)

    def draft(self) -> Draft:
        """Give what has happened so far."""
        draft = self._lived.so_far()
        draft.has_utc = self._offset_ms is not None
        if not draft.has_utc and self._steps.tail.header is not None:
            draft.notes.append(NO_UTC)
        if self._steps.broken:
            draft.notes.append(self._steps.broken)
        return draft

    def whole(self) -> Opened | None:
        """A badge that has ended may go on; its picture stays as it is."""
        return None
