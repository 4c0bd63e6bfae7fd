"""`badge air`: the virtual air for any program on this machine."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from badge.errors import InputError

if TYPE_CHECKING:
    from sim.air.bluez.system_bus import SystemBus
    from sim.air.faults import Fault
    from sim.air.feed import Report
    from sim.air.radio.air import Air

_SPEED_MAX = 10_000.0


@click.command()
@click.argument("source", metavar="SCENARIO|CAPTURE")
@click.option("--adapters", default=1, show_default=True, help="How many: hci0, hci1…")
@click.option("--socket", type=click.Path(path_type=Path), help="Where the bus listens.")
@click.option("--loop", "again", is_flag=True, help="Play it again and again.")
@click.option("--speed", default=1.0, show_default=True, help="2 is twice as fast.")
@click.option("--badge", default=1, show_default=True, help="SCENARIO: whose radio hci0 is.")
@click.option("--from", "begin", metavar="HH:MM", help="SCENARIO: begin then, not at its start.")
@click.option("--fault", "words", multiple=True, metavar="FAULT", help="See below; repeatable.")
def air(
    source: str,
    adapters: int,
    socket: Path | None,
    again: bool,
    speed: float,
    badge: int,
    begin: str | None,
    words: tuple[str, ...],
) -> None:
    """Play SCENARIO|CAPTURE on virtual Bluetooth adapters that programs take for real ones.

    A capture is a btsnoop log or a table with unix_ms, mac, rssi; every adapter hears all of it.
    A scenario (a YAML file or a shipped one) is heard by hci0 as its badge does that --badge
    names, by hci1 as the next one, and so on: its tags, at their distances, as people move.
    The variable to set for the other program is printed first on stdout.

    \b
    Faults that hold:   threshold[=DB] duplicates[=content] scan-train
                        no-passive no-central
    Refused starts:     in-progress[:hci0][=TIMES] not-ready[…] failed[…]
    Faults at a moment: restart@5 crash@5+2 unplug:hci0@5+2 power-off:hci0@5+2
                        bus-death@5+2 (5 seconds after the start, for 2)
    """
    from sim.air.faults import fault_from

    if find_spec("dbus_fast") is None:
        raise InputError(
            "badge air needs dbus-fast; install it with: pip install 'badge-simulator[hil]'"
        )
    if not 0 < speed <= _SPEED_MAX:
        raise InputError(f"--speed {speed:g}: give a number above 0, up to {_SPEED_MAX:g}")
    if adapters < 1:
        raise InputError("--adapters: give 1 or more")
    faults = [fault_from(word) for word in words]
    if _is_scenario(source):
        programme = _scenario(source, adapters, badge, begin)
    else:
        programme = _capture(Path(source), adapters)
    asyncio.run(_offer(programme, adapters, socket, again, speed, faults))


@dataclass(frozen=True, slots=True)
class _Programme:
    """What is played: `reports` begins anew each time, `first_ms` is its beginning."""

    words: str
    reports: Callable[[], Iterable[Report]]
    first_ms: int | None = None


def _is_scenario(source: str) -> bool:
    path = Path(source)
    return path.suffix in (".yaml", ".yml") or not (path.suffix or path.exists())


def _scenario(source: str, adapters: int, badge: int, begin: str | None) -> _Programme:
    from sim.air.scenario_feed import from_scenario
    from sim.scenario.pick import badge_of, moment_of, roster_of

    roster = roster_of(source)
    badges = [badge_of(roster, badge + place) for place in range(adapters)]
    begin_ms = moment_of(roster, begin)
    now = roster.site_plan.clock.word(begin_ms)
    return _Programme(
        f"{source} from {now} on", lambda: from_scenario(roster, badges, begin_ms), begin_ms
    )


def _capture(capture: Path, adapters: int) -> _Programme:
    reports = _reports(capture, adapters)
    return _Programme(f"{len(reports)} reports", lambda: reports)


def _reports(capture: Path, adapters: int) -> list[Report]:
    from sim.air.feed import from_sightings
    from sim.sources.open import read_adverts

    if not capture.is_file():
        raise InputError(f"{capture}: no such file")
    told = [(s.utc_ms, s.mac, s.rssi_dbm, None) for s in read_adverts(capture).sightings]
    if not told:
        raise InputError(f"{capture}: no advertisement in it; give a capture that has some")
    every = [from_sightings(told, f"hci{i}") for i in range(adapters)]
    return [report for row in zip(*every, strict=True) for report in row]


async def _offer(
    programme: _Programme,
    adapters: int,
    socket: Path | None,
    again: bool,
    speed: float,
    faults: list[Fault],
) -> None:
    from sim.air.bluez.system_bus import SystemBus
    from sim.air.faults import conditions_of, inject, prepare
    from sim.air.radio.air import Air

    there = Air(adapters, conditions_of(faults))
    prepare(there, faults)
    async with SystemBus(there, socket) as bus:
        click.echo(f"export DBUS_SYSTEM_BUS_ADDRESS={bus.address}")
        injected = [
            asyncio.create_task(inject(there, bus, fault, asyncio.sleep))
            for fault in faults
            if fault.is_momentary
        ]
        try:
            await _play(there, bus, programme, again, speed)
        finally:
            for task in injected:
                task.cancel()
            await asyncio.gather(*injected, return_exceptions=True)
            click.echo(_summary(there, bus), err=True)


async def _play(
    there: Air, bus: SystemBus, programme: _Programme, again: bool, speed: float
) -> None:
    """Wait for a first listener, so that none misses the beginning, and play."""
    from rich.console import Console

    from sim.air.feed import play

    loop = asyncio.get_running_loop()
    first = True
    with Console(stderr=True).status("") as status:
        while first or again:
            first = False
            status.update(f"{programme.words}: waiting for a scan (Ctrl-C ends)")
            while not any(adapter.listening for adapter in there.adapters.values()):
                await asyncio.sleep(0.05)
            status.update(f"{programme.words}: playing (Ctrl-C ends)")
            await play(
                there,
                programme.reports(),
                now_s=loop.time,
                sleep=asyncio.sleep,
                drain=bus.drain,
                speed=speed,
                first_ms=programme.first_ms,
            )


def _summary(there: Air, bus: SystemBus) -> str:
    fault_counts: Counter[str] = Counter()
    for adapter in there.adapters.values():
        fault_counts += adapter.fault_counts
    told = ", ".join(f"{times} {what}" for what, times in sorted(fault_counts.items()))
    faults = f"; refused or kept back: {told}" if told else ""
    return f"{there.heard} of {there.sent} reports heard by {bus.bus.joined} connections{faults}"
