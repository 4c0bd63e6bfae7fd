import json

import pytest

from sim.fleet.dataset.days import NO_DAY, DayRows
from sim.fleet.output.parts import BadgeResult
from sim.scenario.language.times import SiteClock, unix_ms_of, zone_of

CLOCK = SiteClock(unix_ms_of("2026-03-02T05:00:00Z", "start"), zone_of("America/New_York"))


@pytest.fixture(params=[1, 1 << 20], ids=["in files", "in memory"])
def rows(request, tmp_path):
    return DayRows(tmp_path, CLOCK, request.param)


def added(rows, stamps, tables=None):
    logged = [
        {"device_id": "ACT-1", "sequence_number": n, "event_type": "gps", "timestamp_utc": stamp}
        for n, stamp in enumerate(stamps, start=1)
    ]
    lines = [(json.dumps(row, separators=(",", ":")) + "\n").encode() for row in logged]
    stamped = [line for line, stamp in zip(lines, stamps, strict=True) if stamp]
    rows.add(
        BadgeResult(3, "ACT-1", tables=tables or {}, lines={".truth": lines, ".events": stamped})
    )
    return rows


def numbers(days, table, day):
    return [json.loads(row)["sequence_number"] for row in days.lines((table, day))]


def test_a_day_is_the_sites(rows):
    days = added(rows, ["2026-03-03T04:59:59Z", "2026-03-03T05:00:00Z"])
    assert days.rows == {
        ("truth/events", "2026-03-02"): 1,
        ("truth/events", "2026-03-03"): 1,
        ("events", "2026-03-02"): 1,
        ("events", "2026-03-03"): 1,
    }


def test_a_row_without_a_time_is_of_the_day_of_its_neighbour(rows):
    stamps = [None, None, "2026-03-02T12:00:00Z", None, "2026-03-03T12:00:00Z", None]
    days = added(rows, stamps)
    assert numbers(days, "truth/events", "2026-03-02") == [1, 2, 3, 4]
    assert numbers(days, "truth/events", "2026-03-03") == [5, 6]
    assert numbers(days, "events", "2026-03-02") == [3]


def test_a_badge_that_never_learnt_the_time_has_no_day(rows):
    assert added(rows, [None, None]).rows == {("truth/events", NO_DAY): 2}


def test_what_is_told_is_forgotten(rows, tmp_path):
    days = added(rows, ["2026-03-02T12:00:00Z"])
    days.clear()
    assert (days.rows, list(days.lines(("events", "2026-03-02")))) == ({}, [])
    assert list(tmp_path.iterdir()) == []


def test_a_shift_is_of_the_day_that_it_began(rows):
    shift = {"device_id": "ACT-1", "start": "2026-03-03T03:00:00Z", "end": "2026-03-03T09:00:00Z"}
    days = added(rows, [], {"shifts": [shift], "visits": []})
    assert days.rows == {("truth/shifts", "2026-03-02"): 1}
