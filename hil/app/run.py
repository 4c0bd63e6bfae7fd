"""A badge on wires, driven until it ends, with keys, buttons and a status on the terminal."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from importlib import import_module

from badge.cli import terminal
from badge.errors import InputError
from badge.host.observers import Counts
from badge.host.processes import left_alone
from badge.storage.journal import FlashJournal
from badge.words import counted
from hil.app.assembly import assembled
from hil.app.buttons import serve_buttons, socket_path
from hil.app.keyboard import listen_to_keys
from hil.app.options import RunOptions
from hil.app.pump import AsyncPump
from hil.app.status import Status, StatusPanel
from hil.app.telemetry import watch_badge, watched_uplink
from hil.app.wearer import BadgeButtons
from hil.clock import Clock, SystemClock
from hil.uplink.note import PLAIN_WORDS

_REFRESH_S = 0.5  # a status is read by people
# What is imported when it is first needed; a badge that runs needs it now.
_LATE = ("notecard", "serial")
_LATE_RADIO = ("bleak", "bleak.backends.bluezdbus.scanner", "hil.ble.bluez")


async def drive(options: RunOptions, clock: Clock | None = None) -> None:
    """Open everything, run the badge, close everything."""
    async with AsyncExitStack() as stack:
        panel = stack.enter_context(StatusPanel(terminal.err()))
        counts = Counts(panel.say)
        time = clock or SystemClock()
        around = watched_uplink(options.uplink, time)
        parts = await stack.enter_async_context(
            assembled(options, time, panel.say, [counts], around)
        )
        watch_badge(counts, parts.store, parts.sensors.view)
        pump = parts.pump
        wearer = BadgeButtons(pump, options.worker)
        status = Status(pump, parts.sensors.view, parts.scanner, counts, parts.uplink)
        # Before anybody can press a button: nothing is answered while libraries load.
        stack.enter_context(settled(options.scanner != "none"))
        await stack.enter_async_context(serve_buttons(socket_path(options.flash), wearer.press))
        stack.enter_context(listen_to_keys(lambda key: _key(key, wearer, pump, panel)))
        if options.uplink == "note":
            panel.say(PLAIN_WORDS)
        try:
            await _live(options, pump, wearer, panel, status)
        finally:
            _part(options, parts.store, panel)


def _key(key: str, wearer: BadgeButtons, pump: AsyncPump, panel: StatusPanel) -> None:
    try:
        if key == "a":
            panel.say(wearer.assign())
        elif key == "u":
            panel.say(wearer.unassign())
        elif key == "q":
            pump.stop()
    except InputError as error:
        panel.say(str(error))


@contextmanager
def settled(radio: bool) -> Iterator[None]:
    """Load what is loaded late, and take it all out of the garbage collector's rounds.

    The collector would walk every imported module in the event loop, 20 to 30 ms at a time.
    """
    for name in (*_LATE, *(_LATE_RADIO if radio else ())):
        with suppress(ImportError):  # whoever needs it says so, with the remedy
            import_module(name)
    gc.collect()
    with left_alone():
        yield


async def _live(
    options: RunOptions, pump: AsyncPump, wearer: BadgeButtons, panel: StatusPanel, status: Status
) -> None:
    """Run until it ends; a second task keeps the status fresh."""

    async def refresh() -> None:
        if options.assign_now:
            await asyncio.sleep(0)
            panel.say(wearer.assign())
        while True:
            panel.show(status)
            await asyncio.sleep(_REFRESH_S)

    watching = asyncio.create_task(refresh())
    try:
        async with asyncio.timeout(options.duration_s):
            await pump.run()
    except TimeoutError:
        pump.stop()
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


def _part(options: RunOptions, store: FlashJournal, panel: StatusPanel) -> None:
    waiting = len(store.queue.entries)
    if waiting:
        wait = counted(waiting, "event waits", "events wait")
        panel.say(f"{wait} in {options.flash}: the same command goes on with them")
    if store.state.worker_id:
        panel.say(
            f"the shift of {store.state.worker_id} is open: with the next start it ends as reboot"
        )
