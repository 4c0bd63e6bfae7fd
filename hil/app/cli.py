"""`badge run`: this computer is the badge, with a real Notecard and a real radio."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from badge.errors import InputError
from badge.host.config_file import read_config_file, read_settings
from hil.app.options import Job

if TYPE_CHECKING:
    from hil.app.pump import Runner
    from hil.app.status import Screen
    from hil.clock import Clock

_FILE = click.Path(dir_okay=False, path_type=Path)
_INPUT = click.Path(dir_okay=False, exists=True, path_type=Path)
_REFRESH_S = 0.5
_LATE = ("notecard", "serial")
_LATE_RADIO = ("bleak", "bleak.backends.bluezdbus.scanner", "hil.ble.bluez")


@click.command()
@click.option("--notecard", required=True, help="serial:/dev/ttyACM0 or i2c:/dev/i2c-1:0x17")
@click.option("--scanner", default="none", show_default=True, help="bleak, bleak:hci0 or none")
@click.option("--config", "config_file", type=_INPUT, help="A device_config.json.")
@click.option("--flash", type=_FILE, default="badge.flash", show_default=True, help="Its memory.")
@click.option("--uplink", type=click.Choice(["web", "note"]), default="web", show_default=True)
@click.option("--route", default="ingest", show_default=True, help="web: Notehub's proxy route.")
@click.option("--name", default="", help="web: a path to append to the route's URL.")
@click.option("--product", help="Notehub's ProductUID; without it the card's own stays.")
@click.option("--record", type=_FILE, help="Record everything (.cbor: compact form).")
@click.option("--worker", default="W-007", show_default=True, help="Whom the key a assigns.")
@click.option("--assign-now", is_flag=True, help="Begin the shift at once.")
@click.option("--firmware", default="0.1.0", show_default=True, help="major.minor.patch")
@click.option("--duration", type=float, metavar="S", help="End by itself after so many seconds.")
def run(
    notecard: str,
    scanner: str,
    config_file: Path | None,
    flash: Path,
    uplink: str,
    route: str,
    name: str,
    product: str | None,
    record: Path | None,
    worker: str,
    assign_now: bool,
    firmware: str,
    duration: float | None,
) -> None:
    """Be a badge: sense through a Notecard and a radio, upload through the Notecard.

    Keys: a assigns, u ends the shift, q quits; or badge assign W-007 from another terminal.
    Ctrl-C is a loss of power: everything logged waits in the flash file for the next start.
    """
    config = read_settings() if config_file is None else read_config_file(config_file)
    if config.worker_ids and worker not in config.worker_ids:
        worker = config.worker_ids[0]
    asyncio.run(
        drive(
            Job(
                notecard,
                scanner,
                config,
                flash,
                uplink,
                route,
                name,
                product,
                record,
                worker,
                assign_now,
                firmware,
                duration,
            )
        )
    )


async def drive(job: Job, clock: Clock | None = None) -> None:
    """Open everything, run the badge, close everything."""
    from badge.cli import terminal
    from badge.host.observers import Counts
    from hil.app.assembly import wired
    from hil.app.buttons import serve_buttons, socket_path
    from hil.app.keyboard import listen_to_keys
    from hil.app.status import Screen, Status
    from hil.app.wearer import Wearer
    from hil.clock import SystemClock
    from hil.uplink.note import PLAIN_WORDS

    async with AsyncExitStack() as stack:
        screen = stack.enter_context(Screen(terminal.err()))
        counts = Counts(screen.say)
        parts = await stack.enter_async_context(
            wired(job, clock or SystemClock(), screen.say, [counts])
        )
        runner = parts.runner
        wearer = Wearer(runner, job.worker)
        status = Status(runner, parts.sensors.view, parts.tags, counts, parts.uplink)
        await stack.enter_async_context(serve_buttons(socket_path(job.flash), wearer.press))
        stack.enter_context(listen_to_keys(lambda key: _key(key, wearer, runner, screen)))
        if job.uplink == "note":
            screen.say(PLAIN_WORDS)
        try:
            await _live(job, runner, wearer, screen, status)
        finally:
            _part(job, parts.store, screen)


def _key(key: str, wearer: Any, runner: Runner, screen: Screen) -> None:
    try:
        if key == "a":
            screen.say(wearer.assign())
        elif key == "u":
            screen.say(wearer.unassign())
        elif key == "q":
            runner.stop()
    except InputError as error:
        screen.say(str(error))


@contextmanager
def settled(radio: bool) -> Iterator[None]:
    """Load what is loaded late, and take it all out of the garbage collector's rounds.

    The collector would walk every imported module in the event loop, 20 to 30 ms at a time.
    """
    import gc
    from importlib import import_module

    for name in (*_LATE, *(_LATE_RADIO if radio else ())):
        with suppress(ImportError):  # whoever needs it says so, with the remedy
            import_module(name)
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


async def _live(job: Job, runner: Runner, wearer: Any, screen: Screen, status: Any) -> None:
    """Run until it ends; a second task keeps the status fresh."""

    async def refresh() -> None:
        if job.assign_now:
            await asyncio.sleep(0)
            screen.say(wearer.assign())
        while True:
            screen.show(status)
            await asyncio.sleep(_REFRESH_S)

    watching = asyncio.create_task(refresh())
    try:
        with settled(job.scanner != "none"):
            async with asyncio.timeout(job.duration_s):
                await runner.run()
    except TimeoutError:
        runner.stop()
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


def _part(job: Job, store: Any, screen: Screen) -> None:
    waiting = len(store.queue.entries)
    if waiting:
        screen.say(f"{waiting} events wait in {job.flash}: the same command goes on with them")
    if store.state.worker_id:
        screen.say(
            f"the shift of {store.state.worker_id} is open: with the next start it ends as reboot"
        )
