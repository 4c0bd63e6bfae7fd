"""Observers of a run: counts for the closing table, and the event log as lines of JSON."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from pydantic_core import to_json

from badge.effects import Notice
from badge.entry import Entry
from badge.host.files import named
from badge.host.recording_file import RecordingWriter
from badge.inputs import Input, UploadAnswer


class Tally:
    """Counts what a badge logged, what the cloud answered, and what a person should know."""

    def __init__(self) -> None:
        self.events: Counter[str] = Counter()
        self.answers: Counter[int | None] = Counter()
        self.notices: Counter[str] = Counter()
        self.numbers: list[int] = []

    def happened(self, ms: int, what: Input) -> None:
        """Count answers."""
        if isinstance(what, UploadAnswer):
            self.answers[what.status] += 1

    def logged(self, ms: int, entry: Entry) -> None:
        """Count an event."""
        self.events[entry.event_type] += 1
        self.numbers.append(entry.sequence_number)

    def noticed(self, ms: int, notice: Notice) -> None:
        """Count a notice by what it is about."""
        self.notices[notice.about] += 1


class EventLines:
    """Writes every logged event as one line of compact JSON, in wire form."""

    def __init__(self, path: Path, device_id: str) -> None:
        self._path, self._device_id = path, device_id
        self._file = path.open("wb")

    def happened(self, ms: int, what: Input) -> None:
        """Inputs are not events."""

    def logged(self, ms: int, entry: Entry) -> None:
        """Write the event."""
        try:
            self._file.write(to_json(entry.event(self._device_id)) + b"\n")
        except OSError as error:
            raise named(error, self._path) from None

    def noticed(self, ms: int, notice: Notice) -> None:
        """Notices are not events."""

    def close(self) -> None:
        """Flush and close."""
        try:
            self._file.close()
        except OSError as error:
            raise named(error, self._path) from None


class Recorder:
    """Writes everything into a recording."""

    def __init__(self, writer: RecordingWriter, device_id: str) -> None:
        self._writer = writer
        self._device_id = device_id

    def happened(self, ms: int, what: Input) -> None:
        """Write the input."""
        self._writer.happened(ms, what)

    def logged(self, ms: int, entry: Entry) -> None:
        """Write the event."""
        self._writer.wrote(ms, entry.event(self._device_id))

    def noticed(self, ms: int, notice: Notice) -> None:
        """Notices follow from the inputs."""
