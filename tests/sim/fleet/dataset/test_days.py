import json

from sim.fleet.dataset.days import NO_DAY, DayFiles
from sim.fleet.output.parts import BadgeResult
from sim.scenario.language.times import SiteClock, unix_ms_of, zone_of

CLOCK = SiteClock(unix_ms_of("2026-03-02T05:00:00Z", "start"), zone_of("America/New_York"))


def added(tmp_path, stamps, tables=None):
    parts, out = tmp_path / "parts", tmp_path / "days"
    parts.mkdir()
    out.mkdir()
    rows = [
        {"device_id": "ACT-1", "sequence_number": n, "event_type": "gps", "timestamp_utc": stamp}
        for n, stamp in enumerate(stamps, start=1)
    ]
    lines = [json.dumps(row, separators=(",", ":")) + "\n" for row in rows]
    (parts / "000003.truth").write_text("".join(lines))
    stamped = [line for line, stamp in zip(lines, stamps, strict=True) if stamp]
    (parts / "000003.events").write_text("".join(stamped))
    days = DayFiles(out, CLOCK)
    days.add(parts, BadgeResult(3, "ACT-1", tables=tables or {}))
    assert list(parts.iterdir()) == []
    return days


def numbers(days, table, day):
    return [
        json.loads(row)["sequence_number"] for row in days.path(table, day).read_text().splitlines()
    ]


def test_a_day_is_the_sites(tmp_path):
    days = added(tmp_path, ["2026-03-03T04:59:59Z", "2026-03-03T05:00:00Z"])
    assert days.rows == {
        ("truth/events", "2026-03-02"): 1,
        ("truth/events", "2026-03-03"): 1,
        ("events", "2026-03-02"): 1,
        ("events", "2026-03-03"): 1,
    }


def test_a_row_without_a_time_is_of_the_day_of_its_neighbour(tmp_path):
    stamps = [None, None, "2026-03-02T12:00:00Z", None, "2026-03-03T12:00:00Z", None]
    days = added(tmp_path, stamps)
    assert numbers(days, "truth/events", "2026-03-02") == [1, 2, 3, 4]
    assert numbers(days, "truth/events", "2026-03-03") == [5, 6]
    assert numbers(days, "events", "2026-03-02") == [3]


def test_a_badge_that_never_learnt_the_time_has_no_day(tmp_path):
    assert added(tmp_path, [None, None]).rows == {("truth/events", NO_DAY): 2}


def test_a_shift_is_of_the_day_that_it_began(tmp_path):
    shift = {"device_id": "ACT-1", "start": "2026-03-03T03:00:00Z", "end": "2026-03-03T09:00:00Z"}
    days = added(tmp_path, [], {"shifts": [shift], "visits": []})
    assert days.rows == {("truth/shifts", "2026-03-02"): 1}
