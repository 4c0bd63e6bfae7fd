"""`badge air`: the virtual air for any program on this machine."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from badge.errors import InputError
from badge.extras import require
from badge.host.systems import need_unix_sockets

_SPEED_MAX = 10_000.0


@click.command()
@click.argument("source", metavar="SCENARIO|CAPTURE")
@click.option("--adapters", default=1, show_default=True, help="How many: hci0, hci1…")
@click.option("--bluez", default="5.66", show_default=True, help="5.66, 5.87 or ideal; see below.")
@click.option("--adapter", default="dual", show_default=True, help="le (no BR/EDR) or dual.")
@click.option("--socket", type=click.Path(path_type=Path), help="Where the bus listens.")
@click.option("--loop", "again", is_flag=True, help="Play it again and again.")
@click.option("--exit-at-end", is_flag=True, help="End with the capture, and the bus with it.")
@click.option("--speed", default=1.0, show_default=True, help="2 is twice as fast.")
@click.option("--badge", default=1, show_default=True, help="SCENARIO: whose radio hci0 is.")
@click.option("--from", "begin", metavar="HH:MM", help="SCENARIO: begin then, not at its start.")
@click.option("--fault", "words", multiple=True, metavar="FAULT", help="See below; repeatable.")
def air(
    source: str,
    adapters: int,
    bluez: str,
    adapter: str,
    socket: Path | None,
    again: bool,
    exit_at_end: bool,
    speed: float,
    badge: int,
    begin: str | None,
    words: tuple[str, ...],
) -> None:
    """Play SCENARIO|CAPTURE on virtual Bluetooth adapters that programs take for real ones.

    A capture is a btsnoop log or a table with unix_ms, mac, rssi; every adapter hears all of it.
    A scenario (a YAML file or a shipped one) is heard by hci0 as its badge does that --badge
    names, by hci1 as the next one, and so on: its tags, at their distances, as people move.
    The variable to set for the other program is printed first on stdout.  At the end the bus
    lives on in silence, as a radio does in an empty room; Ctrl-C ends it.

    \b
    BlueZ:              5.66 and 5.87 are as unkind as the real ones (steps
                        of 8 dB without an RSSI filter, windows of 10 s
                        and gaps, merged signals); ideal lets every
                        advertisement through.
    Faults that hold:   threshold[=DB] duplicates[=content] scan-train
                        no-passive no-central
    Refused starts:     in-progress[:hci0][=TIMES] not-ready[…] failed[…]
    Faults at a moment: restart@5 crash@5+2 unplug:hci0@5+2 power-off:hci0@5+2
                        bus-death@5+2 (5 seconds after the start, for 2)
    """
    need_unix_sockets("badge air", "AirScanner is the same air for bleak in Python (docs/air.md)")
    require("dbus_fast")
    from sim.air.faults import conditions_of, fault_from
    from sim.air.offer import Ends, offer
    from sim.air.programme import capture_programme, is_scenario, scenario_programme
    from sim.air.radio.conditions import profile

    if not 0 < speed <= _SPEED_MAX:
        raise InputError(f"--speed {speed:g}: give a number above 0, up to {_SPEED_MAX:g}")
    if adapters < 1:
        raise InputError("--adapters: give 1 or more")
    if again and exit_at_end:
        raise InputError("--loop has no end to exit at; give one of --loop, --exit-at-end")
    faults = [fault_from(word) for word in words]
    conditions = conditions_of(faults, profile(bluez, adapter))
    if is_scenario(source):
        programme = scenario_programme(source, adapters, badge, begin)
    else:
        programme = capture_programme(Path(source), adapters, conditions)
    ends: Ends = "loop" if again else "exit" if exit_at_end else "stay"
    asyncio.run(offer(programme, adapters, conditions, socket, ends, speed, faults))
