"""Writes shift.ndjson: twelve minutes of a badge's day as a stimulus.

    python make_shift.py shift.ndjson

Your own comes from `badge run --record` (a real day), `badge record --out` (a real track) or a
script like this one.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from badge import Badge, BadgeConfig
from badge.effects import Effect, Upload
from badge.host.recording_file import RecordingWriter
from badge.inputs import (
    Assign,
    Battery,
    Boot,
    Cellular,
    GpsFix,
    Input,
    Movement,
    ScanResult,
    Tick,
    UploadAnswer,
    UtcLearned,
)
from badge.recording.format import Header

MOWER, TRAILER = "AA:BB:CC:DD:EE:01", "AA:BB:CC:DD:EE:02"
CONFIG = BadgeConfig(
    device_id="ACT-3F8A21B4", known_equipment_tags=[MOWER, TRAILER], upload_interval_s=300
)
START_UTC_MS = 1_773_477_135_000
SHIFT_MS, RESET_MS, END_MS = 10_000, 540_000, 720_000


def happenings() -> Iterator[tuple[int, Input]]:
    """Yield (ms, what happens), in order."""
    yield 0, Boot()
    yield 100, Battery(64, 3880)
    yield 2_000, Cellular(True)
    yield 2_500, UtcLearned(START_UTC_MS)  # the reboot was logged before the time was known
    yield SHIFT_MS, Assign("W-007")
    yield from sorted([*walk(), *tags()], key=lambda one: one[0])
    yield RESET_MS, Boot("watchdog")  # in the middle of the shift
    yield RESET_MS + 1_500, UtcLearned(START_UTC_MS + RESET_MS - 1_000)
    yield RESET_MS + 2_000, Battery(9, 3640)
    yield END_MS, Cellular(True)


def walk() -> Iterator[tuple[int, Input]]:
    """A walk with a spell under a roof; polls come every 15 s from the shift's start."""
    yield SHIFT_MS + 5_000, Movement(True)
    yield SHIFT_MS + 300_000, Movement(False)
    yield SHIFT_MS + 400_000, Movement(True)
    for poll in range(35):
        if not 8 <= poll < 11:
            moved = min(poll, 20)
            fix = GpsFix(52.52 + moved * 2e-5, 13.4 + moved * 1e-5, hdop=1.1 + poll % 3 / 10)
            yield SHIFT_MS + poll * 15_000 + 900, fix


def tags() -> Iterator[tuple[int, Input]]:
    """The mower comes near, hides for four cycles, comes back and goes; the trailer is far."""
    for cycle in range(105):
        heard = [(TRAILER, -88)] if cycle % 4 == 0 else []
        if 10 <= cycle < 70 and not 30 <= cycle < 34:
            heard.append((MOWER, -58 - cycle % 5))
        yield SHIFT_MS + (cycle + 1) * 5_000 + 20, ScanResult(tuple(heard))


class Story:
    """A reference badge beside the recording, so that the backend can answer what it sends."""

    def __init__(self, writer: RecordingWriter) -> None:
        self.writer, self.badge = writer, Badge(CONFIG, firmware_version="1.4.2")

    def happen(self, ms: int, what: Input) -> None:
        """Let deadlines fire up to `ms`, then let it happen, and write it down."""
        while (due_ms := self.badge.next_deadline_ms) is not None and due_ms < ms:
            self.answer(due_ms, self.badge.receive(Tick(), due_ms))
        self.writer.happened(ms, what)
        self.answer(ms, self.badge.receive(what, ms))

    def answer(self, ms: int, effects: list[Effect]) -> None:
        """Take every batch at once."""
        for effect in effects:
            if isinstance(effect, Upload):
                taken = UploadAnswer(effect.request, 202)
                self.writer.happened(ms, taken)
                self.answer(ms, self.badge.receive(taken, ms))


def main() -> None:
    """Write the recording."""
    with RecordingWriter(sys.argv[1], Header(CONFIG, "1.4.2", note="twelve minutes")) as writer:
        story = Story(writer)
        for ms, what in happenings():
            story.happen(ms, what)


if __name__ == "__main__":
    main()
