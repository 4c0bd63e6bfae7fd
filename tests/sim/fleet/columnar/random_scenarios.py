"""Scenarios out of a number: sites, crews, weather of the network, faults and incidents."""

from __future__ import annotations

from random import Random
from typing import Any

import yaml

START = "2026-03-16T05:30:00Z"


def random_scenario(number: int) -> str:
    """Write a scenario; the same number gives the same one.  About three badges, three hours.

    Every second one draws its radio by the cycle.
    """
    rng = Random(number)
    areas = _areas(rng)
    people = [f"worker {n}" for n in range(1, rng.randint(1, 3) + 1)]
    spare = rng.randint(0, 1)
    scenario: dict[str, Any] = {
        "scenario": f"Random {number}",
        "start": START,
        "hours": round(rng.uniform(0.6, 5.0), 2) if rng.random() < 0.9 else 27.0,
        "seed": rng.randrange(2**32),
        "boots_within_min": rng.choice([0, 2, 45]),
        "temperature_c": rng.choice([-20.0, 5.0, 20.0, 45.0]),
        "currents": rng.choice(["documents", "published"]),
        "radio": "cycle" if number % 2 else "sample",
        "site": {
            "origin": rng.choice([[45.81, 15.98], [-33.9, 151.2], [0.0, 179.9999]]),
            "depot": [rng.randint(-80, 80), rng.randint(-80, 80)],
            "parcels": {"field": areas["field"], "yard": areas["yard"]},
            "areas": areas["other"],
            "environment": rng.choice(["yard", "room", "metal", "hall"]),
        },
        "equipment": _equipment(rng, people),
        "crews": {"crew": _crew(rng, people)},
        "badges": _badges(rng, len(people) + spare),
        "coverage": _coverage(rng),
        "incidents": [
            _incident(rng, people, len(people) + spare) for _ in range(rng.randint(0, 4))
        ],
    }
    if rng.random() < 0.2:
        scenario["cloud"] = {"oldest_firmware": rng.choice(["0.3.0", "0.4.0"])}
    return yaml.safe_dump(scenario, sort_keys=False)


def _square(x: float, y: float, size: float) -> dict[str, Any]:
    return {"metres": [[x, y], [x + size, y], [x + size, y + size], [x, y + size]]}


def _areas(rng: Random) -> dict[str, Any]:
    x, y = rng.randint(-60, 60), rng.randint(-60, 60)
    size = rng.choice([20, 60, 150])
    kinds = rng.sample(["indoor", "tree_cover", "urban"], rng.randint(0, 3))
    return {
        "field": _square(x, y, size),
        "yard": _square(x + size + rng.choice([-5, 30]), y, 40),
        "other": {
            f"a {kind}": {"kind": kind, **_square(x + rng.randint(0, size), y, size / 2)}
            for kind in kinds
        },
    }


def _equipment(rng: Random, people: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for n in range(rng.randint(0, 4)):
        one: dict[str, Any] = {"tag": f"AA:BB:CC:00:00:{n:02X}"}
        one["interval_ms"] = rng.choice([100, 100, 500, 2000])
        one["known"] = rng.random() < 0.85
        if rng.random() < 0.25:
            one["carried_by"] = rng.choice(people)
        else:
            one["parked"] = rng.choice(["field", "yard", "depot", [rng.randint(-90, 90), 10]])
            if rng.random() < 0.3:
                place = rng.choice(["yard", "field"])
                one["trips"] = [{"at": "07:00", "route": [place], "speed_kmh": 20}]
        found[f"machine {n}"] = one
    return found


def _crew(rng: Random, people: list[str]) -> dict[str, Any]:
    kind = rng.choice(["on_foot", "trimming", "riding", "standing", "office"])
    middle = [
        {"work": "field", "until": "07:10", "kind": kind},
        {"stand": "yard", "until": "07:25"},
        {"work": "yard", "until": "08:00"},
        {"lunch": "depot", "until": "08:20"},
    ]
    kept = [step for step in middle if rng.random() < 0.75]
    day = [
        {"arrive": "depot", "at": rng.choice(["05:40", "06:10"])},
        *([{"drive": "field", "speed_kmh": 20}] if rng.random() < 0.4 else []),
        *kept,
        {"leave": "depot"},
    ]
    crew: dict[str, Any] = {"workers": people, "spread_min": rng.choice([0, 3, 15]), "day": day}
    if rng.random() < 0.5:
        crew["foreman"] = 'Märta \\ "M"'
    if rng.random() < 0.25:
        crew["forgets"] = "all"
    return crew


def _badges(rng: Random, count: int) -> list[dict[str, Any]]:
    one: dict[str, Any] = {"count": count}
    if rng.random() < 0.4:
        one["faulty"] = {
            "share": rng.choice([0.5, 1.0]),
            "fault": rng.choice(["gps", "scanner", "battery", "reboots"]),
        }
    if rng.random() < 0.3:
        one["battery_pct"] = rng.choice([4.0, 6.0, 11.0, 50.0])
        one["battery_mah"] = rng.choice([200.0, 2000.0])
    one["charger"] = rng.random() < 0.7
    config = {
        "queue_events_max": [100, 150, 2000],
        "upload_interval_s": [300, 1800],
        "gps_interval_s": [5, 15, 60],
        "gps_timeout_s": [5, 30],
        "ble_scan_period_s": [5, 10],
        "ble_rssi_threshold": [-90, -75, -60],
        "batch_events_max": [20, 500],
        "auto_end_stationary_s": [600, 14400],
    }
    one["config"] = {name: rng.choice(of) for name, of in config.items() if rng.random() < 0.25}
    one["firmware"] = rng.choice(["0.3.0", "0.3.0", "0.4.1"])
    return [one]


def _coverage(rng: Random) -> dict[str, Any]:
    coverage: dict[str, Any] = {"base_dbm": rng.choice([-118.0, -108.0, -92.0])}
    if rng.random() < 0.4:
        coverage["outages"] = [{"begins": "06:20", "ends": rng.choice(["06:50", "09:00"])}]
    if rng.random() < 0.3:
        coverage["zones"] = [{"area": "yard", "gain_db": -100.0}]
    return coverage


def _incident(rng: Random, people: list[str], badges: int) -> dict[str, Any]:
    what = rng.choice(
        [
            {"reboot": rng.choice(["power_on", "watchdog", "user_reset"])},
            {"battery_pct": rng.choice([5.5, 40.0, 100.0])},
            {"firmware": "0.5.0"},
            {"firmware": "0.5.0", "fails": True},
            {"clock_off_s": rng.choice([-3600, 90_000])},
            {"gps_down_min": 20},
            {"scanner_down_min": 20},
        ]
    )
    who = rng.choice(
        [{}, {"badges": [rng.randint(1, badges)]}, {"share": 0.5}, {"worker": rng.choice(people)}]
    )
    return {"at": rng.choice(["05:45", "06:35", "07:05", "07:50"]), **what, **who}
