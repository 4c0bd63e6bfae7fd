"""The reference withstands what the kit does to it, and every fault aimed at that is seen."""

from __future__ import annotations

import pytest

from sim.conformance.kit.abuse import DAWDLING, NAMES
from sim.conformance.kit.profile import BackendProfile
from sim.conformance.run import checks, chosen, conform
from sim.ingest.http.limits import Bounds
from tests.sim.conformance.faults import aimed_at, plant
from tests.sim.conformance.rig import backend, sees


def expectations(bounds: Bounds, only: list[str], skip=()) -> list[str]:
    profile = BackendProfile(client_timeout_s=bounds.head_timeout_s)
    with backend(None, profile, bounds) as right:
        outcome = conform(right, chosen(only=only, skip=skip))
    assert not outcome.skipped
    return [f"{r.check.name}: {r.expected}" for r in outcome.results if r.expected]


def test_all_that_crashtest_does_is_in_the_kit():
    assert {f"withstands {name}" for name in NAMES} <= checks().keys()


def test_the_reference_passes():
    assert expectations(Bounds(), ["withstands"], skip=DAWDLING) == []


@pytest.mark.slow
def test_the_reference_stands_clients_that_dawdle_and_a_crowd():
    quick = Bounds(head_timeout_s=2.0, body_timeout_s=2.0)
    assert expectations(quick, list(DAWDLING)) == []
    assert expectations(Bounds(), ["connections at once", "bodies of 1 MiB"]) == []


@pytest.mark.parametrize("fault", aimed_at("abuse"))
def test_a_planted_fault_is_seen(monkeypatch, fault):
    assert sees(plant(fault, monkeypatch))
