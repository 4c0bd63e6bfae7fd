"""A badge on a table: told things at moments in seconds, it shows what it did and when."""

from __future__ import annotations

from typing import Any

from pydantic_core import from_json

from badge.badge import Badge
from badge.config import read_config
from badge.effects import Draw, Effect, Logged, Notice, Screen, Upload
from badge.inputs import Assign, Boot, Input, ScanResult, Tick, UploadAnswer, UtcLearned
from badge.storage.store import Store

DEVICE = "ACT-3F8A21B4"
START_UNIX_MS = 1_773_477_135_000  # 2026-03-14T08:32:15Z
TAG, OTHER = "F4:A7:2E:11:03:BC", "F4:A7:2E:11:03:BD"


class Rig:
    """Boots at 0 s, learns UTC at once unless told otherwise; `did` is all with its moment."""

    def __init__(self, store: Store | None = None, *, utc: bool = True, **config: Any) -> None:
        document = {"device_id": DEVICE, "known_equipment_tags": [TAG, OTHER], **config}
        self.badge = Badge(read_config(document), store)
        self.now_ms = 0
        self.did: list[tuple[int, Effect]] = []
        self.give(Boot())
        if utc:
            self.give(UtcLearned(START_UNIX_MS))

    def give(self, what: Input, at_s: float | None = None) -> list[Effect]:
        """Tell it at that moment (now, if none is given), all deadlines before at their own."""
        until_ms = self.now_ms if at_s is None else round(at_s * 1000)
        while (due_ms := self.badge.next_deadline_ms) is not None and due_ms < until_ms:
            self._take(self.badge.receive(Tick(), due_ms), due_ms)
        self.now_ms = until_ms
        effects = self.badge.receive(what, until_ms)
        self._take(effects, until_ms)
        return effects

    def until(self, at_s: float) -> None:
        self.give(Tick(), at_s)

    def _take(self, effects: list[Effect], ms: int) -> None:
        self.did += [(ms, effect) for effect in effects]

    def assign(self, at_s: float | None = None) -> None:
        self.give(Assign("W-007"), at_s)

    def scan(self, *heard: tuple[str, int]) -> list[tuple[str, dict[str, Any]]]:
        """Let one cycle end with this result; return the tag events that it made."""
        seen = len(self.did)
        self.give(ScanResult(heard), (self.now_ms + 5000) / 1000)
        made = [e.entry for _, e in self.did[seen:] if isinstance(e, Logged)]
        return [(e.event_type, dict(e.payload)) for e in made if e.event_type.startswith("ble")]

    def events(self, *types: str) -> list[tuple[float, str, dict[str, Any]]]:
        """What was logged: (seconds, type, payload), of these types or all."""
        return [
            (ms / 1000, effect.entry.event_type, dict(effect.entry.payload))
            for ms, effect in self.did
            if isinstance(effect, Logged) and (not types or effect.entry.event_type in types)
        ]

    def types(self) -> list[str]:
        return [event_type for _, event_type, _ in self.events()]

    def moments(self, kind: type) -> list[float]:
        """When it wanted something of that kind, in seconds."""
        return [ms / 1000 for ms, effect in self.did if type(effect) is kind]

    def notices(self) -> list[str]:
        return [effect.about for _, effect in self.did if isinstance(effect, Notice)]

    def screens(self) -> list[Screen]:
        return [effect.screen for _, effect in self.did if isinstance(effect, Draw)]

    def uploads(self) -> list[list[int]]:
        """The sequence numbers of every batch so far."""
        bodies = [from_json(e.body) for _, e in self.did if isinstance(e, Upload)]
        return [[event["sequence_number"] for event in body] for body in bodies]

    @property
    def upload(self) -> Upload:
        """The latest one."""
        return [e for _, e in self.did if isinstance(e, Upload)][-1]

    def answer(self, status: int | None, at_s: float | None = None, **more: Any) -> list[Effect]:
        return self.give(UploadAnswer(self.upload.request, status, **more), at_s)

    def waiting(self) -> list[int]:
        return [entry.sequence_number for entry in self.badge.store.queue.entries]

    def quarantined(self) -> list[tuple[int, str]]:
        kept = self.badge.store.queue.quarantined
        return [(item.entry.sequence_number, item.reason) for item in kept]
