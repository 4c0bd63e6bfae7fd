"""A recording as lanes and causes: the badge lives through it once more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from badge.effects import Upload
from badge.inputs import (
    Battery,
    Boot,
    Cellular,
    Movement,
    ScanResult,
    UploadAnswer,
    UtcLearned,
)
from badge.recording.format import Happened, Header, Wrote
from badge.words import counted
from sim.view.model.events import WordList
from sim.view.model.lanes import BAD, CALM, GOOD, LOOK, LaneRows
from sim.view.model.states import MachineStates
from sim.view.model.trace import TracedStep, trace
from sim.view.model.why import Causes


@dataclass(slots=True)
class Retold:
    """What a recording has told: its clock (Unix ms at its ms 0, None if UTC was never learnt)."""

    causes: Causes = field(default_factory=Causes)
    offset_ms: float | None = None
    end_ms: int = 0
    states: MachineStates = field(default_factory=MachineStates)

    def t_ms(self, ms: float) -> float:
        """Give a moment of the recording on the picture's axis."""
        return ms + (self.offset_ms or 0.0)


def offset_of(lines: Sequence[Happened | Wrote]) -> float | None:
    """Give the Unix ms of a recording's ms 0; None if nobody told the badge the time."""
    for line in lines:
        if isinstance(line, Happened) and isinstance(line.what, UtcLearned):
            return float(line.what.unix_ms - line.ms)
    return None


def retell_into(
    lanes: LaneRows,
    tags: WordList,
    device: int,
    header: Header,
    lines: Sequence[Happened | Wrote],
    place: str,
    names: Mapping[str, str],
) -> Retold:
    """Live through a recording, and add its lanes for this device."""
    telling = Telling(lanes, tags, device, names, offset_of(lines))
    for step in trace(header, lines, place, flash=True):
        telling.take(step)
    return telling.end(lines[-1].ms if lines else 0)


class Telling:
    """The story of one badge, told step by step: its lanes are drawn, its causes kept.

    `told` has what was told so far; `offset_ms` is the Unix ms of its clock's 0, if it is known.
    """

    def __init__(
        self,
        lanes: LaneRows,
        tags: WordList,
        device: int,
        names: Mapping[str, str],
        offset_ms: float | None = None,
    ) -> None:
        self.told = Retold(offset_ms=offset_ms)
        self._lanes, self._tags, self._device = lanes, tags, device
        self._names = names
        self._open: dict[str, tuple[float, str, int]] = {}  # lane or tag: since, label, tone
        self._queued = -1
        self._battery = -1.0
        self._request: tuple[int, float, int] | None = None
        self._state = ""
        self._near: frozenset[str] = frozenset()

    def take(self, step: TracedStep) -> None:
        """Draw what a step changed, and keep its causes."""
        told = self.told
        told.causes.take(step)
        told.states.take(step)
        told.end_ms = step.ms
        t_ms, what = told.t_ms(step.ms), step.what
        if isinstance(what, Boot):
            self._boot(t_ms, what)
        elif isinstance(what, UtcLearned):
            self._change("clock", t_ms, "known", GOOD)
        elif isinstance(what, Movement):
            moving = what.moving
            self._change("motion", t_ms, "moving" if moving else "still", GOOD * moving)
        elif isinstance(what, Battery):
            self._read(t_ms, what.pct)
        elif isinstance(what, Cellular):
            self._change("network", t_ms, *(("up", GOOD) if what.connected else ("down", BAD)))
        elif isinstance(what, ScanResult):
            self._heard(t_ms, what)
        elif isinstance(what, UploadAnswer):
            self._answered(t_ms, what)
        self._after(t_ms, step)

    def _after(self, t_ms: float, step: TracedStep) -> None:
        for effect in step.effects:
            if type(effect) is Upload:
                self._unanswered(t_ms)
                self._request = (effect.request, t_ms, effect.count)
        if step.queued != self._queued:
            self._queued = step.queued
            self._lanes.sample("queue", self._device, t_ms, step.queued)
        if step.state != self._state:
            self._state = step.state
            active = step.state in ("active", "shift end")
            self._change("shift", t_ms, str(step.state), GOOD if active else CALM)
        near = frozenset(step.near)
        if near != self._near:
            for mac in sorted(self._near - near):
                self._close(f"tag {mac}", t_ms)
            for mac in sorted(near - self._near):
                self._open[f"tag {mac}"] = t_ms, self._names.get(mac, mac), GOOD
            self._near = near

    def _boot(self, t_ms: float, boot: Boot) -> None:
        tone = LOOK if boot.reason in ("power_on", "firmware_update") else BAD
        self._lanes.span("boots", self._device, t_ms, t_ms, boot.reason, tone)
        self._change("clock", t_ms, "not known", LOOK)

    def _read(self, t_ms: float, pct: int) -> None:
        if pct != self._battery:
            self._battery = pct
            self._lanes.sample("battery", self._device, t_ms, pct)

    def _heard(self, t_ms: float, scan: ScanResult) -> None:
        strongest: dict[str, int] = {}
        for mac, rssi_dbm in scan.heard:
            if rssi_dbm < 0:
                strongest[mac] = max(rssi_dbm, strongest.get(mac, rssi_dbm))
        for mac, rssi_dbm in strongest.items():
            self._lanes.sample("rssi", self._device, t_ms, rssi_dbm, self._tags.place(mac))

    def _answered(self, t_ms: float, answer: UploadAnswer) -> None:
        if self._request is None or self._request[0] != answer.request:
            return
        _, sent_ms, count = self._request
        self._request = None
        tone = GOOD if answer.status == 202 else LOOK if answer.status == 207 else BAD
        said = "no answer" if answer.status is None else str(answer.status)
        self._lanes.span(
            "uploads", self._device, sent_ms, t_ms, f"{counted(count, 'event')}: {said}", tone
        )

    def _unanswered(self, t_ms: float) -> None:
        if self._request is not None:
            _, sent_ms, count = self._request
            self._lanes.span(
                "uploads", self._device, sent_ms, t_ms, f"{counted(count, 'event')}: no answer", BAD
            )

    def _change(self, lane: str, t_ms: float, label: str, tone: int) -> None:
        before = self._open.get(lane)
        if before is not None and before[1] == label:
            return
        self._close(lane, t_ms)
        self._open[lane] = t_ms, label, tone

    def _close(self, key: str, t_ms: float) -> None:
        if key in self._open:
            self._draw(self._lanes, key, *self._open.pop(key), t_ms)

    def _draw(
        self, lanes: LaneRows, key: str, since_ms: float, label: str, tone: int, t_ms: float
    ) -> None:
        lane = "tags" if key.startswith("tag ") else key
        lanes.span(lane, self._device, since_ms, t_ms, label, tone)

    def draw_open(self, lanes: LaneRows, t_ms: float) -> None:
        """Draw what still lasts, up to a moment of the picture's axis; it may last longer."""
        for key, (since_ms, label, tone) in self._open.items():
            self._draw(lanes, key, since_ms, label, tone, max(since_ms, t_ms))

    def end(self, end_ms: int) -> Retold:
        """Close what is still open where the recording ends."""
        self.told.end_ms = end_ms
        t_ms = self.told.t_ms(end_ms)
        self._unanswered(t_ms)
        for key in list(self._open):
            self._close(key, t_ms)
        self.told.states.end(end_ms)
        return self.told
