"""How fast `badge chaos` goes on one core, with every check on: simulated badge-hours a second."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter

from sim.chaos.plan.faults import HOUR_MS
from sim.chaos.plan.plan import Plan, draw_plan
from sim.chaos.run import prove

SEEDS = range(1, 17)
ROUNDS = 6
GOAL_BADGE_HOURS_S = 40


def ratios() -> list[tuple[str, float, float | None]]:
    """Return (label, value, goal); each plan counts with the best of its rounds."""
    plans = [draw_plan(seed) for seed in SEEDS]
    calm = [replace(plan, faults=dict.fromkeys(plan.faults, 0.0)) for plan in plans]
    hours, events, cpu_s, wall_s = _best(plans)
    calm_hours, _, calm_cpu_s, _ = _best(calm)
    return [
        ("badge-hours/s and core, CPU time", hours / cpu_s, GOAL_BADGE_HOURS_S),
        ("badge-hours/s and core, wall time", hours / wall_s, None),
        ("badge-hours/s and core, CPU time, without faults", calm_hours / calm_cpu_s, None),
        ("events an hour of a badge", events / hours, None),
        ("events/s and core, CPU time", events / cpu_s, None),
    ]


def _best(plans: list[Plan]) -> tuple[float, int, float, float]:
    """Return simulated badge-hours, events, and the least CPU and wall seconds for them."""
    cpu_s, wall_s = [float("inf")] * len(plans), [float("inf")] * len(plans)
    badge_ms = events = 0
    for round_ in range(ROUNDS):
        for place, plan in enumerate(plans):
            started_s = perf_counter()
            result = prove(plan, twice=False)
            wall_s[place] = min(wall_s[place], perf_counter() - started_s)
            cpu_s[place] = min(cpu_s[place], result.cpu_s)
            if round_ == 0:
                badge_ms += result.badge_ms
                events += result.events
    return badge_ms / HOUR_MS, events, sum(cpu_s), sum(wall_s)


if __name__ == "__main__":
    for label, value, goal in ratios():
        print(f"{label:50s} {value:10.1f}" + (f"   goal {goal:g}" if goal else ""))
