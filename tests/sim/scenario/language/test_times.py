import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.errors import InputError
from sim.scenario.language.times import DAY_MS, SiteClock, offset_ms_of, unix_ms_of


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
