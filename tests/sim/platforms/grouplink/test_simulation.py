import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.platforms.grouplink.simulation import HOLD_MS, EntryRule
from tests.sim.platforms.cases import UTC_MS

CELL = "8881839825fffff"


MINUTE_MS = 60_000
# One stay told in steps: (minute, where the phone is) -> announced?
STORIES = {
    "an entry is announced once a stay": [(0, "in", True), (1, "in", False), (1439, "in", False)],
    "a stay of more than a day is not announced again": [(0, "in", True), (1500, "in", False)],
    "a confirmed exit makes the next entry news": [
        (0, "in", True),
        (10, "out", None),
        (11, "out", None),
        (12, "in", True),
    ],
    "an exit is confirmed by time alone": [(0, "in", True), (10, "out", None), (11, "in", True)],
    "a flicker at the border is no exit": [
        (0, "in", True),
        (10, "out", None),
        (10.5, "in", False),
        (11.2, "in", False),
    ],
    "outside before any entry means nothing": [(0, "out", None), (1, "in", True)],
}


@pytest.mark.parametrize("story", STORIES)
def test_the_24_hour_rule(story):
    rule = EntryRule()
    for minute, place, announced in STORIES[story]:
        now = UTC_MS + int(minute * MINUTE_MS)
        if place == "out":
            rule.outside(1, CELL, now)
        else:
            assert rule.inside(1, CELL, now) is announced, minute


def test_long_stays_can_be_announced_every_day():
    rule = EntryRule(announce_long_stays=True)
    days = [rule.inside(1, CELL, UTC_MS + hour * 3_600_000) for hour in range(0, 73, 12)]
    assert days == [True, False, True, False, True, False, True]


def test_phones_and_cells_have_rules_of_their_own():
    rule = EntryRule()
    stays = [(1, CELL), (2, CELL), (1, "8881839827fffff"), (1, CELL)]
    assert [rule.inside(mm, cell, UTC_MS) for mm, cell in stays] == [True, True, True, False]


@given(st.lists(st.tuples(st.integers(1, 7200), st.booleans()), max_size=60))
def test_two_entries_within_a_day_have_an_exit_between_them(steps):
    rule, now, last_ms, left = EntryRule(), UTC_MS, None, False
    for seconds, is_inside in steps:
        now += seconds * 1000
        if not is_inside:
            rule.outside(1, CELL, now)
            left = True
        elif rule.inside(1, CELL, now):
            assert last_ms is None or left or now - last_ms >= HOLD_MS
            last_ms, left = now, False
