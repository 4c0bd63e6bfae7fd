"""Everything that happened in a run, as a hash and as its last lines."""

from __future__ import annotations

from collections import deque
from hashlib import blake2b
from typing import Any

from badge.effects import Draw, Effect, Logged, Notice, PollGps, Program, StartScan, Upload
from badge.entry import timestamp
from badge.inputs import GpsFix, Input, ScanResult

LAST_LINES = 20
_QUIET = (PollGps, StartScan)


class Transcript:
    """A running BLAKE2b over inputs, effects, flash bytes and bodies; keeps the last few lines."""

    def __init__(self) -> None:
        self._hash = blake2b(digest_size=16)
        self._last: deque[tuple[int, str, Any]] = deque(maxlen=LAST_LINES)

    def happened(self, ms: int, device_id: str, what: Input) -> None:
        """Take an input."""
        if isinstance(what, ScanResult):  # the two frequent ones, without their slow repr
            self._hash.update(f"{ms} {device_id} {what.heard}\n".encode())
        elif isinstance(what, GpsFix):
            self._hash.update(f"{ms} {device_id} {what.lat} {what.lon} {what.hdop}\n".encode())
        else:
            self._hash.update(f"{ms} {device_id} {what!r}\n".encode())
        self._last.append((ms, device_id, what))

    def wanted(self, ms: int, device_id: str, effect: Effect) -> None:
        """Take an effect that is about to be performed."""
        if isinstance(effect, Program):
            self._hash.update(b"%d " % effect.address + effect.content)
            return
        if isinstance(effect, Upload):
            self._hash.update(effect.body)
        elif isinstance(effect, Logged):
            entry = effect.entry
            text = f"{ms} {device_id} {entry.sequence_number} {entry.event_type} {entry.unix_ms}\n"
            self._hash.update(text.encode())
        elif type(effect) not in _QUIET:
            self._hash.update(f"{ms} {device_id} {effect!r}\n".encode())
        self._last.append((ms, device_id, effect))

    def said(self, ms: int, who: str, text: str) -> None:
        """Take a line of the network, of the power or of the run itself."""
        self._hash.update(f"{ms} {who} {text}\n".encode())
        self._last.append((ms, who, text))

    @property
    def digest(self) -> str:
        """The hash so far, as 32 hexadecimal digits."""
        return self._hash.hexdigest()

    def last_lines(self) -> tuple[str, ...]:
        """Return the last lines, oldest first."""
        return tuple(f"{_moment(ms)}  {who}  {_words(what)}" for ms, who, what in self._last)


def _moment(ms: int) -> str:
    return f"{ms // 3_600_000:3}:{timestamp(ms // 1000)[14:19]}.{ms % 1000:03}"


def _words(what: Any) -> str:
    if isinstance(what, str):
        return what
    if isinstance(what, Logged):
        entry = what.entry
        return f"-> logged {entry.sequence_number} {entry.event_type} {dict(entry.payload)}"
    if isinstance(what, Upload):
        first, last = what.first_sequence, what.last_sequence
        return f"-> upload {what.request}: {what.count} events, {first} to {last}"
    if isinstance(what, ScanResult):
        return f"<- scan, {len(what.heard)} heard"
    if isinstance(what, Notice):
        return f"-> notice {what.about}: {what.text}"
    if isinstance(what, Draw):
        return f"-> screen {what.screen.state}"
    arrow = "->" if type(what).__module__ == "badge.effects" else "<-"
    return f"{arrow} {what!r}"
