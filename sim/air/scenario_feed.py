"""A scenario's tags as the radios of its badges receive them, advertisement by advertisement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sim.air.feed import Report
from sim.scenario.plan.days import WornDay
from sim.scenario.plan.roster import Roster
from sim.world.adverts import ScanPattern
from sim.world.place import Spot
from sim.world.radio import Radio, Receiver

BLOCK_MS = 30_000  # a call of the radio costs the same for many cycles as for one
# The adapter of a computer listens all the time; its own pauses are the virtual air's affair.
ALWAYS = ScanPattern(interval_ms=200, window_ms=200)


def from_scenario(roster: Roster, badges: Sequence[int], begin_ms: int = 0) -> Iterator[Report]:
    """Yield what adapter `hci0` on the first of these badges hears, `hci1` on the next…

    `badges` are indexes; times are ms of the run, in order, to its end.  The real captures that
    the scenario names are heard as well, by the badges that it names.
    """
    radio = Radio(roster.parameters.seed)
    worn = [roster.days(index) for index in badges]
    names = [roster.device_id(index) for index in badges]
    captures = [[one.log for one in roster.captures(index)] for index in badges]
    for block_ms in range(begin_ms, roster.parameters.end_ms, BLOCK_MS):
        end_ms = min(block_ms + BLOCK_MS, roster.parameters.end_ms)
        rows: list[Report] = []
        for place, (name, days) in enumerate(zip(names, worn, strict=True)):
            badge = _wearer(roster, name, days, block_ms)
            rows += _heard(roster, radio, badge, f"hci{place}", block_ms, end_ms)
            rows += [
                Report(one.utc_ms, f"hci{place}", one.mac, one.rssi_dbm)
                for log in captures[place]
                for one in log.between(block_ms, end_ms)
            ]
        yield from sorted(rows, key=lambda one: (one.at_ms, one.adapter, one.mac))


def _wearer(roster: Roster, name: str, days: Sequence[WornDay], ms: int) -> Receiver:
    begun = [day for day in days if day.start_ms <= ms]
    if not begun:
        return Receiver(name, Spot(*roster.site_plan.depot), None, ALWAYS)
    journey = begun[-1].journey
    return Receiver(name, journey, journey, ALWAYS)


def _heard(
    roster: Roster, radio: Radio, badge: Receiver, adapter: str, begin_ms: int, end_ms: int
) -> Iterator[Report]:
    for piece in roster.site_plan.equipment.values():
        times, dbm = radio.sightings(begin_ms, end_ms, piece.tag, piece.mover, badge)
        for at_ms, rssi_dbm in zip(times.tolist(), dbm.tolist(), strict=True):
            yield Report(at_ms, adapter, piece.tag.mac, rssi_dbm)
