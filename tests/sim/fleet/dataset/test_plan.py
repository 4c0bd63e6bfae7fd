import json

from hypothesis import given
from hypothesis import strategies as st

from sim.fleet.dataset.plan import part_badges
from sim.scenario.plan.parameters import Parameters
from tests.sim.fleet.dataset.story import TWO, plan_of


@given(st.integers(1, 40), st.integers(1, 50))
def test_the_parts_hold_each_badge_once(badges, size):
    parts = list(plan_of(part_badges=size, badges=badges).parts())
    for site in ("east", "west"):
        assert [i for part in parts if part.site == site for i in part.indexes] == list(
            range(badges)
        )
    assert len({part.name for part in parts}) == len(parts)
    assert len({part.file("events", "2026-03-02") for part in parts}) == len(parts)


def test_another_seed_scenario_or_format_is_another_data_set():
    plans = [
        plan_of(),
        plan_of(seed=9),
        plan_of(hours=3.0),
        plan_of(form="ndjson"),
        plan_of(part_badges=2),
        plan_of(TWO.replace("07:25", "07:26")),
    ]
    assert len({plan.key for plan in plans}) == len(plans)
    assert plan_of().key == plan_of().key
    assert json.loads(plan_of().text())["sites"]["west"]["start"] == "2026-03-02T08:00:00Z"


def test_parts_are_neither_few_nor_large():
    def of(badges, days):
        return part_badges([Parameters(badges, 24.0 * days, 1, "")])

    assert of(5, 1) == 1
    assert of(50, 273) == 7  # eight of them
    assert of(1_000_000, 1) == 1000
    assert of(1_000_000, 365) == 54  # as many badge-days as a worker's disk should hold
