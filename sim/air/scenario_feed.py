"""A scenario's tags as the radios of its badges receive them, advertisement by advertisement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sim.air.feed import Report
from sim.scenario.plan.days import Wear
from sim.scenario.plan.roster import Roster
from sim.world.adverts import Scanner
from sim.world.place import Spot
from sim.world.radio import Radio, Wearer

BLOCK_MS = 30_000  # a call of the radio costs the same for many cycles as for one
# The adapter of a computer listens all the time; its own pauses are the virtual air's affair.
ALWAYS = Scanner(interval_ms=200, window_ms=200)


def from_scenario(roster: Roster, badges: Sequence[int], begin_ms: int = 0) -> Iterator[Report]:
    """Yield what adapter `hci0` on the first of these badges hears, `hci1` on the next…

    `badges` are indexes; times are ms of the run, in order, to its end.  The real captures that
    the scenario names are heard as well, by the badges that it names.
    """
    radio = Radio(roster.asked.seed)
    wears = [roster.wears(index) for index in badges]
    names = [roster.device_id(index) for index in badges]
    captures = [[one.log for one in roster.captures(index)] for index in badges]
    for block_ms in range(begin_ms, roster.asked.end_ms, BLOCK_MS):
        end_ms = min(block_ms + BLOCK_MS, roster.asked.end_ms)
        rows: list[Report] = []
        for place, (name, days) in enumerate(zip(names, wears, strict=True)):
            badge = _wearer(roster, name, days, block_ms)
            rows += _heard(roster, radio, badge, f"hci{place}", block_ms, end_ms)
            rows += [
                Report(one.utc_ms, f"hci{place}", one.mac, one.rssi_dbm)
                for log in captures[place]
                for one in log.between(block_ms, end_ms)
            ]
        yield from sorted(rows, key=lambda one: (one.at_ms, one.adapter, one.mac))


def _wearer(roster: Roster, name: str, days: Sequence[Wear], ms: int) -> Wearer:
    begun = [wear for wear in days if wear.start_ms <= ms]
    if not begun:
        return Wearer(name, Spot(*roster.terrain.depot), None, ALWAYS)
    journey = begun[-1].journey
    return Wearer(name, journey, journey, ALWAYS)


def _heard(
    roster: Roster, radio: Radio, badge: Wearer, adapter: str, begin_ms: int, end_ms: int
) -> Iterator[Report]:
    for machine in roster.terrain.machines.values():
        times, dbm = radio.sightings(begin_ms, end_ms, machine.tag, machine.mover, badge)
        for at_ms, rssi_dbm in zip(times.tolist(), dbm.tolist(), strict=True):
            yield Report(at_ms, adapter, machine.tag.mac, rssi_dbm)
