"""A badge on wires: its parts opened, put together, and closed in the right order."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from badge.badge import Badge
from badge.host.files import unused
from badge.host.flash_file import FlashFile, open_journal
from badge.host.observers import Recorder
from badge.host.recording_file import RecordingWriter
from badge.ports import Observer
from badge.recording.format import Header
from badge.storage.journal import FlashJournal
from badge.storage.memory import snapshot
from hil.app.options import RunOptions
from hil.app.pump import AsyncPump
from hil.ble.scanner import NoScanner, Scanner, open_scanner
from hil.card.open import open_notecard
from hil.card.sensors import CardSensors
from hil.card.thread import CardThread
from hil.clock import Clock
from hil.ports import Uplink
from hil.uplink.open import uplink_over


@dataclass(frozen=True, slots=True)
class Assembly:
    """A badge that has not booted yet: `await assembly.pump.run()`."""

    pump: AsyncPump
    store: FlashJournal
    card: CardThread
    sensors: CardSensors
    scanner: Scanner | NoScanner
    uplink: Uplink


@asynccontextmanager
async def assembled(
    options: RunOptions,
    clock: Clock,
    say: Callable[[str], None],
    observers: Iterable[Observer] = (),
    around: Callable[[Uplink], Uplink] = lambda uplink: uplink,
) -> AsyncIterator[Assembly]:
    """Open flash, card, scanner and recording; `say` hears what a person should know.

    `around` may put something before the uplink.
    """
    card = CardThread(open_notecard(options.notecard))
    scanner = scanner_of(options, clock)
    async with AsyncExitStack() as stack:
        # First of all, since its lock says whether this badge runs elsewhere already.
        flash = stack.enter_context(FlashFile(options.flash))
        stack.push_async_callback(card.close)
        store = open_journal(flash)
        sensors = CardSensors(card, settings=_settings(options), clock=clock)
        uplink = around(uplink_over(card, options.uplink, route=options.route, name=options.name))
        pump = AsyncPump(
            Badge(options.config, store, options.firmware_version),
            sensors=sensors,
            scanner=scanner,
            uplink=uplink,
            flash=flash,
            observers=[*observers, *_recorder(options, store, say, stack)],
            clock=clock,
        )
        yield Assembly(pump, store, card, sensors, scanner, uplink)


def scanner_of(options: RunOptions, clock: Clock) -> Scanner | NoScanner:
    """Return the radio that is asked for; InputError if there can be none of that name."""
    if options.scanner == "none":
        return NoScanner()
    return open_scanner(options.scanner, tags=options.config.known_equipment_tags, clock=clock)


def _settings(options: RunOptions) -> tuple[tuple[str, Mapping[str, object]], ...]:
    """Return the requests that set the card up; without a product its session stays as it is."""
    if options.product is None:
        return ()
    mode = "continuous" if options.uplink == "web" else "periodic"
    return (("hub.set", {"product": options.product, "mode": mode}),)


def _recorder(
    options: RunOptions, store: FlashJournal, say: Callable[[str], None], stack: AsyncExitStack
) -> list[Observer]:
    if options.record is None:
        return []
    path = unused(options.record)
    if path != options.record:
        say(f"{options.record} is there already: what happens now is recorded in {path}")
    header = Header(options.config, options.firmware_version, snapshot(store), "badge run")
    # Live: what anybody has seen of this badge is in the file, whatever ends it.
    writer = RecordingWriter(path, header, live=True)
    recorder = Recorder(writer, options.config.device_id, say)
    stack.callback(recorder.close)
    return [recorder]
