import pytest

from sim.scenario.calendar.table import document, happenings, month_lines, totals
from tests.sim.scenario.calendar.story import WEEKS
from tests.sim.scenario.calendar.test_plan import plan_of

CHANGES = """\
  holidays: {country: US, also: {"2026-03-04": Founders' Day}}
  season: {begins: "03-03", ends: "03-13"}
  people: [{worker: Ana, leaves: "2026-03-06", badge_to: Eva}]
  badges: [{badge: 2, breaks: "2026-03-05 10:00", by: 3}]
  tags: [{equipment: saw, flat: "2026-03-10 08:00"}]
"""


@pytest.fixture
def plan():
    return plan_of(WEEKS + CHANGES)


def test_a_line_a_month_and_crew(plan):
    assert list(month_lines(plan)) == [
        "                    1...5....10...15...20...25...30",
        "2026-03  riders      -WHWW..WWWWW--                   8",
        "2026-03  gardeners   -WHWW..WWWWW--                   8",
    ]


def test_what_happens_when(plan):
    assert happenings(plan) == [
        ("2026-03-04", "Founders' Day"),
        ("2026-03-05 10:00", "badge 2 breaks; 3 takes its place"),
        ("2026-03-06", "Ana's last day; Eva gets the badge"),
        ("2026-03-10 08:00", "the tag of saw is flat"),
    ]


def test_all_of_it_as_json(plan):
    made = document(plan)
    assert totals(plan)["riders"] == {"off": 6, "works": 8}
    assert [one["date"] for one in made["days"]] == [str(day) for day in plan.dates]
    assert made["days"][2]["crews"]["riders"]["why"] == "Founders' Day"
