"""A smaller plan that still fails: fewer kinds of faults, fewer badges, less time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from sim.chaos.plan.faults import MINUTE_MS
from sim.chaos.plan.plan import Plan, device_id_of
from sim.chaos.run import Failure, PlanRun


def shrink(
    plan: Plan, failure: Failure, tried: Callable[[Plan, Failure | None], None]
) -> tuple[Plan, Failure]:
    """Return the smallest plan found that breaks the same promise, and how it breaks it.

    Greedy: each step that still fails is kept, until none does.  `tried` is told of every run.
    """
    while True:
        for smaller in _smaller(plan, failure):
            found = PlanRun(smaller).go().failure
            tried(smaller, found)
            if found is not None and found.promise == failure.promise:
                plan, failure = smaller, found
                break
        else:
            return plan, failure


def _smaller(plan: Plan, failure: Failure) -> Iterator[Plan]:
    """Yield smaller plans, the boldest first."""
    yield from _fewer_badges(plan, failure)
    needed = -(-failure.at_ms // MINUTE_MS)
    for minutes in (plan.minutes // 4, plan.minutes // 2, needed, plan.minutes * 7 // 8):
        if 1 <= minutes < plan.minutes:
            yield replace(plan, minutes=minutes)
    on = [name for name, rate in plan.faults.items() if rate]
    if len(on) > 3:
        for half in (on[: len(on) // 2], on[len(on) // 2 :]):
            yield replace(plan, faults={**plan.faults, **dict.fromkeys(half, 0.0)})
    for name in on:
        yield replace(plan, faults={**plan.faults, name: 0.0})


def _fewer_badges(plan: Plan, failure: Failure) -> Iterator[Plan]:
    if len(plan.badges) < 2:
        return
    guilty = tuple(i for i in plan.badges if failure.device_id == device_id_of(i))
    if guilty:
        yield replace(plan, badges=guilty)
    half = len(plan.badges) // 2
    yield replace(plan, badges=plan.badges[:half])
    yield replace(plan, badges=plan.badges[half:])
