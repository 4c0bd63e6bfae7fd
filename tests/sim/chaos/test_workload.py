"""What a day brings to a badge, the same each time, and nothing once it is healed."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from badge.inputs import Assign, Battery, Movement, Unassign
from sim.chaos.plan.plan import draw_design, draw_plan
from sim.chaos.workload import Workload
from sim.engine.clock import Clock

HOUR_MS = 3_600_000


class Power:
    """A supply that is always good, and counts what is asked of it."""

    awake, asleep = True, False

    def __init__(self):
        self.asked = Counter()

    def boot_at(self, ms, reason):
        self.asked["boot"] += 1

    def cut(self, kind):
        self.asked[kind] += 1

    def arm(self, kind, count):
        self.asked[kind] += 1


class Badge:
    """A badge that only writes down what it is given."""

    def __init__(self):
        self.clock, self.design, self.power = Clock(), draw_design(4, 0), Power()
        self.given, self.strikes, self.pushed = [], Counter(), []

    def receive(self, what):
        self.given.append((self.clock.now_ms, what))

    def strike(self, kind):
        self.strikes[kind] += 1

    def push(self, document):
        self.pushed.append(document)

    def audit(self):
        self.strikes["audit"] += 1

    def heal(self):
        self.strikes["healed"] += 1


def day(**faults: float) -> tuple[Badge, Workload]:
    drawn = draw_plan(4)
    plan = replace(
        drawn, badges=(0,), minutes=720, faults=dict.fromkeys(drawn.faults, 0.0) | faults
    )
    badge = Badge()
    workload = Workload(plan, badge)
    workload.start()
    badge.clock.run_until(12 * HOUR_MS)
    return badge, workload


def test_a_day_without_faults_is_shifts_walks_and_a_battery():
    badge, _ = day()
    kinds = Counter(type(what) for _, what in badge.given)
    assert min(kinds[kind] for kind in (Assign, Unassign, Movement, Battery)) >= 1
    charges = [what.pct for _, what in badge.given if isinstance(what, Battery)]
    assert all(0 <= pct <= 100 for pct in charges)
    assert badge.power.asked == {"boot": badge.power.asked["boot"]}
    assert badge.strikes["audit"] == 12 * 12


def test_the_same_plan_is_the_same_day():
    assert day(battery_cliff=1.0)[0].given == day(battery_cliff=1.0)[0].given


def test_faults_of_the_badge_strike_as_often_as_their_rate_says():
    badge, _ = day(power_cut=2.0, watchdog=2.0, brown_out=2.0, config_push=3.0, battery_cliff=1.0)
    for kind in ("power_cut", "watchdog", "brown_out"):
        assert 8 <= badge.power.asked[kind] <= 50
    assert 12 <= len(badge.pushed) <= 70
    assert badge.strikes["battery_cliff"] >= 3


def test_a_stuck_accelerometer_mumbles():
    assert day(accelerometer_stuck=2.0)[0].strikes["accelerometer_stuck"] >= 1


def test_healing_ends_the_working_day():
    badge, workload = day(config_push=4.0)
    badge.given.clear()
    badge.pushed.clear()
    workload.heal()
    badge.clock.run_until(20 * HOUR_MS)
    assert [what for _, what in badge.given] == [Battery(100), Unassign()]
    assert badge.pushed == []
