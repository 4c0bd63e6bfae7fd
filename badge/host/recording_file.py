"""Recordings in files: lines of JSON, or a CBOR sequence where the name ends in .cbor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from io import BufferedReader
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import cbor2
from pydantic_core import to_json

from badge.contract.documents import parse
from badge.errors import InputError
from badge.host.files import named
from badge.inputs import Input
from badge.recording import format as recording
from badge.recording.format import Happened, Header, Wrote
from badge.words import counted

# A configuration of a thousand tags is 20 kB; the rest is room.
LINE_BYTES_MAX = 1 << 20
_BOM = b"\xef\xbb\xbf"
_TEXT_BEGINS = (b"{", b"", _BOM[:1], b"\n", b"\r", b" ", b"\t")


_HEAD_BYTES = 256  # whose beginning tells a recording from other files


def is_recording(path: Path) -> bool:
    """Tell by its first bytes whether a file means to be a recording, text or compact."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    return recording.FORMAT.encode() in head


class RecordingWriter:
    """Writes a recording as it happens; what is in the file is a whole recording at any line.

    A `live` one hands over each line when it is written, so that a kill takes none.  A given
    `file` is written instead, for a recording that appears whole or not at all.
    """

    def __init__(
        self, path: str | Path, header: Header, file: BinaryIO | None = None, *, live: bool = False
    ) -> None:
        self.path = Path(path)
        self._binary = self.path.suffix == ".cbor"
        self._live = False  # a disk that is full is met with the first line, by whoever writes it
        self._file = file or open(path, "wb")  # noqa: SIM115 - closed by close() and the context
        self._write(recording.header_document(header))
        self._live = live

    def _write(self, document: Mapping[str, Any]) -> None:
        content = cbor2.dumps(document) if self._binary else recording.line(document)
        try:
            self._file.write(content)
            if self._live:
                self._file.flush()
        except OSError as error:
            raise named(error, self.path) from None

    def happened(self, ms: int, what: Input) -> None:
        """Write an input."""
        self._write(recording.input_document(ms, what))

    def wrote(self, ms: int, event: Mapping[str, Any]) -> None:
        """Write a logged event."""
        self._write(recording.output_document(ms, event))

    def close(self) -> None:
        """Flush and close."""
        try:
            self._file.close()
        except OSError as error:
            raise named(error, self.path) from None

    def __enter__(self) -> RecordingWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class RecordingFile:
    """A recording to read: its `header`, then its lines by iteration (once).

    Raises `InputError` with the line where it is no recording, or is cut off.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._file = open(path, "rb")  # noqa: SIM115 - closed by close()
        try:
            # By its first byte, not its name: files get renamed.
            binary = self._file.peek(1)[:1] not in _TEXT_BEGINS
            read = _cbor_items if binary else _json_lines
            self._items = read(self._file, str(path))
            place, first = next(self._items, (f"{path} line 1", None))
            self.header = recording.read_header(first, place)
        except BaseException:
            self._file.close()
            raise

    def __iter__(self) -> Iterator[Happened | Wrote]:
        before_ms = 0
        for place, document in self._items:
            line = _line(document, place, before_ms)
            before_ms = line.ms
            yield line

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> RecordingFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class RecordingTail:
    """A recording that somebody still writes, text or compact: `read` gives what has come.

    `header` is None until it is there; `broken` says why nothing after it can be read.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.header: Header | None = None
        self.broken: str | None = None
        self._next = self._before_ms = 0

    def read(self, most: int) -> list[Happened | Wrote]:
        """Read at most so many of the lines that are whole and were not read yet."""
        found: list[Happened | Wrote] = []
        if self.broken is not None:
            return found
        with open(self.path, "rb") as file:
            try:
                self._read(file, most, found)
            except InputError as error:
                self.broken = str(error)
        return found

    def _read(self, file: BufferedReader, most: int, found: list[Happened | Wrote]) -> None:
        read = _whole_lines if file.peek(1)[:1] in _TEXT_BEGINS else _whole_items
        file.seek(self._next)
        for place, document in read(file, str(self.path)):
            if self.header is None:
                self.header = recording.read_header(document, place)
            else:
                line = _line(document, place, self._before_ms)
                self._before_ms = line.ms
                found.append(line)
            self._next = file.tell()
            if len(found) >= most:
                return


def _whole_lines(file: BufferedReader, path: str) -> Iterator[tuple[str, Any]]:
    """Read lines up to one that has no newline yet."""
    while True:
        place = f"{path} at byte {file.tell()}"
        raw = file.readline(LINE_BYTES_MAX + 1)
        if len(raw) > LINE_BYTES_MAX:
            raise InputError(f"{place}: longer than {LINE_BYTES_MAX} bytes")
        if not raw.endswith(b"\n"):
            return
        if raw.strip():
            yield place, parse(raw.removeprefix(_BOM), place)


def _whole_items(file: BufferedReader, path: str) -> Iterator[tuple[str, Any]]:
    """Read items of CBOR up to one that is cut off: somebody is writing it."""
    with suppress(_CutOffError):
        yield from _cbor_items(file, path)


class _CutOffError(InputError):
    """A recording ends in the middle of an item."""


def _line(document: object, place: str, before_ms: int) -> Happened | Wrote:
    line = recording.read_document(document, place)
    if line.ms - before_ms > recording.GAP_MS_MAX:
        days = counted((line.ms - before_ms) // 86_400_000, "day")
        raise InputError(
            f"{place}: ms {line.ms} is {days} after the line before; "
            f"{recording.GAP_MS_MAX // 86_400_000} are the most, and ms "
            "counts from the recording's start, not from 1970"
        )
    return line


def _json_lines(file: BufferedReader, path: str) -> Iterator[tuple[str, Any]]:
    """Read lines, as programs and as people write them: a blank one, or no newline at the end."""
    number = 0
    while raw := file.readline(LINE_BYTES_MAX + 1):
        number += 1
        place = f"{path} line {number}"
        if len(raw) > LINE_BYTES_MAX:
            raise InputError(f"{place}: longer than {LINE_BYTES_MAX} bytes")
        if number == 1:
            raw = raw.removeprefix(_BOM)
        if not raw.strip():
            continue
        try:
            document = parse(raw, place)
        except InputError:
            if raw.endswith(b"\n"):
                raise
            raise InputError(
                f"{place}: cut off in the middle; delete this last line to replay the rest"
            ) from None
        yield place, document


def _cbor_items(file: BufferedReader, path: str) -> Iterator[tuple[str, Any]]:
    number = 0
    while file.peek(1):
        number += 1
        place = f"{path} item {number}"
        start = file.tell()
        try:
            # Dates, tags and byte strings are no JSON: they go here, or fail here.
            raw = to_json(cbor2.load(file))
        except (EOFError, cbor2.CBORDecodeEOF):
            raise _CutOffError(f"{place}: cut off in the middle") from None
        except Exception:  # whatever a library makes of a stranger's tags and sizes
            raise InputError(f"{place}: neither JSON nor CBOR; is it a recording?") from None
        if file.tell() - start > LINE_BYTES_MAX:
            raise InputError(f"{place}: longer than {LINE_BYTES_MAX} bytes")
        yield place, parse(raw, place)
