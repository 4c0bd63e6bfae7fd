"""A badge on wires: its parts opened, put together, and closed in the right order."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from badge.badge import Badge
from badge.host.flash_file import FlashFile
from badge.host.observers import Recorder
from badge.host.recording_file import RecordingWriter
from badge.ports import Observer
from badge.recording.format import Header
from badge.storage.journal import FlashJournal
from badge.storage.memory import snapshot
from hil.app.options import Job
from hil.app.pump import Runner
from hil.ble.scanner import open_scanner
from hil.card.open import open_notecard, uplink_over
from hil.card.sensors import CardSensors
from hil.card.thread import CardThread
from hil.clock import Clock
from hil.ports import Uplink
from hil.tags import NoTags, ScannerTags


@dataclass(frozen=True, slots=True)
class Wired:
    """A badge that has not booted yet: `await wired.runner.run()`."""

    runner: Runner
    store: FlashJournal
    card: CardThread
    sensors: CardSensors
    tags: ScannerTags | NoTags
    uplink: Uplink


@asynccontextmanager
async def wired(
    job: Job,
    clock: Clock,
    say: Callable[[str], None],
    observers: Iterable[Observer] = (),
    around: Callable[[Uplink], Uplink] = lambda uplink: uplink,
) -> AsyncIterator[Wired]:
    """Open flash, card, scanner and recording; `say` hears what a person should know.

    `around` may put something before the uplink.
    """
    card = CardThread(open_notecard(job.notecard))
    tags = tags_of(job, clock)
    async with AsyncExitStack() as stack:
        flash = stack.enter_context(FlashFile(job.flash))
        stack.push_async_callback(card.close)
        store = FlashJournal(flash, flash.geometry)
        sensors = CardSensors(card, settings=_settings(job), clock=clock)
        uplink = around(uplink_over(card, job.uplink, route=job.route, name=job.name))
        runner = Runner(
            Badge(job.config, store, job.firmware_version),
            sensors=sensors,
            tags=tags,
            uplink=uplink,
            flash=flash,
            observers=[*observers, *_recorder(job, store, say, stack)],
            clock=clock,
        )
        yield Wired(runner, store, card, sensors, tags, uplink)


def tags_of(job: Job, clock: Clock) -> ScannerTags | NoTags:
    """Return the radio that a job names."""
    if job.scanner == "none":
        return NoTags()
    known = job.config.known_equipment_tags
    return ScannerTags(open_scanner(job.scanner, tags=known, clock=clock), clock)


def _settings(job: Job) -> tuple[tuple[str, dict[str, Any]], ...]:
    """Return the requests that set the card up; without a product its session stays as it is."""
    if job.product is None:
        return ()
    mode = "continuous" if job.uplink == "web" else "periodic"
    return (("hub.set", {"product": job.product, "mode": mode}),)


def _recorder(
    job: Job, store: FlashJournal, say: Callable[[str], None], stack: AsyncExitStack
) -> list[Observer]:
    if job.record is None:
        return []
    store.recover()
    header = Header(job.config, job.firmware_version, snapshot(store), "badge run")
    recorder = Recorder(RecordingWriter(job.record, header), job.config.device_id, say)
    stack.callback(recorder.close)
    return [recorder]
