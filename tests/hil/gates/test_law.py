"""The law of the gates: each figure can be missed, whatever measured it."""

from __future__ import annotations

import pytest

from badge.badge import Badge
from badge.config import BadgeConfig
from badge.effects import PollGps
from badge.inputs import Assign, Boot, Movement, Tick
from badge.storage.memory import MemoryStore
from hil.gates import law

CONFIG = BadgeConfig(device_id="ACT-3F8A21B4")
LIFE = {
    "logged": 9,
    "arrived": 9,
    "positions": 400,
    "expected": 400,
    "reboots": 0,
    "dropped": 0,
    "repeated": 0,
}
MOVING = {"previous_state": "stationary", "new_state": "moving", "duration_s": 5}
RESTING = {"previous_state": "moving", "new_state": "stationary", "duration_s": 5}
WORN = {"worker_id": "W-007"}


def unmet(figures):
    return [figure.name for figure in figures if not figure.met]


def test_gate_1_as_it_should_be():
    assert unmet(law.continuous([LIFE] * 5, 72)) == []


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"reboots": 1}, "reboots after the first"),
        ({"positions": 394}, "position events off their number, worst badge"),
        ({"positions": 406}, "position events off their number, worst badge"),
        ({"arrived": 8}, "events lost"),
        ({"dropped": 1}, "events lost"),
        ({"repeated": 1}, "repeated numbers"),
        ({"arrived": 0, "logged": 0}, "badges online at the end"),
    ],
)
def test_one_bad_badge_of_five_is_enough(change, name):
    assert unmet(law.continuous([LIFE] * 4 + [LIFE | change], 72)) == [name]


def test_gate_1_shortened_says_so():
    assert unmet(law.continuous([LIFE] * 5, 71.9)) == ["hours"]
    assert "badges online at the end" in unmet(law.continuous([], 72))


def test_gate_2():
    near, far = [{"off_m": 15.0}] * 26, [{"off_m": 15.1}] * 4
    assert unmet(law.positions(near + far)) == []
    assert unmet(law.positions(near[:25] + far + far[:1])) == ["within 15 m"]
    assert unmet(law.positions(near)) == ["samples"]


def cycles(metres, hits):
    return [{"metres": metres, "hit": number < hits} for number in range(100)]


def test_gate_3():
    assert unmet(law.detection(cycles(5, 85) + cycles(10, 49))) == []
    assert unmet(law.detection(cycles(5, 84) + cycles(10, 50))) == [
        "cycles that detect the tag at 5 m",
        "cycles that detect the tag at 10 m",
    ]
    assert len(unmet(law.detection([]))) == 4


def test_spots_are_told_and_not_judged():
    """One spot of two is deaf: the gate may hold all the same, and the report says so."""
    samples = [
        {"metres": metres, "place": place, "hit": metres == 5 and place == 1}
        for metres in (5, 10)
        for place in (1, 2)
        for _ in range(10)
    ]
    told = [(one.name, one.value, one.met) for one in law.spots(samples)]
    assert told == [
        ("spots that are sure at 5 m", "1 of 2", True),
        ("spots that are out of reach at 10 m", "2 of 2", True),
    ]
    assert law.shares(cycles(10, 49) + cycles(5, 85)) == {5: 0.85, 10: 0.49}


def test_gate_4():
    statuses = [202] * 19 + ["none"]
    assert unmet(law.uploads([{"status": one} for one in statuses], 8)) == []
    assert unmet(law.uploads([{"status": one} for one in statuses[1:]], 8)) == ["that end in 202"]
    assert unmet(law.uploads([{"status": 202}] * 15, 8)) == ["uploads"]


def test_gate_5():
    assert unmet(law.power_cuts([{"queued": 50, "arrived": 50}])) == []
    assert unmet(law.power_cuts([{"queued": 50, "arrived": 49}])) == [
        "queued events that did not arrive"
    ]
    assert unmet(law.power_cuts([{"queued": 49, "arrived": 49}])) == [
        "fewest events queued at a cut"
    ]


def test_the_outage():
    fine = {"hours": 4, "failed": 3, "logged": 9, "arrived": 9, "dropped": 0, "repeated": 0}
    assert unmet(law.outage(**fine)) == []
    for change in ({"hours": 3.9}, {"failed": 0}, {"arrived": 8}, {"dropped": 1}, {"repeated": 1}):
        assert len(unmet(law.outage(**fine | change))) == 1


def test_positions_are_expected_as_the_reference_polls():
    badge, polls = Badge(CONFIG, MemoryStore()), 0
    for ms, what in ((0, Boot()), (5_000, Movement(True)), (5_000, Assign("W-007"))):
        polls += count(badge.receive(what, ms))
    while badge.next_deadline_ms <= 600_000:
        polls += count(badge.receive(Tick(), badge.next_deadline_ms))
    told = [(5_000, "shift_start", WORN), (90_000, "motion", MOVING | RESTING)]
    assert law.expected_positions([told[0]], CONFIG, 600_000) < polls
    assert law.expected_positions([(5_000, "shift_start", WORN)], CONFIG, 80_000) == 6
    told = [(5_000, "shift_start", WORN), (700_000, "motion", RESTING)]
    assert law.expected_positions(told, CONFIG, 600_000) == polls == 40


def count(effects):
    return sum(isinstance(effect, PollGps) for effect in effects)


def test_rest_makes_polls_rare_and_the_end_of_the_shift_ends_them():
    moving, resting = (1_000, "motion", MOVING), (330_000, "motion", RESTING)
    start, end = (0, "shift_start", WORN), (3_000_000, "shift_end", WORN)
    rests = law.expected_positions([start, moving, resting, end], CONFIG, 9_000_000)
    assert rests == 22 + 6 + (3_000 - 405) // 60, "every 15 s, six more at rest, then every 60 s"


def test_a_shift_that_was_under_way_is_counted_from_where_one_looks():
    seen = [(0, "gps", {}), (15_000, "gps", {}), (90_000, "motion", RESTING)]
    assert law.expected_positions(seen, CONFIG, 44_000) == 3
    assert law.expected_positions(seen, CONFIG, 44_000, begin_ms=20_000) == 1
    assert law.expected_positions([], CONFIG, 99_000) == 0
