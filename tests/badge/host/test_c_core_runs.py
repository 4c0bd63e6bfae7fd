"""The badge in C follows the badge in Python through the project's own programs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import sim.chaos.rig.badge
import sim.demo.one
import sim.fleet.field.badge
import sim.record.session
from badge.config import BadgeConfig
from sim.chaos.plan.plan import draw_plan
from sim.chaos.run import prove
from sim.record.session import SessionOptions, run_session
from sim.scenario.language.read import read_scenario, shipped_names, sites_of
from sim.sources.open import read_adverts, read_track
from tests.badge.host.shadow import ShadowedBadge
from tests.badge.host.twins import needs_core
from tests.paths import RECORDINGS
from tests.sim.fleet.story import run

pytestmark = needs_core


@pytest.fixture
def compared(monkeypatch):
    monkeypatch.setattr(ShadowedBadge, "compared", 0)
    for module in (sim.chaos.rig.badge, sim.fleet.field.badge, sim.record.session):
        monkeypatch.setattr(module, "Badge", ShadowedBadge)
    return lambda: ShadowedBadge.compared


SEEDS = int(os.environ.get("BADGE_CORE_SEEDS", "120"))  # of chaos, where slow tests run
INPUT = Path(sim.demo.one.__file__).parent / "input"
WALKS = [INPUT / "shift.gpx", *sorted(RECORDINGS.glob("*.gpx")), *sorted(RECORDINGS.glob("*.log"))]


def chaos(seeds):
    for seed in seeds:
        failure = prove(draw_plan(seed), twice=False).failure
        assert failure is None, f"seed {seed}: {failure}"


def test_a_few_seeds_of_chaos(compared):
    chaos(range(1, 4))
    assert compared() > 1000


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, SEEDS, SEEDS // 4))
def test_many_seeds_of_chaos(compared, first):
    chaos(range(first + 1, first + SEEDS // 4 + 1))
    assert compared() > 100 * SEEDS


@pytest.mark.parametrize("walk", WALKS, ids=lambda path: path.name)
def test_every_recorded_walk(compared, tmp_path, walk):
    """With a flash file; nobody answers, so that batches are backed off from, too."""
    adverts = read_adverts(INPUT / "shift.csv")
    config = BadgeConfig(device_id="ACT-3F8A21B4", known_equipment_tags=list(adverts.macs))
    options = SessionOptions(
        config,
        read_track(walk),
        adverts if walk.parent == INPUT else None,
        worker_id="W-007",
        flash=tmp_path / "badge.flash",
    )
    run_session(options, lambda now_ms, end_ms: None)
    assert compared() > 20


@pytest.mark.slow
@pytest.mark.parametrize("name", shipped_names())
def test_every_shipped_scenario(compared, tmp_path, name):
    story = next(iter(sites_of(read_scenario(name)).values()))
    changes = {"badges": 12} if name == "morning-of-500" else {}
    if story.site:  # of a season the first days that are worked, and of each crew one badge
        changes = {"badges": 2, "hours": 16 * 24.0}
    run(tmp_path / "run", story, **changes)
    assert compared() > 50
