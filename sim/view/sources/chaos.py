"""`badge chaos --seed N` as it goes: the events of its badges, and each fault as it strikes."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import Any

from badge.effects import Effect, Logged
from sim.chaos.plan.plan import draw_plan
from sim.chaos.rig.transcript import Transcript
from sim.chaos.run import PlanRun
from sim.view.model.events import EventRows
from sim.view.model.picture import Draft, Mark
from sim.view.model.plane import PicturePlane

SCHEME = "chaos:"


class _Listening(Transcript):
    """A transcript that hands on what is logged and what is said."""

    def __init__(
        self, logged: Callable[[int, str, Logged], None], said: Callable[[int, str, str], None]
    ) -> None:
        super().__init__()
        self._logged, self._said = logged, said

    def wanted(self, ms: int, device_id: str, effect: Effect) -> None:
        """Take an effect."""
        super().wanted(ms, device_id, effect)
        if isinstance(effect, Logged):
            self._logged(ms, device_id, effect)

    def said(self, ms: int, who: str, text: str) -> None:
        """Take a line."""
        super().said(ms, who, text)
        self._said(ms, who, text)


class ChaosRun:
    """A plan under every fault, run in a thread of its own; what it says so far is the picture."""

    def __init__(self, seed: int) -> None:
        self.rows = EventRows(PicturePlane())
        self._name = f"chaos, seed {seed}"
        self._plan = draw_plan(seed)
        self._marks: list[Mark] = []
        self._events: list[dict[str, Any]] = []
        self._came: list[tuple[int, str, Logged]] = []
        self._taken = 0
        self._thread = Thread(target=self._go, name=self._name, daemon=True)
        self._thread.start()

    def _go(self) -> None:
        transcript = _Listening(lambda *came: self._came.append(came), self._strikes)
        failure = PlanRun(self._plan, transcript=transcript).go().failure
        if failure is not None:
            place = self.rows.devices.place(failure.device_id)
            self._marks.append(Mark(failure.at_ms, place, "finding", failure.text))

    def _strikes(self, ms: int, who: str, text: str) -> None:
        known = who if who.startswith("ACT-") else "run"
        self._marks.append(Mark(ms, self.rows.devices.place(known), "finding", text))

    def finish(self) -> None:
        """Wait until it is over."""
        self._thread.join()

    def read(self) -> int:
        """Take what has been logged; gives how many events."""
        before, self._taken = self._taken, len(self._came)
        for ms, device_id, logged in self._came[before : self._taken]:
            event = logged.entry.event(device_id)
            self.rows.add(event, len(self._events), float(ms), device=device_id)
            self._events.append(event)
        return self._taken - before

    def details(self, at: int) -> dict[str, Any]:
        """Give all there is about an event."""
        return {"event": self._events[at]}

    def draft(self) -> Draft:
        """Give what has happened so far."""
        draft = Draft(self._name, self.rows, marks=list(self._marks), has_utc=False)
        draft.notes.append("times count from the start of the run: its badges' clocks are faulty")
        return draft
