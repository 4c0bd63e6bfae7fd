"""The states of the machines over time, out of the rows that a recording used."""

from __future__ import annotations

from dataclasses import dataclass

from sim.view.model.trace import TracedStep

ONE_A_BADGE = ("shift", "motion", "gps", "scan", "upload", "firmware")
"""The machines of which a badge has one; of tags and battery thresholds it has several."""


@dataclass(frozen=True, slots=True)
class StateSpan:
    """A machine that was in a state; ms of the recording."""

    machine: str
    state: str
    start_ms: int
    end_ms: int


class MachineStates:
    """Collects the states of the machines of which a badge has one."""

    def __init__(self) -> None:
        self.spans: list[StateSpan] = []
        self._since: dict[str, tuple[str, int]] = {}

    def take(self, step: TracedStep) -> None:
        """Take the next step."""
        for row in step.rows:
            if row.machine not in ONE_A_BADGE:
                continue
            state, start_ms = self._since.get(row.machine, (row.state, step.ms))
            # A boot makes the machines anew, without a row.
            if row.state != state or row.next_state != row.state:
                self._close(row.machine, state, start_ms, step.ms)
                self._since[row.machine] = row.next_state, step.ms
            else:
                self._since[row.machine] = state, start_ms

    def end(self, end_ms: int) -> None:
        """Close what is open where the recording ends."""
        for machine, (state, start_ms) in self._since.items():
            self._close(machine, state, start_ms, end_ms)
        self._since.clear()

    def _close(self, machine: str, state: str, start_ms: int, end_ms: int) -> None:
        if end_ms > start_ms:
            self.spans.append(StateSpan(machine, state, start_ms, end_ms))
