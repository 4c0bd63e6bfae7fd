"""A core's power is cut on our chip; what a backend can see of the promises is judged."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from badge.errors import InputError
from sim.powercut.cli import powercut
from sim.powercut.core import cut_core
from tests.badge.host.foreign import library, needs_foreign, own_core

pytestmark = needs_foreign


def cuts(factory, name, stride=211):
    *_, done = cut_core(library(factory, name), 1, stride)
    return done


def test_our_core_keeps_its_promises(tmp_path_factory):
    done = cuts(tmp_path_factory, "right")
    assert done.points > 60
    assert done.failures == []


def test_a_core_that_forgets_its_events_is_found(tmp_path_factory):
    done = cuts(tmp_path_factory, "forgetful")
    assert done.failures[0][0] == "J3"
    assert "seed 1, effect" in done.failures[0][2]


def test_a_core_that_crashes_is_found(tmp_path_factory):
    done = cuts(tmp_path_factory, "crash")
    assert done.failures[0][0] == "CoreFailureError"


def test_the_command(tmp_path_factory):
    path = str(library(tmp_path_factory, "right"))
    done = CliRunner().invoke(powercut, ["--core", path, "--stride", "997"])
    assert done.exit_code == 0
    assert "every promise held" in done.output
    path = str(library(tmp_path_factory, "forgetful"))
    done = CliRunner().invoke(powercut, ["--core", path, "--stride", "997", "--json"])
    assert done.exit_code == 1
    assert '"J3' in done.output


def test_a_core_without_flash_is_no_proof(tmp_path):
    """Nothing was cut: that must not read as if every promise held."""
    with pytest.raises(InputError, match="says that it keeps nothing in flash: nothing to cut"):
        list(cut_core(own_core(tmp_path, "NONE"), 1, 29))
    *_, done = cut_core(own_core(tmp_path, "STRAY"), 1, 29)
    assert done.failures == [
        ("J3", "it says BADGE_CAN_FLASH, and writes nothing to flash", "before any cut")
    ]
