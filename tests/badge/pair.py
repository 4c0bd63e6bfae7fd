"""The badge and the naive model, told the same story, must do the same."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pydantic_core import from_json

from badge.config import BadgeConfig
from badge.contract.validation import judge
from badge.effects import (
    Draw,
    Effect,
    Logged,
    PollGps,
    PowerGps,
    PowerOff,
    PowerScanner,
    Reboot,
    StartScan,
    Upload,
)
from badge.inputs import Input
from tests.badge.naive.badge import NaiveBadge
from tests.badge.story import DEVICE, Story


class Pair(Story):
    """After every input all deeds of both are compared, kind by kind, and what they keep."""

    def __init__(self, config: BadgeConfig) -> None:
        self.naive = NaiveBadge(config)
        self.deeds = 0
        super().__init__(config)

    def give(self, what: Input) -> list[Effect]:
        effects = super().give(what)
        wanted = self.naive.receive(what, self.now)
        did = [deed for effect in effects if (deed := deed_of(effect)) is not None]
        for kind in sorted({kind for kind, _ in [*did, *wanted]}):
            mine = [value for k, value in did if k == kind]
            naive = [value for k, value in wanted if k == kind]
            assert mine == naive, f"{kind} after {what} at {self.now} ms"
        if any(kind == "upload" for kind, _ in did):
            self.naive.request = self.uploads[-1].request
        self.deeds += len(did)
        self._compare_what_is_kept(what)
        return effects

    def _compare_what_is_kept(self, what: Input) -> None:
        queue, flash = self.badge.store.queue, self.naive.flash
        assert (
            [entry.sequence_number for entry in queue.entries],
            [(item.entry.sequence_number, item.reason) for item in queue.quarantined],
            (queue.overflow_count, queue.quarantine_count),
        ) == (
            [event["sequence_number"] for event in flash.waiting],
            [(event["sequence_number"], reason) for event, reason in flash.quarantine],
            (flash.overflows, flash.quarantined),
        ), f"what is kept after {what} at {self.now} ms"


def deed_of(effect: Any) -> tuple[str, Any] | None:
    """An effect in the naive model's words; None for what it has no word for."""
    match effect:
        case Logged(entry):
            event = entry.event(DEVICE)
            assert not judge([event]).faults
            return "event", event
        case Upload():
            return "upload", from_json(effect.body)
        case Draw(screen):
            return "screen", asdict(screen)
        case PollGps(timeout_ms):
            return "poll", timeout_ms
        case StartScan(duration_ms):
            return "scan", duration_ms
        case PowerGps(on):
            return "gps", on
        case PowerScanner(on):
            return "scanner", on
        case Reboot(version):
            return "reboot", version
        case PowerOff():
            return "off", None
    return None
