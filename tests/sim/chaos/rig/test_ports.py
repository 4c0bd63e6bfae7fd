"""What a badge under faults senses, and its way to the network."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

from badge.effects import Upload
from badge.inputs import ScanResult, UploadAnswer
from sim.chaos.plan.plan import draw_design, draw_plan
from sim.chaos.rig.ports import RigPorts
from sim.engine.clock import Clock

HOUR_MS = 3_600_000


@dataclass
class Badge:
    """What the ports need of the badge and of the network, both written down."""

    received: list[object] = field(default_factory=list)
    strikes: Counter[str] = field(default_factory=Counter)
    sent: list[tuple[object, Upload]] = field(default_factory=list)

    def receive(self, what):
        self.received.append(what)

    def strike(self, kind):
        self.strikes[kind] += 1

    def send(self, sender, upload):
        self.sent.append((sender, upload))


def ports(**faults: float) -> tuple[RigPorts, Badge, Clock]:
    drawn = draw_plan(5)
    plan = replace(drawn, minutes=600, faults=dict.fromkeys(drawn.faults, 0.0) | faults)
    badge, clock = Badge(), Clock()
    return RigPorts(plan, draw_design(5, 0), clock, badge, badge), badge, clock


def test_a_batch_goes_to_the_network_and_an_answer_to_whatever_boot_runs():
    sender, badge, _ = ports()
    upload = Upload(1, b"[]", 0, 1, 1)
    sender.send(upload, lambda answer: None)
    assert badge.sent == [(sender, upload)]
    sender.answered(UploadAnswer(1, 202))
    assert badge.received == [UploadAnswer(1, 202)]


def test_coverage_ends_in_outages_until_all_is_healed():
    sender, _, _ = ports(outage=3.0)
    covered = [sender.is_covered(ms) for ms in range(0, 10 * HOUR_MS, 60_000)]
    assert set(covered) == {True, False}
    sender.heal()
    assert all(sender.is_covered(ms) for ms in range(0, 10 * HOUR_MS, 60_000))


def test_what_strikes_a_sensor_is_counted_and_a_dead_scanner_may_tell_late():
    sender, badge, clock = ports(gps_silent=20.0, scanner_dead=20.0)
    for ms in range(0, 10 * HOUR_MS, 15_000):
        clock.run_until(ms)
        sender.fix(ms)
        sender.heard(ms, ms + 5_000)
    assert badge.strikes["gps_silent"] > 10
    assert badge.strikes["scanner_dead"] > 10
    assert any(isinstance(what, ScanResult) for what in badge.received)
