"""Seeded bugs in the journal, each as small as the slip of a tired afternoon."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from badge.effects import Effect, Erase
from badge.entry import Entry
from badge.storage import codec, config_slots, record, recovery
from badge.storage import page as reading
from badge.storage.codec import Carried, Checkpoint, ReleaseBody
from badge.storage.geometry import Geometry
from badge.storage.journal import FlashJournal
from badge.storage.record import RecordKind, size_of
from badge.storage.store import Recovered, State
from tests.canaries.hunt import Canary, patched

_right_write = config_slots.write
_right_load = config_slots._load
_right_log = recovery.read_log


class _NoRelocation(FlashJournal):
    def _free_ahead(self) -> None:
        pass


class _HalfRelocation(FlashJournal):
    def _bodies(self, numbers: Mapping[int, int]) -> list[tuple[int, bytes]]:
        waiting = {entry.sequence_number for entry in self.queue.entries}
        return [item for item in super()._bodies(numbers) if item[0] in waiting]


class _NumberAfterEvent(FlashJournal):
    def append(self, entry: Entry, state: State) -> Sequence[Effect]:
        effects = super().append(entry, state)
        return (*effects, *self.save_age(entry.age_ms))


def _forgetful_event(self: reading.Reading, generation: int, line: reading.RecordLine) -> None:
    following = self.next_sequence
    _right_event(self, generation, line)
    self.next_sequence = following


_right_event = reading.Reading._event


class _NothingCarried(FlashJournal):
    def _write_boot(self, void_from: int, carried: Carried) -> None:
        super()._write_boot(void_from, ())


class _NothingVoid(FlashJournal):
    def _write_boot(self, void_from: int, carried: Carried) -> None:
        super()._write_boot(2**63, carried)


class _NoBootRecord(FlashJournal):
    def _write_boot(self, void_from: int, carried: Carried) -> None:
        pass


class _FloorForgotten(FlashJournal):
    def append(self, entry: Entry, state: State) -> Sequence[Effect]:
        self._reserve(size_of(codec.pack_event(codec.EventBody(entry, state))) + 24)
        self._make_room(0)
        return super().append(entry, state)


class _ReleaseForgotten(FlashJournal):
    def settle(self, through: int, rejected: Mapping[int, str]) -> Sequence[Effect]:
        for entry in self.queue.settle(through, rejected):
            self._bury(entry.sequence_number)
        return ()


class _RefusalForgotten(FlashJournal):
    def _program(self, kind: RecordKind, number: int, body: bytes) -> None:
        if kind is RecordKind.RELEASE:
            release = codec.read_body(kind, number, body)
            assert isinstance(release, ReleaseBody)
            body = codec.pack_release(release._replace(rejected={}))
        super()._program(kind, number, body)


class _EventBeforeRoom(FlashJournal):
    def append(self, entry: Entry, state: State) -> Sequence[Effect]:
        self._make_room(size_of(codec.pack_event(codec.EventBody(entry, state))) + 24)
        self.state = state
        self.queue.entries.append(entry)
        self.queue.next_sequence += 1
        self.age_ms = entry.age_ms
        queue = self.queue
        body = codec.EventBody(entry, state, queue.floor, queue.overflow_count)
        packed = codec.pack_event(body)
        self._reserve(size_of(packed))
        self._keep(entry.sequence_number, packed)
        return self._take_effects()


class _StampForgotten(FlashJournal):
    def stamp(self, offset_ms: int) -> tuple[Sequence[Effect], list[Entry]]:
        return (), self.queue.stamp(offset_ms)


class _StateForgotten(FlashJournal):
    def append(self, entry: Entry, state: State) -> Sequence[Effect]:
        self.state = state
        return super().append(entry, state)


class _AgeForgotten(FlashJournal):
    def save_age(self, age_ms: int) -> Sequence[Effect]:
        self.age_ms = age_ms
        return ()


class _MendForgotten(FlashJournal):
    def mend(self, address: int) -> Sequence[Effect]:
        return ()


class _LossSilent(FlashJournal):
    def recover(self) -> Recovered:
        found = super().recover()
        return Recovered(found.effects, (), ())


class _FavouritePage(FlashJournal):
    def _reserve(self, size: int) -> None:
        super()._reserve(size)
        again = Erase(self.geometry.page_address(0))
        if again in self._effects:
            self._effects.insert(self._effects.index(again), again)


class _ErasesTooEarly(FlashJournal):
    def _open_next(self, point: Checkpoint) -> None:
        super()._open_next(point)
        self._effects.append(Erase(self.geometry.page_address((self._head + 2) % 5)))


def _reads_twice(*arguments: Any) -> recovery.Log:
    _right_log(*arguments)
    return _right_log(*arguments)


def _header_first(
    document: Mapping[str, Any], version: int, geometry: Geometry
) -> tuple[Effect, ...]:
    effects = _right_write(document, version, geometry)
    erases = [effect for effect in effects if isinstance(effect, Erase)]
    rest = [effect for effect in effects if not isinstance(effect, Erase)]
    return (*erases, *rest[-2:], *rest[:-2])


def _same_slot(document: Mapping[str, Any], version: int, geometry: Geometry) -> tuple[Effect, ...]:
    return _right_write(document, version * 2, geometry)


def _unsalted(content: bytes, value: int = 0) -> int:
    return zlib.crc32(content)


def _always_right(content: bytes, value: int = 0) -> int:
    return 0


def _journal(make: type[FlashJournal]) -> Callable[[], AbstractContextManager[Any]]:
    return lambda: patched(make)


def _value(module: Any, name: str, value: Any) -> Callable[[], AbstractContextManager[Any]]:
    return lambda: patched(FlashJournal, (module, name, value))


def _number_after_event() -> AbstractContextManager[Any]:
    taking = {**reading._TAKE, RecordKind.EVENT: _forgetful_event}
    return patched(_NumberAfterEvent, (reading, "_TAKE", taking))


def _header_first_unchecked() -> AbstractContextManager[Any]:
    write = (config_slots, "write", _header_first)
    load = (config_slots, "_load", lambda content: _right_load(content) or {"broken": True})
    return patched(FlashJournal, write, load, (config_slots, "crc32", _always_right))


JOURNAL_CANARIES = (
    Canary(
        "no CRC", "J1 J2 J3 J8 state config chip", "cuts", _value(record, "crc32", _always_right)
    ),
    Canary(
        "CRC without place",
        "J1 J3 J4 J8 state quarantine",
        "cuts",
        _value(record, "crc32", _unsalted),
    ),
    Canary("erases too early", "J3 J6 quarantine", "cuts", _journal(_ErasesTooEarly)),
    Canary("copies after the erase", "J3 quarantine J8", "cuts", _journal(_NoRelocation)),
    Canary("refused events not copied", "quarantine", "cuts", _journal(_HalfRelocation)),
    Canary("number after the event", "J1", "cuts", _number_after_event),
    Canary("weak record not carried", "J3 J8 quarantine", "cuts", _journal(_NothingCarried)),
    Canary(
        "torn record not void", "J1 J2 J3 J4 state quarantine", "nested", _journal(_NothingVoid)
    ),
    Canary("no boot record", "J1 J2 J3 J8 chip state", "cuts", _journal(_NoBootRecord)),
    Canary("no gap behind a tear", "chip", "cuts", _value(recovery, "TEAR_GAP_BYTES", 0)),
    Canary("no number skipped", "J1", "rot", _value(recovery, "SEQUENCE_RESERVE", 0)),
    Canary("thousand numbers skipped", "J2", "cuts", _value(recovery, "SEQUENCE_RESERVE", 1000)),
    Canary("dropped events come back", "J4 J8 overflow", "cuts", _journal(_FloorForgotten)),
    Canary("release not written", "J4", "cuts", _journal(_ReleaseForgotten)),
    Canary("refusal not written", "quarantine", "cuts", _journal(_RefusalForgotten)),
    Canary("appended before room", "J2 J3 J8", "cuts", _journal(_EventBeforeRoom), seed=4),
    Canary("stamp not written", "J3 quarantine", "cuts", _journal(_StampForgotten)),
    Canary("state not written", "state", "cuts", _journal(_StateForgotten)),
    Canary("clock not written", "state", "cuts", _journal(_AgeForgotten)),
    Canary("write not mended", "J1 J3 J8 state", "writes", _journal(_MendForgotten)),
    Canary("loss not reported", "J8", "rot", _journal(_LossSilent)),
    Canary("one page worn", "J7", "cuts", _journal(_FavouritePage)),
    Canary("flash read twice", "J6", "cuts", _value(recovery, "read_log", _reads_twice)),
    Canary("config header first", "config", "cuts", _header_first_unchecked),
    Canary("config in one slot", "config", "cuts", _value(config_slots, "write", _same_slot)),
)
