"""Stand-ins for what a device touches, all in simulated time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from badge.badge import Badge
from badge.config import read_config
from badge.effects import Notice, Upload
from badge.entry import Entry
from badge.inputs import GpsFix, Input, UploadAnswer
from badge.storage.memory import MemoryStore
from sim.engine.clock import Clock
from sim.engine.pump import Pump
from sim.sources.track import Track, TrackFix, TrackPoint

DEVICE = "ACT-3F8A21B4"
TAG = "F4:A7:2E:11:03:BC"
START_UNIX_MS = 1_773_477_135_000


def walk(*points: tuple[int, float]) -> Track:
    """A track of (seconds, latitude) pairs."""
    return Track(
        tuple(TrackPoint(START_UNIX_MS + s * 1000, TrackFix(lat, 15.5)) for s, lat in points)
    )


class Field:
    """A fix after a while, tags at a strength; None is no fix, or a scanner that is down."""

    def __init__(self, fix_after_ms: int | None = 1000, rssi_dbm: int | None = -60) -> None:
        self.fix_after_ms, self.rssi_dbm = fix_after_ms, rssi_dbm
        self.cycles: list[tuple[int, int]] = []

    def fix(self, now_ms: int) -> tuple[int, GpsFix] | None:
        return (
            None if self.fix_after_ms is None else (self.fix_after_ms, GpsFix(45.5, 15.5, hdop=1))
        )

    def heard(self, start_ms: int, end_ms: int) -> tuple[tuple[str, int], ...] | None:
        self.cycles.append((start_ms, end_ms))
        return None if self.rssi_dbm is None else ((TAG, self.rssi_dbm),)


class Cloud:
    """Answers every batch with the next status, the last one for ever."""

    trouble: str | None = None

    def __init__(self, clock: Clock, *statuses: int) -> None:
        self.clock, self.statuses = clock, list(statuses or (202,))
        self.batches: list[Upload] = []

    def send(self, upload: Upload, answer: Callable[[UploadAnswer], None]) -> None:
        self.batches.append(upload)
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        self.clock.after(1000, lambda: answer(UploadAnswer(upload.request, status)))


class Diary:
    """An observer that writes everything down."""

    def __init__(self) -> None:
        self.lines: list[tuple[int, str]] = []

    def happened(self, ms: int, what: Input) -> None:
        self.lines.append((ms, type(what).__name__))

    def logged(self, ms: int, entry: Entry) -> None:
        self.lines.append((ms, entry.event_type))

    def noticed(self, ms: int, notice: Notice) -> None:
        self.lines.append((ms, notice.about))


def device(
    clock: Clock | None = None,
    store: Any = None,
    field: Any = None,
    cloud: Any = None,
    flash: Any = None,
    supply: Any = None,
    **config: Any,
) -> tuple[Pump, Diary]:
    """A device and its diary."""
    clock = clock or Clock()
    document = {"device_id": DEVICE, "known_equipment_tags": [TAG], **config}
    diary = Diary()
    made = Pump(
        Badge(read_config(document), store or MemoryStore()),
        clock,
        field or Field(),
        cloud or Cloud(clock),
        flash,
        [diary],
        supply,
    )
    return made, diary
