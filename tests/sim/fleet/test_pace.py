import pytest

from badge.errors import InputError
from sim.fleet.pace import RealtimePace, read_duration_s, read_speed


def test_speeds():
    assert [read_speed(text) for text in ("max", "1x", "60x", "2.5")] == [None, 1.0, 60.0, 2.5]


@pytest.mark.parametrize("text", ["fast", "0x", "-1x", "nan", ""])
def test_what_is_no_speed(text):
    with pytest.raises(InputError, match="--speed"):
        read_speed(text)


def test_a_pace_waits_for_the_wall_and_notes_being_late():
    wall = [100.0]
    pace = RealtimePace(60.0, lambda: wall[0])
    assert pace.wait_s(120_000) == 2.0
    wall[0] = 103.0
    assert pace.now_ms() == 180_000
    assert pace.wait_s(120_000) == 0.0
    assert pace.behind_ms == 60_000


def test_durations():
    assert [read_duration_s(t) for t in ("90", "90s", "10m", "2h", "0.5s")] == [
        90,
        90,
        600,
        7200,
        0.5,
    ]


@pytest.mark.parametrize("text", ["soon", "-1", "nan", "", "10d", "9999h"])
def test_what_is_no_duration(text):
    with pytest.raises(InputError, match="--give-up"):
        read_duration_s(text)


def test_a_pace_may_begin_later():
    wall = [100.0]
    pace = RealtimePace(2.0, lambda: wall[0], start_ms=60_000)
    wall[0] = 101.0
    assert pace.now_ms() == 62_000
    assert pace.wait_s(64_000) == 1.0
