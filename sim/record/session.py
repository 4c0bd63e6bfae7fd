"""One badge through recorded input, from the first point of a track to its last."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from pydantic_core import from_json

from badge.badge import Badge
from badge.config import BadgeConfig
from badge.errors import InputError
from badge.host.files import unused
from badge.host.flash_file import FlashFile, open_journal
from badge.host.observers import Counts, EventLines, Recorder
from badge.host.recording_file import RecordingWriter
from badge.ports import Observer
from badge.recording.format import Header
from badge.storage.memory import MemoryStore, snapshot
from badge.storage.store import Store
from badge.words import counted
from sim.engine.clock import Clock
from sim.engine.ports import NoUplink
from sim.engine.pump import Pump
from sim.record.drive import Drive
from sim.record.sensors import RecordedSensors
from sim.record.uplink import HttpUplink
from sim.sources.adverts import AdvertLog
from sim.sources.track import Track

Advance = Callable[[int, int], None]  # where the clock is, and where the drive ends


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """What to drive a badge through, and where its traces go."""

    config: BadgeConfig
    track: Track
    adverts: AdvertLog | None
    worker_id: str
    firmware_version: str = "0.1.0"
    out: Path | None = None
    events: Path | None = None
    flash: Path | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class SessionResult:
    """What came of it: counts, how many events still wait, and the last trouble on the way."""

    counts: Counts
    waiting: int
    quarantined: int
    overflowed: int
    trouble: str | None


def run_session(options: SessionOptions, advance: Advance) -> SessionResult:
    """Drive the badge through all of it; `advance` is told how far it is.

    KeyboardInterrupt carries the words about what is left.
    """
    with ExitStack() as stack:
        flash = None if options.flash is None else stack.enter_context(FlashFile(options.flash))
        device_id = options.config.device_id
        store: Store = MemoryStore() if flash is None else open_journal(flash, device_id)
        clock, counts = Clock(), Counts()
        sensors = RecordedSensors(options.track, options.adverts)
        uplink = _uplink(options, clock)
        pump = Pump(
            Badge(options.config, store, options.firmware_version),
            clock,
            sensors,
            uplink,
            flash,
            [counts, *_writers(options, store, flash, stack)],
        )
        drive = Drive(
            pump,
            sensors,
            options.track,
            options.worker_id,
            online=options.url is not None,
            owns_flash=flash is not None,
        )
        try:
            drive.run(advance)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(_what_waits(options, store)) from None
        queue = store.queue
        return SessionResult(
            counts,
            len(queue.entries),
            len(queue.quarantined),
            queue.overflow_count,
            uplink.trouble,
        )


def _uplink(options: SessionOptions, clock: Clock) -> HttpUplink | NoUplink:
    if options.url is None:
        return NoUplink()
    return HttpUplink(clock, options.url, options.config.api_key.get_secret_value(), {})


def _writers(
    options: SessionOptions, store: Store, flash: FlashFile | None, stack: ExitStack
) -> list[Observer]:
    writers: list[Observer] = []
    goes_on = flash is not None  # with a flash the same command goes on where it was stopped
    if options.out is not None:
        header = Header(
            options.config, options.firmware_version, snapshot(store) if flash else None
        )
        path = unused(options.out) if goes_on else options.out
        writer = stack.enter_context(RecordingWriter(path, header, live=goes_on))
        writers.append(Recorder(writer, options.config.device_id))
    if options.events is not None:
        begun = options.events.is_file()
        last = last_logged(options.events) if goes_on else None
        lines = EventLines(options.events, options.config.device_id, after=last)
        writers.append(stack.enter_context(closing(lines)))
        for entry in store.queue.entries if goes_on and begun else ():
            if entry.unix_ms is not None:  # logged, and stopped before its line was written
                lines.logged(0, entry)
    return writers


def _what_waits(options: SessionOptions, store: Store) -> str:
    count = len(store.queue.entries)
    if options.flash is None:
        what = counted(count, "event was", "events were")
        return f"stopped; {what} not delivered: with --flash FILE they would wait"
    what = counted(count, "event waits", "events wait")
    return f"stopped; {what} in {options.flash}: the same command goes on"


def sorted_answers(counts: Counts) -> list[tuple[int | None, int]]:
    """Return (status, count) with "no answer" last."""
    return sorted(counts.answers.items(), key=lambda item: (item[0] is None, item[0] or 0))


def last_logged(path: Path) -> int:
    """Return the number of the last whole line of a log of events, 0 if there is none.

    A last line that a kill or a full disk has torn is cut off: its event waits in the flash.
    InputError if the file is no such log.
    """
    if not path.is_file():
        return 0
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if whole != content:
        os.truncate(path, len(whole))
    last = whole.rstrip(b"\n").rpartition(b"\n")[2]
    if not last:
        return 0
    try:
        return int(from_json(last)["sequence_number"])
    except (ValueError, KeyError, TypeError):
        raise InputError(f"--events {path}: holds something else; name another file") from None
