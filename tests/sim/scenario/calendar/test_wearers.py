from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from sim.scenario.calendar.wearers import newcomers, tenures_of, worn_after, worn_until
from tests.sim.scenario.calendar.story import calendar, day

FIRST, LAST = day("2026-03-02"), day("2026-11-30")
HANDED_ON = calendar(
    people=[
        {"worker": "Ana", "joins": "2026-03-09", "leaves": "2026-05-29", "badge_to": "Eva"},
        {"worker": "Eva", "leaves": "2026-09-04", "badge_to": "Ida"},
    ]
)


def worn(words, worker="Ana"):
    made = tenures_of(words, "crew", worker, FIRST, LAST)
    return [(one.worker, str(one.first), str(one.last)) for one in made]


def test_nobody_comes_or_goes():
    assert worn(calendar()) == [("Ana", "2026-03-02", "2026-11-30")]


def test_a_badge_is_handed_on_and_on():
    assert worn(HANDED_ON) == [
        ("Ana", "2026-03-09", "2026-05-29"),
        ("Eva", "2026-05-30", "2026-09-04"),
        ("Ida", "2026-09-05", "2026-11-30"),
    ]
    assert newcomers(HANDED_ON) == ["Eva", "Ida"]


def test_who_left_before_the_run_never_wore_it():
    words = calendar(people=[{"worker": "Ana", "leaves": "2026-02-01", "badge_to": "Eva"}])
    assert worn(words) == [("Eva", "2026-03-02", "2026-11-30")]


@given(st.integers(0, 272))
def test_a_broken_badge_and_its_spare_are_worn_by_the_same_people_in_turn(number):
    before = tenures_of(HANDED_ON, "crew", "Ana", FIRST, LAST)
    breaks = FIRST + timedelta(days=number)
    broken, spare = worn_until(before, breaks), worn_after(before, breaks)

    def by_day(tenures):
        days = (FIRST + timedelta(days=n) for n in range(274))
        return [(d, one.worker) for d in days for one in tenures if one.first <= d <= one.last]

    assert by_day(broken) + by_day(spare) == by_day(before)
