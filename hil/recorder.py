"""Witnesses of a run: the recording, which may fail and end, and counts for the status line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from badge.effects import Notice
from badge.entry import Entry
from badge.host.recording_file import RecordingWriter
from badge.inputs import Input, UploadAnswer
from badge.recording.format import Header


class Recorder:
    """Records everything; a full disk ends the recording, with a word, and never the badge."""

    def __init__(
        self, path: Path, header: Header, device_id: str, say: Callable[[str], None]
    ) -> None:
        self._path, self._device_id, self._say = path, device_id, say
        self._writer: RecordingWriter | None = RecordingWriter(path, header)

    def happened(self, ms: int, what: Input) -> None:
        """Write the input."""
        self._write(lambda writer: writer.happened(ms, what))

    def logged(self, ms: int, entry: Entry) -> None:
        """Write the event."""
        self._write(lambda writer: writer.wrote(ms, entry.event(self._device_id)))

    def noticed(self, ms: int, notice: Notice) -> None:
        """Notices follow from the inputs."""

    def _write(self, write: Callable[[RecordingWriter], None]) -> None:
        if self._writer is None:
            return
        try:
            write(self._writer)
        except OSError as error:
            self._end(error)

    def _end(self, error: OSError) -> None:
        writer, self._writer = self._writer, None
        why = error.strerror or error
        self._say(f"{self._path}: the recording ends here ({why}); the badge goes on without it")
        if writer is not None:
            with suppress(OSError):
                writer.close()

    def close(self) -> None:
        """Write what is left and close."""
        writer, self._writer = self._writer, None
        if writer is not None:
            try:
                writer.close()
            except OSError as error:
                self._end(error)


class Counts:
    """What a run has seen so far."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self.events: Counter[str] = Counter()
        self.answers: Counter[int | None] = Counter()
        self.last_answer: int | None = None
        self.last_answer_ms: int | None = None

    def happened(self, ms: int, what: Input) -> None:
        """Count the ingest's answers."""
        if isinstance(what, UploadAnswer):
            self.answers[what.status] += 1
            self.last_answer, self.last_answer_ms = what.status, ms

    def logged(self, ms: int, entry: Entry) -> None:
        """Count an event."""
        self.events[entry.event_type] += 1

    def noticed(self, ms: int, notice: Notice) -> None:
        """Say it to the person."""
        self._say(notice.text)
