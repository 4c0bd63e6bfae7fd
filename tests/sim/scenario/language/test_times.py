import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.errors import InputError
from sim.scenario.language.times import (
    DAY_MS,
    SiteClock,
    offset_ms_of,
    start_of,
    unix_ms_of,
    zone_of,
)


def test_times_of_day_are_the_sites():
    start = unix_ms_of("2026-03-14T06:30:00Z", "start")
    clock = SiteClock(start, offset_ms_of("+01:00"))
    assert clock.ms_of("07:30") == 0
    assert clock.ms_of("08:00:05") == 1_805_000
    assert clock.ms_of("day 2 07:30") == DAY_MS == clock.ms_of("07:30", day=1)
    assert clock.ms_of("07:00") == -1_800_000


@given(st.integers(0, 10 * DAY_MS // 1000))
def test_a_moment_is_written_as_it_is_read(second):
    clock = SiteClock(unix_ms_of("2026-03-14T06:30:00Z", "start"), offset_ms_of("-02:30"))
    assert clock.ms_of(clock.word(second * 1000)) == second * 1000


@pytest.mark.parametrize("text", ["2026-02-30T00:00:00Z", "now", "1066-10-14T09:00:00Z"])
def test_a_start_that_cannot_be(text):
    with pytest.raises(InputError, match="start"):
        unix_ms_of(text, "start")


NEW_YORK = SiteClock(unix_ms_of("2026-03-02T05:00:00Z", "start"), zone_of("America/New_York"))


def test_a_zone_has_nights_of_23_and_25_hours():
    hours = {
        NEW_YORK.date_of(day): (NEW_YORK.midnight_ms(day + 1) - NEW_YORK.midnight_ms(day)) / 3.6e6
        for day in range(273)
    }
    odd = {str(day): length for day, length in hours.items() if length != 24.0}
    assert odd == {"2026-03-08": 23.0, "2026-11-01": 25.0}
    assert NEW_YORK.word(NEW_YORK.ms_of("2026-03-08 02:30")) == "day 7 03:30:00"
    assert NEW_YORK.ms_of("2026-11-01 01:30") + 7_200_000 == NEW_YORK.ms_of("2026-11-01 02:30")


@given(st.integers(0, 272), st.integers(0, 86_399))
def test_a_time_of_a_zone_is_read_as_it_is_written(day, second):
    ms = NEW_YORK.midnight_ms(day) + second * 1000
    again = NEW_YORK.ms_of(NEW_YORK.word(ms))
    assert again in (ms, ms - 3_600_000)  # an hour that comes twice means the first one
    assert NEW_YORK.word(again) == NEW_YORK.word(ms)


def test_dates_are_written_where_days_have_them():
    dated = SiteClock(unix_ms_of("2026-03-02T05:00:00Z", "start"), 0, dated=True)
    assert dated.word(0) == "2026-03-02 05:00:00"
    assert dated.day_of(dated.ms_of("2026-05-04 00:00")) == 63


def test_a_zone_that_is_misspelt_is_told_with_the_one_that_was_meant():
    with pytest.raises(InputError, match=r"did you mean America/New_York"):
        zone_of("America/New_Yrk")


@pytest.mark.parametrize("name", ["Mars/Phobos", "America", "/etc/passwd", "../x", "\0"])
def test_a_zone_that_is_none(name):
    with pytest.raises(InputError, match="no IANA time zone"):
        zone_of(name)


@pytest.mark.parametrize(
    ("said", "utc"),
    [
        ("2026-07-06", "2026-07-06T04:00:00Z"),
        ("2026-07-06T06:30", "2026-07-06T10:30:00Z"),
        ("2026-07-06 06:30:15", "2026-07-06T10:30:15Z"),
        ("2026-07-06T06:30:15Z", "2026-07-06T06:30:15Z"),
        ("2026-07-06T06:30+02:00", "2026-07-06T04:30:00Z"),
        ("2026-01-15", "2026-01-15T05:00:00Z"),
        ("2026-03-08T02:30", "2026-03-08T07:30:00Z"),  # left out that night: an hour later
        ("2026-11-01T01:30", "2026-11-01T05:30:00Z"),  # comes twice: the first
    ],
)
def test_a_start_without_an_offset_is_of_the_sites_clock(said, utc):
    assert start_of(said, zone_of("America/New_York"), "--start") == utc


@pytest.mark.parametrize(
    "said",
    [
        *("tomorrow", "", "2026-13-01", "2026-07-06T25:00", "20260706", "2026-W28-1", "07:00"),
        *("2026-07-06T06:30+99:00", "0001-01-01", "9999-12-31T23:59:59-14:00", "2101-01-01"),
    ],
)
def test_a_start_that_is_none_is_told_with_what_it_may_be(said):
    with pytest.raises(InputError, match=r"^--start: .*(write it as .* 2026-03-14T06:30|correct)"):
        start_of(said, zone_of("America/New_York"), "--start")
