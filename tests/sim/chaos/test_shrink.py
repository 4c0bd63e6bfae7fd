"""A smaller plan that still fails: every step that does is kept, until none does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sim.chaos import shrink as module
from sim.chaos.plan.plan import device_id_of, draw_plan
from sim.chaos.run import Failure, PlanResult
from sim.chaos.shrink import shrink


@pytest.fixture
def fails_with(monkeypatch):
    """Let a plan break a promise by a rule instead of by a run."""

    def rule(breaks):
        class Run:
            def __init__(self, plan):
                self.plan = plan

            def go(self):
                return PlanResult(1, "", 1, 0, 0, 0, failure=breaks(self.plan))

        monkeypatch.setattr(module, "PlanRun", Run)

    return rule


def wild():
    plan = draw_plan(3)
    return replace(
        plan, badges=tuple(range(8)), minutes=600, faults=dict.fromkeys(plan.faults, 1.0)
    )


def failure(promise="J1", at_ms=90 * 60_000):
    return Failure(promise, device_id_of(5), "", at_ms, ())


def test_only_what_it_takes_is_left(fails_with):
    def breaks(plan):
        needs = 5 in plan.badges and plan.minutes >= 90 and plan.faults["outage"]
        return failure() if needs else None

    fails_with(breaks)
    tried = []
    plan, found = shrink(wild(), failure(), lambda smaller, how: tried.append(how))
    assert plan.badges == (5,)
    assert plan.minutes == 90
    assert [name for name, rate in plan.faults.items() if rate] == ["outage"]
    assert found.promise == "J1"
    assert None in tried


def test_another_broken_promise_is_another_story(fails_with):
    fails_with(lambda plan: failure("J3"))
    plan, found = shrink(wild(), failure(), lambda smaller, how: None)
    assert plan == wild()
    assert found == failure()
