"""What one boot of a badge was given and logged, so that `badge replay` can take it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from badge.badge import Badge
from badge.config import BadgeConfig
from badge.effects import Effect, Logged
from badge.host.recording_file import RecordingWriter
from badge.inputs import Input, Tick
from badge.recording.format import Header
from badge.storage.memory import snapshot
from badge.storage.store import Store


class Tape:
    """The last boot: what its store held when it began, its inputs, and what the badge logged.

    It holds what the badge decided, also where power failed before it was done.
    """

    def __init__(self, config: BadgeConfig, firmware_version: str) -> None:
        self._config = config
        self._firmware_version = firmware_version
        self._start: dict[str, Any] | None = None
        self._lines: list[tuple[int, Input | dict[str, Any]]] = []

    def starts(self, store: Store) -> None:
        """A boot has recovered its store."""
        self._start = snapshot(store)
        self._lines = []

    def took(self, ms: int, what: Input, effects: list[Effect], badge: Badge) -> None:
        """Note an input and what the badge decided to log."""
        device_id = badge.config.device_id
        if type(what) is not Tick:
            self._lines.append((ms, what))
        self._lines += [
            (ms, effect.entry.event(device_id)) for effect in effects if isinstance(effect, Logged)
        ]

    def write(self, path: Path, note: str) -> None:
        """Write it as a recording."""
        header = Header(self._config, self._firmware_version, self._start, note)
        with RecordingWriter(path, header) as writer:
            for ms, what in self._lines:
                if isinstance(what, dict):
                    writer.wrote(ms, what)
                else:
                    writer.happened(ms, what)


class TapedBadge(Badge):
    """The real badge; what goes in and what it logs is kept on a tape."""

    def __init__(self, tape: Tape, config: BadgeConfig, store: Store, firmware: str) -> None:
        super().__init__(config, store, firmware)
        self._tape = tape

    def receive(self, what: Input, now_ms: int) -> list[Effect]:
        """Take an input as ever, and keep it."""
        effects = super().receive(what, now_ms)
        self._tape.took(now_ms, what, effects, self)
        return effects
