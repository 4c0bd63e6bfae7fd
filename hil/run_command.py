"""`badge run`: this computer is the badge, with a real Notecard and a real radio."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from badge.config import BadgeConfig, read_config
from badge.errors import InputError

if TYPE_CHECKING:
    from hil.runner import Runner
    from hil.scanner_clock import Clock
    from hil.status_line import Screen

_FILE = click.Path(dir_okay=False, path_type=Path)
_INPUT = click.Path(dir_okay=False, exists=True, path_type=Path)
_REFRESH_S = 0.5
DEFAULT_DEVICE_ID = "ACT-00000001"


@dataclass(frozen=True, slots=True)
class Job:
    """What `badge run` was asked for."""

    notecard: str
    scanner: str
    config: BadgeConfig
    flash: Path
    uplink: str = "web"
    route: str = "ingest"
    name: str = ""
    product: str | None = None
    record: Path | None = None
    worker: str = "W-007"
    assign_now: bool = False
    firmware_version: str = "0.1.0"
    duration_s: float | None = None


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
    config = _read_config(config_file)
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


def _read_config(path: Path | None) -> BadgeConfig:
    from hil.config_file import read_config_file

    if path is None:
        return read_config({"device_id": DEFAULT_DEVICE_ID})
    return read_config_file(path)


async def drive(job: Job, clock: Clock | None = None) -> None:
    """Open everything, run the badge, close everything."""
    from badge.badge import Badge
    from badge.host import terminal
    from badge.host.flash_file import FlashFile
    from badge.journal import FlashJournal
    from hil.buttons import serve_buttons, socket_path
    from hil.card_thread import CardThread
    from hil.keys import listen_to_keys
    from hil.open import open_notecard, uplink_over
    from hil.recorder import Counts
    from hil.runner import Runner
    from hil.scanner_clock import SystemClock
    from hil.sensors import CardSensors
    from hil.status_line import Screen, Status
    from hil.uplink_note import PLAIN_WORDS
    from hil.wearer import Wearer

    clock = clock or SystemClock()
    card = CardThread(open_notecard(job.notecard))
    tags = _tags(job, clock)
    async with AsyncExitStack() as stack:
        flash = stack.enter_context(FlashFile(job.flash))
        stack.push_async_callback(card.close)
        screen = stack.enter_context(Screen(terminal.err()))
        store = FlashJournal(flash, flash.geometry)
        counts = Counts(screen.say)
        sensors = CardSensors(card, settings=_settings(job), clock=clock)
        uplink = uplink_over(card, job.uplink, route=job.route, name=job.name)
        recorder = _recorder(job, store, screen, stack)
        runner = Runner(
            Badge(job.config, store, job.firmware_version),
            sensors=sensors,
            tags=tags,
            uplink=uplink,
            flash=flash,
            witnesses=[counts, *recorder],
            clock=clock,
        )
        wearer = Wearer(runner, job.worker)
        status = Status(runner, sensors.view, tags, counts, uplink)
        await stack.enter_async_context(serve_buttons(socket_path(job.flash), wearer.press))
        stack.enter_context(listen_to_keys(lambda key: _key(key, wearer, runner, screen)))
        if job.uplink == "note":
            screen.say(PLAIN_WORDS)
        try:
            await _live(job, runner, wearer, screen, status)
        finally:
            _part(job, store, screen)


def _tags(job: Job, clock: Clock) -> Any:
    from hil.tags import NoTags, ScannerTags

    if job.scanner == "none":
        return NoTags()
    from hil.scanner import open_scanner

    return ScannerTags(
        open_scanner(job.scanner, tags=job.config.known_equipment_tags, clock=clock), clock
    )


def _settings(job: Job) -> tuple[tuple[str, dict[str, Any]], ...]:
    """Return the requests that set the card up; without --product its session stays as it is."""
    if job.product is None:
        return ()
    mode = "continuous" if job.uplink == "web" else "periodic"
    return (("hub.set", {"product": job.product, "mode": mode}),)


def _recorder(job: Job, store: Any, screen: Screen, stack: AsyncExitStack) -> list[Any]:
    from badge.recording import Header
    from badge.store import snapshot
    from hil.recorder import Recorder

    if job.record is None:
        return []
    store.recover()
    header = Header(job.config, job.firmware_version, snapshot(store), "badge run")
    recorder = Recorder(job.record, header, job.config.device_id, screen.say)
    stack.callback(recorder.close)
    return [recorder]


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
