"""What a device under test, a real card and the other terminal say."""

from __future__ import annotations

import json
from pathlib import Path

from badge.contract.documents import parse_as
from badge.recording.format import Wrote
from hil.app.buttons import _Answer, _pressed
from hil.card.reply import DamagedLineError, read_line
from hil.dut.drivers.console import ConsoleLines, JsonLines
from hil.dut.event_files import read_events
from hil.dut.judge import judge_events
from hil.dut.stimulus import read_stimulus
from sim.notecard.codec.crc import append_crc
from tests.fuzz.mutate import json_document, json_lines, mixed, octets, text_lines
from tests.fuzz.reader import Reader, directly, from_file
from tests.fuzz.readers.badge import EVENTS, line_seeds, recording_seeds

PIECE_BYTES = 50


class _Said:
    """A console that says these bytes in pieces, and then nothing."""

    def __init__(self, content: bytes) -> None:
        self._content, self.now_s = content, 0.0

    def send(self, line: bytes) -> None:
        """Nobody listens."""

    def close(self) -> None:
        """There is nothing to close."""

    def read(self) -> bytes:
        self.now_s += 0.0 if self._content else 0.1
        piece, self._content = self._content[:PIECE_BYTES], self._content[PIECE_BYTES:]
        return piece


def _console(content: bytes) -> object:
    said = _Said(content)
    now_s = lambda: said.now_s  # noqa: E731  # short
    lines = JsonLines(ConsoleLines(said, now_s), now_s)
    found = []
    while one := lines.next(1.0):
        found.append(one)
    return found


def _console_seeds(folder: Path) -> list[bytes]:
    said = [{"ready": True, "device_id": "ACT-3F8A21B4"}, {"event": EVENTS[0]}]
    return [b"boot: 0x1\r\n" + b"\r\n".join(json.dumps(one).encode() for one in said) + b"\r\n"]


def _judged(path: Path) -> object:
    """A device's events against the right ones; the verdict is told in words."""
    return str(judge_events([Wrote(0, one) for one in EVENTS], read_events(path)))


def _line(content: bytes) -> object:
    line = read_line(content)
    return line and (line.err, line.heartbeat, line.members.whole("total"), line.sequence)


def _line_seeds(folder: Path) -> list[bytes]:
    plain = b'{"total":3,"err":"busy {heartbeat}","body":{"a":1.5}}'
    return [plain, append_crc(plain, 7)]


READERS = (
    Reader(
        "console", _console_seeds, directly(_console), mixed((3, json_lines), (1, text_lines)), ()
    ),
    Reader("device-events", line_seeds, from_file(_judged, "e.ndjson"), json_lines),
    Reader("stimulus", recording_seeds, from_file(read_stimulus, "s.ndjson"), json_lines),
    Reader("card-line", _line_seeds, directly(_line), json_document, (DamagedLineError,)),
    Reader(
        "button",
        lambda _: [b'{"press":"assign","worker_id":"W-007"}'],
        directly(lambda content: _pressed(content, str)),
        json_document,
        (),
    ),
    Reader(
        "button-answer",
        lambda _: [b'{"ok":true,"text":"assigned"}'],
        directly(lambda content: parse_as(_Answer, content, "the badge")),
        mixed((3, json_document), (1, octets)),
    ),
)
