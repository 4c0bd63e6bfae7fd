"""Right receivers pass the checks of this subject, and every fault aimed at them is seen."""

from __future__ import annotations

import pytest

from sim.conformance.run import conform, hook_checks
from tests.sim.conformance.webhooks.faults import FAULTS, aimed_at
from tests.sim.conformance.webhooks.rig import failures, of_subject, receiver


@pytest.mark.parametrize("platform", FAULTS)
def test_the_receiver_of_badge_listen_passes(platform, tmp_path):
    with receiver(platform, tmp_path) as right:
        assert failures(right, of_subject(platform, "accepting"), tmp_path) == []


@pytest.mark.parametrize(("platform", "fault"), aimed_at("accepting"))
def test_a_planted_fault_is_seen(platform, fault, tmp_path):
    planted = FAULTS[platform][fault]
    with receiver(platform, tmp_path, planted, **planted.profile) as wrong:
        (result,) = conform(wrong, [hook_checks(platform)[planted.sees]]).results
    assert result.expected
