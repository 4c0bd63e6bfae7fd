"""The supply of one badge: boots, cuts between and inside of steps, brown-outs, restarts."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from badge.effects import PollGps
from badge.storage.geometry import Geometry
from sim.chaos.plan.plan import draw_plan
from sim.chaos.rig.flash import BrownOutChip
from sim.chaos.rig.power import RigSupply
from sim.engine.clock import Clock
from sim.engine.ports import PowerLostError

EFFECT = PollGps(10_000)


@dataclass
class Badge:
    """The badge as its supply sees it; `life` says what happened to it."""

    clock: Clock = field(default_factory=Clock)
    pump: SimpleNamespace | None = None
    chip: BrownOutChip = field(default_factory=lambda: BrownOutChip(Geometry(ring_pages=8), 1))
    life: list[object] = field(default_factory=list)
    strikes: Counter[str] = field(default_factory=Counter)

    def boot(self, reason):
        self.pump = SimpleNamespace(off=False)
        self.life.append(reason)

    def performs(self, effect):
        self.life.append(effect)

    def stopped(self):
        self.life.append("stopped")

    def fell(self):
        self.life.append("fell")

    def strike(self, kind):
        self.strikes[kind] += 1


@pytest.fixture
def badge():
    return Badge()


@pytest.fixture
def supply(badge):
    made = RigSupply(draw_plan(3), 0, badge.clock, badge)
    made.boot_at(1000, "power_on")
    badge.clock.run_until(1000)
    return made


def test_a_later_boot_replaces_an_earlier_one(badge, supply):
    supply.boot_at(5000, "power_on")
    supply.boot_at(9000, "watchdog")
    badge.clock.run_until(20_000)
    assert badge.life == ["power_on", "watchdog"]
    assert supply.boots == 2


@pytest.mark.parametrize("kind", ["power_cut", "watchdog", "brown_out"])
def test_a_cut_between_steps_stops_it_and_it_comes_back(badge, supply, kind):
    supply.cut(kind)
    assert not supply.awake
    supply.cut(kind)  # there is nothing left to cut
    assert (supply.cuts, badge.strikes) == (1, {kind: 1})
    badge.clock.run_until(3_600_000)
    assert supply.awake
    assert badge.life[1] == "stopped"
    reasons = {"watchdog": {"watchdog", "user_reset"}}.get(kind, {"power_on"})
    assert badge.life[2] in reasons


def test_power_fails_at_the_effect_after_so_many(badge, supply):
    supply.arm("power_cut", 2)
    supply.spend(EFFECT)
    supply.spend(EFFECT)
    with pytest.raises(PowerLostError):
        supply.spend(EFFECT)
    assert badge.life[1:] == [EFFECT, EFFECT]
    badge.pump.off = True
    supply.fell()
    assert badge.strikes == {"power_cut": 1}
    assert badge.life[-1] == "fell"


def test_healed_power_is_good(badge, supply):
    supply.arm("power_cut", 0)
    badge.chip.brown_out(0, random.Random(1))
    supply.heal()
    supply.spend(EFFECT)
    assert badge.chip._fuse is None


def test_a_badge_that_is_off_is_asleep_until_it_boots(badge, supply):
    supply.asleep = True
    assert not supply.awake
    supply.boot_soon()
    badge.clock.run_until(badge.clock.now_ms + 60_000)
    assert supply.awake


def test_a_restart_leaves_it_running_for_a_moment(badge, supply):
    first = badge.pump
    supply.restart()
    assert not first.off
    badge.clock.run_until(3_600_000)
    assert first.off
    assert badge.life == ["power_on", "stopped", "firmware_update"]
    assert supply.cuts == 0
