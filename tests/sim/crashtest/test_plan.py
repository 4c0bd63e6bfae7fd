"""The moments of the kills come from the seed alone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sim.crashtest.plan import LOAD_MS_MAX, START_MS_MAX, draw_plan


@given(st.integers(0, 2**63 - 1), st.integers(1, 300), st.integers(1, 60))
def test_a_plan_repeats_and_holds_as_many_kills_as_wanted(seed, kills, badges):
    plan = draw_plan(seed, kills, badges)
    assert plan == draw_plan(seed, kills, badges)
    under_load = [kill.delay_ms for kill in plan.kills if kill.at == "load"]
    at_start = [kill.delay_ms for kill in plan.kills if kill.at == "start"]
    assert (len(under_load), len(at_start)) == (kills, kills // 10)
    assert all(0 <= ms <= LOAD_MS_MAX for ms in under_load)
    assert all(0 <= ms <= START_MS_MAX for ms in at_start)
    assert len(plan.batch_events) == badges
    assert min(plan.batch_events) >= 1


def test_another_seed_is_another_plan():
    assert len({draw_plan(seed, 20, 50) for seed in range(50)}) == 50
