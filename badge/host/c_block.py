"""A badge in C that takes inputs by the block: arrays in, bytes out, no Python for each input."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from pydantic_core import to_json

from badge.config import BadgeConfig
from badge.errors import MisuseError
from badge.host.core.store import CHost, CStore
from badge.host.core.whole import (
    FIX_TYPES,
    REBOOT_REASONS,
    REFUSALS,
    UNKNOWN,
    heard_bytes,
    whole_fix,
)
from badge.inputs import (
    Assign,
    Battery,
    Boot,
    Cellular,
    ConfigPush,
    FirmwareOffer,
    GpsFix,
    Input,
    Movement,
    ScanResult,
    Tick,
    Unassign,
    UploadAnswer,
    UtcLearned,
)
from badge.storage.geometry import Geometry

VALUES = 7
JSON_BYTES = 4 << 20
_ENDS = 65_536


@dataclass(slots=True)
class InputColumns:
    """Inputs in columns: `kinds` (host.h's numbers), `moments` in ms, seven `values` each.

    A fix: lat and lon in micro-degrees, accuracy in decimetres, 1000 HDOP, height in decimetres,
    speed in tenths of km/h (`UNKNOWN` where not given), and the place of its type.  A scan: where
    its tags begin in `heard` (six bytes of MAC and a signed byte of dBm each), and how many.  Texts
    lie in `texts`: where they begin, and how many bytes they have.
    """

    kinds: array[int] = field(default_factory=lambda: array("B"))
    moments: array[int] = field(default_factory=lambda: array("q"))
    values: array[int] = field(default_factory=lambda: array("i"))
    heard: bytearray = field(default_factory=bytearray)
    texts: bytearray = field(default_factory=bytearray)

    def __len__(self) -> int:
        return len(self.kinds)

    def add(self, ms: int, what: Input, uere_m: float = 3.0) -> None:
        """Append one input; a 207 has no place here, an answer is to the batch in flight."""
        kind, write = _KINDS[type(what)]
        values = write(self, what, uere_m)
        self.kinds.append(kind)
        self.moments.append(ms)
        self.values.extend((*values, *[0] * (VALUES - len(values))))

    def _text(self, text: str | bytes) -> tuple[int, int]:
        content = text.encode() if isinstance(text, str) else text
        start = len(self.texts)
        self.texts += content
        return start, len(content)


def columns(inputs: Iterable[tuple[int, Input]]) -> InputColumns:
    """Return inputs, each with its moment, in columns."""
    found = InputColumns()
    for ms, what in inputs:
        found.add(ms, what)
    return found


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a block: `inputs` (the answers included), `events` logged, and the bytes: bodies
    of batches, or lines of events.
    """

    inputs: int
    events: int
    pieces: list[bytes]


class CBlockBadge:
    """One badge in C, its flash in memory; batches are answered at once (202) unless told not to.

    With `lines` it hands out events as lines of JSON as they are logged, else bodies of batches.
    """

    def __init__(
        self,
        config: BadgeConfig,
        firmware_version: str = "0.1.0",
        *,
        answer_status: int = 202,
        lines: bool = False,
        geometry: Geometry | None = None,
    ) -> None:
        places = 2 * config.queue_events_max + 1024
        settings = to_json(config.document())
        chosen = geometry or Geometry()
        self._host = CHost(settings, firmware_version, chosen, places, issued_bytes=0)
        ffi = self._host.ffi
        self._block = ffi.new("struct host_block *")
        self._json, self._ends = ffi.new("uint8_t[]", JSON_BYTES), ffi.new("uint64_t[]", _ENDS)
        self._block.answer_status, self._block.lines = answer_status, lines
        self._block.json, self._block.json_size = self._json, JSON_BYTES
        self._block.ends, self._block.ends_size = self._ends, _ENDS

    def take(self, given: InputColumns) -> Taken:
        """Take all inputs of a block, in order; `MisuseError` as `badge.Badge.receive` has it."""
        inputs = events = at = 0
        pieces: list[bytes] = []
        while at < len(given):
            at += self._run(given, at)
            inputs += self._block.inputs
            events += self._block.events
            pieces += self._pieces()
            if self._block.result:
                raise MisuseError(f"input {at - 1}: {REFUSALS[self._block.result]}")
        return Taken(inputs, events, pieces)

    def _run(self, given: InputColumns, at: int) -> int:
        ffi, block = self._host.ffi, self._block
        kinds, moments = ffi.from_buffer("uint8_t[]", given.kinds), given.moments
        values = ffi.from_buffer("int32_t[]", given.values)
        moments = ffi.from_buffer("int64_t[]", given.moments)
        heard, texts = ffi.from_buffer(given.heard), ffi.from_buffer("char[]", given.texts)
        block.count = len(given) - at
        block.kinds, block.moments, block.values = kinds + at, moments + at, values + VALUES * at
        block.heard, block.texts = ffi.cast("uint8_t *", heard), texts
        block.json_bytes = block.events = block.inputs = block.ends_count = 0
        return int(self._host.lib.host_run(self._host.pointer, block))

    def _pieces(self) -> list[bytes]:
        written = bytes(self._host.ffi.buffer(self._json, self._block.json_bytes))
        if self._block.lines:
            return [written] if written else []
        ends = [0, *self._ends[0 : self._block.ends_count]]
        return [written[start:end] for start, end in pairwise(ends)]

    @property
    def store(self) -> CStore:
        """Where the events wait, to be looked at."""
        return CStore(self._host)


def _nothing(to: InputColumns, what: Any, uere_m: float) -> tuple[int, ...]:
    return ()


def _utc(to: InputColumns, what: UtcLearned, uere_m: float) -> tuple[int, ...]:
    halves = what.unix_ms.to_bytes(8, "little", signed=True)
    return tuple(int.from_bytes(halves[n : n + 4], "little", signed=True) for n in (0, 4))


def _assign(to: InputColumns, what: Assign, uere_m: float) -> tuple[int, ...]:
    return (*to._text(what.worker_id), *to._text(what.assigned_by or ""))


def _scan(to: InputColumns, what: ScanResult, uere_m: float) -> tuple[int, ...]:
    heard, start = heard_bytes(what.heard), len(to.heard) // VALUES
    to.heard += heard
    return start, len(heard) // VALUES


def _battery(to: InputColumns, what: Battery, uere_m: float) -> tuple[int, ...]:
    return what.pct, UNKNOWN if what.voltage_mv is None else what.voltage_mv


def _answer(to: InputColumns, what: UploadAnswer, uere_m: float) -> tuple[int, ...]:
    status = UNKNOWN if what.status is None else what.status
    return status, what.retry_after_s, what.code == "schema_deprecated"


_KINDS: Mapping[type, tuple[int, Callable[[InputColumns, Any, float], tuple[int, ...]]]] = {
    Boot: (0, lambda to, what, uere_m: (REBOOT_REASONS.index(what.reason),)),
    Tick: (1, _nothing),
    UtcLearned: (2, _utc),
    Assign: (3, _assign),
    Unassign: (4, _nothing),
    GpsFix: (
        5,
        lambda to, what, uere_m: (*whole_fix(what, uere_m), FIX_TYPES.index(what.fix_type)),
    ),
    ScanResult: (6, _scan),
    Movement: (7, lambda to, what, uere_m: (what.moving,)),
    Battery: (8, _battery),
    Cellular: (9, lambda to, what, uere_m: (what.connected,)),
    UploadAnswer: (10, _answer),
    ConfigPush: (11, lambda to, what, uere_m: to._text(to_json(dict(what.document)))),
    FirmwareOffer: (12, lambda to, what, uere_m: to._text(what.version)),
}
