"""Observers of a badge: counts, the event log as lines of JSON, and the recording."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from itertools import chain
from pathlib import Path

from pydantic_core import to_json

from badge.effects import Notice
from badge.entry import Entry
from badge.host.files import named
from badge.host.recording_file import RecordingWriter
from badge.inputs import Input, UploadAnswer

Say = Callable[[str], None]


class Counts:
    """What a badge logged, what the backend answered, and what a person should know.

    Each notice is also said, if there is someone to `say` it.
    """

    def __init__(self, say: Say | None = None) -> None:
        self._say = say
        self.events: Counter[str] = Counter()
        self.answers: Counter[int | None] = Counter()
        self.notices: Counter[str] = Counter()
        self.last_answer: int | None = None
        self.last_answer_ms: int | None = None
        self._logged: list[range] = []

    @property
    def numbers(self) -> list[int]:
        """The sequence numbers of all events, in the order in which they were logged."""
        return list(chain.from_iterable(self._logged))

    def happened(self, ms: int, what: Input) -> None:
        """Count answers."""
        if isinstance(what, UploadAnswer):
            self.answers[what.status] += 1
            self.last_answer, self.last_answer_ms = what.status, ms

    def logged(self, ms: int, entry: Entry) -> None:
        """Count an event."""
        self.events[entry.event_type] += 1
        number, logged = entry.sequence_number, self._logged
        # Ranges, not numbers: a badge on a wire may run for months.
        if logged and logged[-1].stop == number:
            logged[-1] = range(logged[-1].start, number + 1)
        else:
            logged.append(range(number, number + 1))

    def noticed(self, ms: int, notice: Notice) -> None:
        """Count a notice by what it is about, and say it."""
        self.notices[notice.about] += 1
        if self._say is not None:
            self._say(notice.text)


class EventLines:
    """Writes every logged event as one line of compact JSON, in wire form."""

    def __init__(self, path: Path, device_id: str, *, after: int | None = None) -> None:
        """With `after`, go on with a file of this badge; events up to that number are in it."""
        self._path, self._device_id, self._after = path, device_id, after
        # A badge that goes on is looked at while it runs, and may be killed: whoever has seen an
        # event elsewhere finds it here, too.
        self._live = after is not None
        self._file = path.open("ab" if self._live else "wb")

    def happened(self, ms: int, what: Input) -> None:
        """Inputs are not events."""

    def logged(self, ms: int, entry: Entry) -> None:
        """Write the event."""
        if self._after is not None and entry.sequence_number <= self._after:
            return
        try:
            self._file.write(to_json(entry.event(self._device_id)) + b"\n")
            if self._live:
                self._file.flush()
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
    """Writes everything into a recording.

    A disk that is full raises `OSError`; with someone to `say` it to, it ends the recording with
    a word instead, and never the badge.
    """

    def __init__(self, writer: RecordingWriter, device_id: str, say: Say | None = None) -> None:
        self._writer: RecordingWriter | None = writer
        self._device_id, self._say = device_id, say

    def happened(self, ms: int, what: Input) -> None:
        """Write the input."""
        self._write(lambda writer: writer.happened(ms, what))

    def logged(self, ms: int, entry: Entry) -> None:
        """Write the event."""
        self._write(lambda writer: writer.wrote(ms, entry.event(self._device_id)))

    def noticed(self, ms: int, notice: Notice) -> None:
        """Notices follow from the inputs."""

    def close(self) -> None:
        """Write what is left and close."""
        self._write(lambda writer: writer.close())
        self._writer = None

    def _write(self, write: Callable[[RecordingWriter], None]) -> None:
        if self._writer is None:
            return
        try:
            write(self._writer)
        except OSError as error:
            if self._say is None:
                raise
            self._end(self._writer, error, self._say)

    def _end(self, writer: RecordingWriter, error: OSError, say: Say) -> None:
        self._writer = None
        why = error.strerror or error
        say(f"{writer.path}: the recording ends here ({why}); the badge goes on without it")
        with suppress(OSError):
            writer.close()
