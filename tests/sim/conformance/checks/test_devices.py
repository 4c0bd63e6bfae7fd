"""A right backend passes the checks of this subject, and every fault aimed at them is seen."""

from __future__ import annotations

import pytest

from tests.sim.conformance.faults import aimed_at, plant
from tests.sim.conformance.rig import failures_of, sees


def test_the_reference_passes():
    assert failures_of("devices") == []


@pytest.mark.parametrize("fault", aimed_at("devices"))
def test_a_planted_fault_is_seen(monkeypatch, fault):
    assert sees(plant(fault, monkeypatch))
