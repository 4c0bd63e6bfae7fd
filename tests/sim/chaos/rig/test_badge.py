"""One badge of a run: its steps are checked, and each promise that only time can show."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from badge.inputs import Assign
from sim.chaos.plan.plan import draw_design, draw_plan
from sim.chaos.rig.badge import Rig, RigBadge
from sim.chaos.rig.ingest import CheckedIngest
from sim.chaos.rig.network import Network
from sim.chaos.rig.tape import Tape
from sim.chaos.rig.transcript import Transcript
from sim.engine.clock import Clock
from sim.engine.promises import BrokenPromiseError

MINUTE_MS = 60_000


def calm_badge(**faults: float) -> RigBadge:
    drawn = draw_plan(11)
    plan = replace(
        drawn, badges=(0,), minutes=600, faults=dict.fromkeys(drawn.faults, 0.0) | faults
    )
    clock, transcript, strikes = Clock(), Transcript(), Counter()
    ingest = CheckedIngest(1, 0.0, lambda: clock.now_ms)
    network = Network(plan, clock, ingest, transcript, strikes)
    rig = Rig(plan, clock, ingest, network, transcript, strikes, tape=Tape)
    badge = RigBadge(rig, draw_design(11, 0))
    badge.power.boot_at(1000, "power_on")
    clock.run_until(MINUTE_MS)
    return badge


def test_a_calm_badge_boots_learns_the_time_and_delivers_everything():
    badge = calm_badge()
    badge.receive(Assign("W-001"))
    badge.clock.run_until(2 * 60 * MINUTE_MS)
    badge.heal()
    badge.receive(Assign("W-001"))
    badge.audit()
    stored = badge.rig.ingest.store.stored[badge.device_id]
    assert stored
    assert not badge.rig.strikes
    assert badge.power.boots == 1


def test_a_late_clock_is_a_fault_that_strikes():
    assert calm_badge(late_clock=1.0).rig.strikes["late_clock"] == 1


def test_a_pushed_configuration_is_in_force_whole_or_not_at_all():
    badge = calm_badge()
    badge.push({"gps_interval_s": 20, "upload_interval_s": 600})
    assert badge.pump.badge.config.gps_interval_s == 20
    before = badge.pump.badge.config
    badge.push({"gps_interval_s": 25, "upload_interval_s": -1})
    assert badge.pump.badge.config == before


def test_a_badge_that_falls_silent_is_seen():
    badge = calm_badge()
    badge.pump.off = False
    badge._quiet_since_ms = -10 * badge.pump.badge.config.upload_interval_s * 1000
    with pytest.raises(BrokenPromiseError, match="heartbeat"):
        badge.audit()


def test_pages_that_wear_unevenly_are_seen():
    badge = calm_badge()
    ring = 2 * badge.design.geometry.config_pages
    badge.chip.erases[ring] += 9
    with pytest.raises(BrokenPromiseError, match="J7"):
        badge.audit()


def test_its_tape_is_its_last_boot(tmp_path):
    badge = calm_badge()
    badge.tape.write(tmp_path / "boot.ndjson", "")
    assert (tmp_path / "boot.ndjson").read_text().count("\n") > 3
