"""The way to the ingest and back, fault by fault."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field, replace

import pytest

from badge.effects import Upload
from sim.chaos.plan.plan import draw_plan
from sim.chaos.rig.ingest import CheckedIngest
from sim.chaos.rig.network import Network
from sim.chaos.rig.transcript import Transcript
from sim.engine.clock import Clock
from tests.sim.chaos.rig.test_ingest import DEVICE, events

BATCH = Upload(1, events(1, 2), 2, 1, 2)


@dataclass
class Sender:
    """A badge as the network sees it."""

    covered: bool = True
    answers: list[tuple[int, int]] = field(default_factory=list)
    clock: Clock = field(default_factory=Clock)
    index: int = 0
    device_id: str = DEVICE
    answer_timeout_ms: int = 60_000

    def is_covered(self, now_ms):
        return self.covered

    def answered(self, answer):
        self.answers.append((self.clock.now_ms, answer.status))


@dataclass
class Way:
    sender: Sender
    network: Network
    ingest: CheckedIngest
    strikes: Counter[str]

    def send(self, times: int = 1) -> list[int]:
        for _ in range(times):
            self.network.send(self.sender, BATCH)
            self.sender.clock.run_until(self.sender.clock.now_ms + 2_000_000)
        return [status for _, status in self.sender.answers]


def way(covered: bool = True, **faults: float) -> Way:
    drawn = draw_plan(3)
    plan = replace(
        drawn, badges=(0,), minutes=600, faults=dict.fromkeys(drawn.faults, 0.0) | faults
    )
    sender, strikes = Sender(covered), Counter()
    ingest = CheckedIngest(1, 0.0, lambda: sender.clock.now_ms)
    ingest.provision(DEVICE)
    network = Network(plan, sender.clock, ingest, Transcript(), strikes)
    return Way(sender, network, ingest, strikes)


def test_without_faults_a_batch_arrives_and_its_answer_comes_back_in_seconds():
    calm = way()
    assert calm.send() == [202]
    assert 300 <= calm.sender.answers[0][0] <= 5_000
    assert calm.ingest.store.stored[DEVICE] == {1, 2}
    assert not calm.strikes


def test_without_coverage_nothing_leaves():
    dark = way(covered=False)
    assert dark.send() == []
    assert dark.strikes == {"outage": 1}
    assert dark.ingest.store.stored[DEVICE] == set()


@pytest.mark.parametrize(
    ("fault", "statuses", "stored"),
    [("request_lost", [], False), ("answer_lost", [], True), ("duplicated", [202, 202], True)],
)
def test_what_is_lost_or_doubled_on_the_way(fault, statuses, stored):
    bad = way(**{fault: 1.0})
    assert bad.send() == statuses
    assert bool(bad.ingest.store.stored[DEVICE]) == stored
    assert bad.strikes[fault] == 1


@pytest.mark.parametrize("fault", ["delayed", "reordered"])
def test_what_is_late_comes_after_the_badge_gave_up(fault):
    late = way(**{fault: 1.0})
    assert late.send() == [202]
    assert late.sender.answers[0][0] > late.sender.answer_timeout_ms


def test_a_server_error_may_have_stored_the_batch_or_not():
    bad = way(server_error=1.0)
    assert set(bad.send(20)) <= {408, 500, 502, 503, 504}
    assert bad.ingest.store.stored[DEVICE] == {1, 2}


def test_healing_lets_everything_through():
    bad = way(request_lost=1.0, server_error=1.0)
    bad.network.heal()
    assert bad.send() == [202]


def test_the_same_plan_has_the_same_way():
    rates = {"request_lost": 0.3, "duplicated": 0.3, "delayed": 0.3, "server_error": 0.3}
    first, second = way(**rates), way(**rates)
    first.send(30), second.send(30)
    assert first.sender.answers == second.sender.answers
    assert json.dumps(first.strikes) == json.dumps(second.strikes)
