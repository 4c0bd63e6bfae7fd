"""What `badge air` plays: a capture, again and again or once, or a scenario from a moment on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from badge.errors import InputError
from badge.words import counted
from sim.air.feed import Report, from_sightings, with_responses
from sim.air.radio.conditions import Conditions
from sim.air.radio.peripheral import Peripheral


@dataclass(frozen=True, slots=True)
class Programme:
    """What is played: `reports` begins anew each time, `first_ms` is its beginning.

    `peripherals` are the tags that can be connected to, by MAC.
    """

    words: str
    reports: Callable[[], Iterable[Report]]
    first_ms: int | None = None
    peripherals: Mapping[str, Peripheral] = field(default_factory=dict)


def is_scenario(source: str) -> bool:
    """Tell whether the source is a YAML file or a shipped scenario's name."""
    path = Path(source)
    return path.suffix in (".yaml", ".yml") or not (path.suffix or path.exists())


def scenario_programme(source: str, adapters: int, badge: int, begin: str | None) -> Programme:
    """Play a scenario as these badges' radios hear it; InputError if it has no such badge."""
    from sim.air.scenario_feed import from_scenario
    from sim.scenario.pick import badge_of, moment_of, roster_of

    roster = roster_of(source)
    badges = [badge_of(roster, badge + place) for place in range(adapters)]
    begin_ms = moment_of(roster, begin)
    now = roster.site_plan.clock.word(begin_ms)
    equipment = roster.source.scenario.equipment
    return Programme(
        f"{source} from {now} on",
        lambda: from_scenario(roster, badges, begin_ms),
        begin_ms,
        {
            piece.tag: Peripheral(name, piece.interval_ms)
            for name, piece in equipment.items()
            if piece.gatt
        },
    )


def capture_programme(capture: Path, adapters: int, conditions: Conditions) -> Programme:
    """Play a capture to every adapter, payloads and all; InputError if there is none in it.

    A real kernel hands a scan response on together with the advertisement that it answers; the
    ideal one tells both strengths.
    """
    from sim.sources.open import read_adverts

    if not capture.is_file():
        raise InputError(f"{capture}: no such file")
    told = [(s.utc_ms, s.mac, s.rssi_dbm, s.payload) for s in read_adverts(capture).sightings]
    every = [list(from_sightings(told, f"hci{i}")) for i in range(adapters)]
    if conditions.strict:
        every = [list(with_responses(reports)) for reports in every]
    rows = list(chain.from_iterable(zip(*every, strict=True)))
    return Programme(counted(len(rows), "report"), lambda: rows)
