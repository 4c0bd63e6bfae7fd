import pytest

from badge.errors import InputError
from sim.run.pace import Pace, read_speed


def test_speeds():
    assert [read_speed(text) for text in ("max", "1x", "60x", "2.5")] == [None, 1.0, 60.0, 2.5]


@pytest.mark.parametrize("text", ["fast", "0x", "-1x", "nan", ""])
def test_what_is_no_speed(text):
    with pytest.raises(InputError, match="--speed"):
        read_speed(text)


def test_a_pace_waits_for_the_wall_and_notes_being_late():
    wall = [100.0]
    pace = Pace(60.0, lambda: wall[0])
    assert pace.wait_s(120_000) == 2.0
    wall[0] = 103.0
    assert pace.now_ms() == 180_000
    assert pace.wait_s(120_000) == 0.0
    assert pace.behind_ms == 60_000
