"""A core of somebody's own under every fault, checked from outside."""

from __future__ import annotations

from dataclasses import replace

import pytest
from click.testing import CliRunner

from badge.errors import InputError
from badge.host.core.store import core_file
from sim.chaos.cli import chaos
from sim.chaos.plan.plan import draw_plan
from sim.chaos.run import prove
from tests.badge.host.foreign import library, needs_foreign

pytestmark = needs_foreign
SEED = 1  # one badge, five boots


def lived(core, seed=SEED, **faults):
    plan = draw_plan(seed)
    return prove(replace(plan, faults={**plan.faults, **faults}), twice=False, core=core)


def test_our_core_lives_what_the_badge_in_python_lives():
    result, other = lived(core_file("c")), prove(draw_plan(SEED), twice=False)
    assert result.failure is None
    assert result.counts == other.counts
    assert result.events == other.events
    assert result.strikes == other.strikes


@pytest.mark.slow
@pytest.mark.parametrize("seed", [2, 3, 4])
def test_our_core_keeps_its_promises_under_every_fault(seed):
    result = lived(core_file("c"), seed)
    assert result.failure is None
    assert result.events > 300


def test_a_crash_is_a_finding_with_its_input(tmp_path_factory):
    failure = lived(library(tmp_path_factory, "crash")).failure
    assert failure.promise == "crash"
    assert "signal 11 at GpsFix(" in failure.text


def test_a_core_that_forgets_its_events_is_found(tmp_path_factory):
    failure = lived(library(tmp_path_factory, "forgetful"), power_cut=4.0).failure
    assert failure.promise in ("J1", "J3", "J8", "delivery")


def test_what_a_core_cannot_do_is_not_asked_of_it(tmp_path_factory):
    assert lived(library(tmp_path_factory, "simple")).failure is None


def test_the_command(tmp_path_factory):
    path = str(library(tmp_path_factory, "crash"))
    done = CliRunner().invoke(chaos, ["--seed", "1", "--once", "--core", path, "--json"])
    assert done.exit_code == 1
    assert "signal 11 at GpsFix(" in done.output
    done = CliRunner().invoke(chaos, ["--seeds", "1", "--once", "--processes", "1", "--core", "c"])
    assert done.exit_code == 0, done.output
    with pytest.raises(InputError, match="no such library"):
        CliRunner().invoke(chaos, ["--core", "nothing.so"], catch_exceptions=False)
