"""What one badge under faults senses, and its way to the network."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

from badge.effects import Upload
from badge.inputs import GpsFix, Input, ScanResult, UploadAnswer
from sim.chaos.plan.faults import KINDS, draw_windows, is_inside
from sim.chaos.plan.plan import Design, Plan
from sim.chaos.rig.network import Network
from sim.chaos.rig.sensors import FaultySensors
from sim.engine.clock import Clock
from sim.engine.streams import plain_stream


class Badged(Protocol):
    """The badge as its ports see it."""

    def receive(self, what: Input) -> None:
        """Give the badge an input, if it runs."""

    def strike(self, kind: str) -> None:
        """Count a fault that has struck."""


class RigPorts:
    """Sensors, uplink and network sender of one badge (`sim.engine.ports`) under faults."""

    def __init__(
        self, plan: Plan, design: Design, clock: Clock, network: Network, badge: Badged
    ) -> None:
        self.index, self.device_id = design.index, design.config.device_id
        self.answer_timeout_ms = design.config.answer_timeout_s * 1000
        self._clock, self._network, self._badge = clock, network, badge
        self._sensors = FaultySensors(plan, design)
        self._outages = draw_windows(
            plain_stream(plan.seed, "outage", design.index),
            KINDS["outage"],
            plan.faults["outage"],
            plan.fire_ms,
        )

    def heal(self) -> None:
        """Sense well, and have coverage, from now on."""
        self._outages = ()
        self._sensors.heal()

    def is_covered(self, now_ms: int) -> bool:
        """Tell whether there is coverage where it is."""
        return not is_inside(self._outages, now_ms)

    def send(self, upload: Upload, answer: Callable[[UploadAnswer], None]) -> None:
        """Hand a batch to the network; answers come back to whatever boot is running then."""
        self._network.send(self, upload)

    def answered(self, answer: UploadAnswer) -> None:
        """Take an answer, to whatever request."""
        self._badge.receive(answer)

    def fix(self, now_ms: int) -> tuple[int, GpsFix] | None:
        """Ask the receiver."""
        found = self._sensors.fix(now_ms)
        if self._sensors.struck:
            self._badge.strike(self._sensors.struck)
        return found

    def heard(self, start_ms: int, end_ms: int) -> tuple[tuple[str, int], ...] | None:
        """Ask the scanner; a dead one may tell late."""
        found = self._sensors.heard(start_ms, end_ms)
        if self._sensors.struck:
            self._badge.strike(self._sensors.struck)
            late = self._sensors.heard_late()
            if late is not None:
                delay_ms, heard = late
                self._clock.after(delay_ms, partial(self._badge.receive, ScanResult(heard)))
        return found
