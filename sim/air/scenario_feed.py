"""A scenario's tags as the radios of its badges receive them, advertisement by advertisement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sim.air.feed import Report, advert_from
from sim.air.payloads import Maker, Moment, payload_of
from sim.scenario.plan.roster import Roster
from sim.scenario.plan.site import EquipmentPlan
from sim.scenario.plan.worn_badge import WornBadge
from sim.world.adverts import ScanPattern
from sim.world.movement import Journey
from sim.world.radio import Radio

BLOCK_MS = 30_000  # a call of the radio costs the same for many cycles as for one
# The adapter of a computer listens all the time; its own pauses are the virtual air's affair.
ALWAYS = ScanPattern(interval_ms=200, window_ms=200)


def from_scenario(roster: Roster, badges: Sequence[int], begin_ms: int = 0) -> Iterator[Report]:
    """Yield what adapter `hci0` on the first of these badges hears, `hci1` on the next…

    `badges` are indexes; times are ms of the run, in order, to its end.  The real captures that
    the scenario names are heard as well, by the badges that it names.  A scanner that is down, by
    an incident or for good, hears nothing.
    """
    radio = roster.site_plan.radio()
    worn = [WornBadge(roster, index) for index in badges]
    captures = [[one.log for one in roster.captures(index)] for index in badges]
    makers = _makers(roster)
    for block_ms in range(begin_ms, roster.parameters.end_ms, BLOCK_MS):
        end_ms = min(block_ms + BLOCK_MS, roster.parameters.end_ms)
        rows: list[Report] = []
        for place, badge in enumerate(worn):
            rows += _heard(roster, radio, makers, badge, f"hci{place}", block_ms, end_ms)
            rows += [
                Report(one.utc_ms, f"hci{place}", one.mac, one.rssi_dbm, advert_from(one.payload))
                for log in captures[place]
                for one in log.between(block_ms, end_ms)
                if not badge.scanner_down_at(one.utc_ms)
            ]
        yield from sorted(rows, key=lambda one: (one.at_ms, one.adapter, one.mac))


def _makers(roster: Roster) -> dict[str, Maker]:
    told = roster.source.scenario.equipment
    return {one.tag: payload_of(one.payload) for one in told.values()}


def _heard(
    roster: Roster,
    radio: Radio,
    makers: dict[str, Maker],
    badge: WornBadge,
    adapter: str,
    begin_ms: int,
    end_ms: int,
) -> Iterator[Report]:
    wearer = badge.wearer_at(begin_ms, ALWAYS)
    celsius = roster.source.scenario.temperature_c
    for piece in roster.site_plan.equipment.values():
        mac, make = piece.tag.mac, makers[piece.tag.mac]
        times, dbm = radio.sightings(begin_ms, end_ms, piece.tag, piece.mover, wearer)
        for at_ms, rssi_dbm in zip(times.tolist(), dbm.tolist(), strict=True):
            if badge.scanner_down_at(at_ms):
                continue
            count = at_ms // piece.tag.interval_ms
            moment = Moment(celsius, _moves(piece, at_ms), at_ms // 1000, count)
            yield Report(at_ms, adapter, mac, rssi_dbm, make(mac, moment))


def _moves(piece: EquipmentPlan, at_ms: int) -> bool:
    if isinstance(piece.mover, Journey):
        return piece.mover.moving_at(at_ms)
    return any(leaves <= at_ms < arrives for leaves, arrives in piece.trips)
