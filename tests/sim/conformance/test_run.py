"""The kit judged: a right backend passes all, and each planted fault is seen by a check by name."""

from __future__ import annotations

import socket

import pytest

from badge.contract.version import Version
from badge.errors import InputError
from sim.conformance.kit.profile import BackendProfile
from sim.conformance.kit.session import BackendUnderTest
from sim.conformance.run import checks, chosen, conform, reach
from sim.ingest.api.ingest import Rules
from tests.sim.conformance.faults import FAULTS
from tests.sim.conformance.rig import backend


def expectations(outcome):
    return [f"{r.check.name}: {r.expected}" for r in outcome.results if r.expected]


def test_what_the_reference_is_not_asked_is_told():
    with backend() as right:
        outcome = conform(right, chosen(only=["firmware that is too old", "slows", "one event"]))
    assert outcome.passed == 1
    assert {r.check.needs for r in outcome.skipped} == {("old_firmware",), ("rate_limit",)}


def test_what_a_profile_names_is_checked_too():
    rules = Rules(oldest_firmware=Version(0, 2, 0), requests_per_minute=20)
    profile = BackendProfile(old_firmware="0.1.9", rate_limit_per_minute=20)
    with backend(rules, profile) as right:
        wanted = chosen(only=["firmware that is too old", "slows a device"])
        outcome = conform(right, wanted)
    assert expectations(outcome) == []
    assert outcome.passed == 2


def test_a_backend_without_keys_is_asked_for_none():
    with backend(Rules(open=True)) as right:
        right.is_open, right.provisioning_key = True, ""
        outcome = conform(right, chosen(skip=["withstands", "bodies of 1 MiB"]))
    assert expectations(outcome) == []
    assert outcome.passed > 75


def test_at_least_forty_faults_are_planted():
    assert len(FAULTS) >= 40


def test_checks_are_chosen_by_words_and_level():
    assert len(chosen("must")) < len(chosen("should")) == len(checks())
    names = [check.name for check in chosen(only=["parcel"], skip=["polygon"])]
    assert names == ["takes a parcel", "takes parcels from the admin alone"]
    with pytest.raises(InputError, match="'parcell': no check has that in its name"):
        chosen(only=["parcell"])


def test_a_backend_that_is_away_fails_with_its_reason():
    with backend() as gone:
        pass
    (result,) = conform(gone, [checks()["accepts one event"]]).results
    assert result.expected.startswith("provisioning")
    assert "no connection" in result.exchange.answer_text()


def test_a_server_that_never_answers_is_told_before_the_first_check():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        mine = BackendUnderTest(url, BackendProfile(patience_s=0.2), is_open=True)
        with pytest.raises(InputError, match="no answer in time"):
            reach(mine)
