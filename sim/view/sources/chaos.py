"""`badge chaos --seed N` as it goes: events, lanes and why, and each fault as it strikes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from threading import Thread
from typing import Any

from badge.badge import Badge
from badge.config import BadgeConfig
from badge.effects import Effect, Logged
from badge.errors import InputError
from badge.inputs import Input, Tick
from badge.machines.law import TABLES
from badge.machines.table import Key, Table, watching
from sim.chaos.plan.plan import draw_plan
from sim.chaos.rig.tape import Tape
from sim.chaos.rig.transcript import Transcript
from sim.chaos.run import PlanRun
from sim.view.model.picture import Draft, Mark, picture_of
from sim.view.model.trace import RowUsed, TracedStep, row_used
from sim.view.sources.lived import LivedEvents
from sim.view.sources.opened import Opened, Settled

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


class _StepTape(Tape):
    """A tape that hands on each step; of a badge that loses power it has what was decided."""

    def __init__(self, stepped: Callable[[str, TracedStep], None], used: list[RowUsed]) -> None:
        self._stepped, self._used = stepped, used

    def starts(self, store: object) -> None:
        """A boot has recovered its store."""
        self._used.clear()

    def took(self, ms: int, what: Input, effects: list[Effect], badge: Badge) -> None:
        """Take a step."""
        numbers = [e.entry.sequence_number for e in effects if isinstance(e, Logged)]
        step = TracedStep(
            ms,
            None if isinstance(what, Tick) else what,
            tuple(self._used),
            tuple(effects),
            range(numbers[0], numbers[-1] + 1) if numbers else range(0),
            badge.state,
            len(badge.store.queue.entries),
            tuple(badge.tags_near),
        )
        self._used.clear()
        self._stepped(badge.config.device_id, step)


class ChaosRun:
    """A plan under every fault, run in a thread of its own; what it says so far is the picture."""

    generation = 0

    def __init__(self, seed: int) -> None:
        self._lived = LivedEvents()
        self.rows = self._lived.rows
        self._plan = draw_plan(seed)
        whole = self._lived.draft
        whole.title, whole.has_utc = f"chaos, seed {seed}", False
        whole.notes.append("times count from the start of the run: its badges' clocks are faulty")
        # The run adds to this from its thread; the steps and events are told here, in order.
        self._came: list[Callable[[], None]] = []
        self._taken = 0
        self._used: list[RowUsed] = []
        self._thread = Thread(target=self._go, name=whole.title, daemon=True)
        self._thread.start()

    def _go(self) -> None:
        def tape(config: BadgeConfig, firmware: str) -> Tape:
            return _StepTape(self._stepped, self._used)

        with watching(TABLES, self._note):
            run = PlanRun(self._plan, transcript=_Listening(self._logged, self._strikes), tape=tape)
            failure = run.go().failure
        if failure is not None:
            self._strikes(failure.at_ms, failure.device_id, failure.text)

    def _note(self, table: Table, key: Key) -> None:
        self._used.append(row_used(table, key))

    def _stepped(self, device_id: str, step: TracedStep) -> None:
        self._came.append(lambda: self._lived.telling(device_id).take(step))

    def _logged(self, ms: int, device_id: str, logged: Logged) -> None:
        event = logged.entry.event(device_id)
        self._came.append(partial(self._lived.logged, device_id, event, ms))

    def _strikes(self, ms: int, who: str, text: str) -> None:
        self._came.append(lambda: self._mark(ms, who, text))

    def _mark(self, ms: int, who: str, text: str) -> None:
        known = who if who.startswith("ACT-") else "run"
        mark = Mark(ms, self.rows.devices.place(known), "finding", text)
        self._lived.draft.marks.append(mark)

    def finish(self) -> None:
        """Wait until it is over."""
        self._thread.join()

    def read(self) -> int:
        """Take what has happened; gives how many events."""
        before, begun = self.rows.count, self._taken
        self._taken = len(self._came)
        for place in range(begun, self._taken):
            self._came[place]()
            self._came[place] = _done
        return self.rows.count - before

    def settled(self) -> list[Settled]:
        """Give the fates that were settled since."""
        return self._lived.settled()

    def details(self, at: int) -> dict[str, Any]:
        """Give all there is about an event: itself, and why."""
        return self._lived.details(at)

    def draft(self) -> Draft:
        """Give what has happened so far."""
        return self._lived.so_far()

    def whole(self) -> Opened | None:
        """Its picture stays as it is when it is over."""
        return None

    def opened(self) -> Opened:
        """Give the picture of all of it, when it is over."""
        self.finish()
        self.read()
        for at, fate in self._lived.settled():
            self.rows.settle(at, fate)
        return Opened(picture_of(self.draft()), self.details, self._lived.retold)


def _done() -> None:
    """Take the place of what was told."""


def chaos_named(name: str) -> ChaosRun:
    """Begin what `chaos:N` names; `InputError` if it is no seed."""
    seed = name.removeprefix(SCHEME)
    if not seed.isdecimal() or len(seed) > 18:
        raise InputError(f"{name}: write chaos: and a seed, like chaos:7")
    return ChaosRun(int(seed))
