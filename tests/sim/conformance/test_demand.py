from __future__ import annotations

import pytest

from badge.errors import InputError
from sim.conformance.demand import demand
from tests.sim.conformance.faults import plant
from tests.sim.conformance.rig import backend
from tests.sim.conformance.webhooks.rig import receiver


def test_a_right_backend_passes(tmp_path):
    with backend() as right:
        assert demand(right, only=["parcel"]).passed == 3
    with receiver("grouplink", tmp_path) as right:
        assert demand(right, level="must", only=["again"]).passed == 2


def test_a_wrong_one_fails_with_the_whole_story(monkeypatch):
    plant("200 for 202", monkeypatch)
    with backend() as wrong, pytest.raises(AssertionError) as failed:
        demand(wrong, only=["one event"])
    for words in ("0 of 1 check passed", "accepts one event (must)", "asked ", "again     curl"):
        assert words in str(failed.value)


def test_what_only_should_be_does_not_fail_a_must(monkeypatch):
    plant("413 with another sentence", monkeypatch)
    with backend() as wrong:
        demand(wrong, level="must", only=["empty array", "says how many"])
        with pytest.raises(AssertionError):
            demand(wrong, only=["how many events are too many"])


def test_nobody_there_is_one_sentence():
    with backend() as gone:
        pass
    with pytest.raises(InputError, match="no connection"):
        demand(gone)


def test_the_fixture_of_the_plugin_is_this(conform):
    with backend() as right:
        assert conform(right, only=["one event"]).passed == 1
