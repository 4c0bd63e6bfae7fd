"""The pushed configuration in two flash slots: a new one never touches the present one.

A slot starts with eight places for copies of its header.  The first copy, written after the
document, makes it count; the second, right behind it, proves that the first is not weak.  A boot
that finds no such pair writes one, a place further on, where no cut-off write can have been.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from struct import Struct
from typing import Any, NamedTuple
from zlib import crc32

import cbor2

from badge.effects import Effect, Erase, Notice, Program
from badge.errors import InputError
from badge.ports import FlashReader
from badge.storage.geometry import CONFIG_BYTES_MAX, Geometry

_HEADER = Struct("<4sIII")  # magic, version, length, CRC-32 of the document
_MAGIC = b"BCFG"
# Two for the push, and two for each of three boots in a row that a cut may strike.
_COPIES = 8
_START = _COPIES * _HEADER.size
_BLANK = b"\xff"
_TRIES = 3  # the other slot holds a good one: no need to wear this one out


@dataclass(frozen=True, slots=True)
class StoredConfig:
    """The configuration in force and its version (None, 0: none), and what a boot has to write."""

    version: int
    document: Mapping[str, Any] | None
    effects: tuple[Effect, ...] = ()


class ConfigSlots:
    """The configuration in force, and the writing of the next one into the other slot."""

    def __init__(self, geometry: Geometry) -> None:
        self.document: Mapping[str, Any] | None = None
        self._geometry = geometry
        self._version = 0
        self._faults = 0
        self._faulty = False

    def recover(self, flash: FlashReader) -> tuple[Effect, ...]:
        """Read both slots; return what a boot has to write."""
        stored = read(flash, self._geometry)
        self._version, self.document = stored.version, stored.document
        return stored.effects

    def save(self, document: Mapping[str, Any]) -> tuple[Effect, ...]:
        """Return the effects that write it; `InputError` if it is too large for a slot."""
        effects = write(document, self._version + 1, self._geometry)
        self._version += 1
        self._faults, self._faulty = 0, False
        self.document = dict(document)
        return effects

    def put_off(self) -> tuple[Effect, ...]:
        """Leave a faulty slot until the pump has performed what it still holds for it."""
        self._faulty = True
        return ()

    def retry(self) -> tuple[Effect, ...]:
        """Write once more what did not read back: into the same slot, the other is good."""
        if not self._faulty or self.document is None:
            return ()
        self._faulty = False
        self._faults += 1
        if self._faults > _TRIES:
            return (Notice("flash_worn", "flash did not keep the configuration that was pushed"),)
        # By two: its parity names the slot, and it must outrank the half-written one.
        self._version += 2
        return write(self.document, self._version, self._geometry)


class _Slot(NamedTuple):
    start: int
    version: int
    document: Mapping[str, Any] | None
    header: bytes
    area: bytes

    @property
    def wrecked(self) -> bool:
        """A header was begun, or half erased, and there is no configuration."""
        return self.document is None and self.area.strip(_BLANK) != b""

    def confirmation(self) -> tuple[Effect, ...]:
        """Write two more copies unless one is known to be complete: something follows it."""
        size = _HEADER.size
        at = self.area.find(self.header)
        while at >= 0:
            if self.area[at + size : at + 2 * size].strip(_BLANK):
                return ()
            at = self.area.find(self.header, at + size)
        # The place behind the last visible one may have been begun, too.
        place = -(-len(self.area.rstrip(_BLANK)) // size) + 1
        return _copies(self.start, self.header, place) if place + 1 < _COPIES else ()


def write(document: Mapping[str, Any], version: int, geometry: Geometry) -> tuple[Effect, ...]:
    """Return the effects that write a configuration; its header, written last, makes it count.

    Raises `InputError` if the document is larger than a slot.
    """
    # CBOR: a third smaller than JSON, and the journal needs it anyway.
    content = cbor2.dumps(dict(document))
    room = min(CONFIG_BYTES_MAX, geometry.config_pages * geometry.page_bytes) - _START
    if len(content) > room:
        raise InputError(f"config: {len(content)} bytes are too many for flash; {room} fit")
    # The version is the CRC's start: a header and a document of two pushes do not fit together.
    header = _HEADER.pack(_MAGIC, version, len(content), crc32(content, version))
    words = content + bytes(-len(content) % 4)
    start = geometry.slot_address(version % 2)
    size, end = geometry.page_bytes, _START + len(words)
    # All erased before a byte is written: the slot is void in between, the other one in force.
    erases = [Erase(start + at) for at in range(0, end, size)]
    cuts = [_START, *range(size, end, size), end]
    chunks = [
        Program(start + first, words[first - _START : last - _START])
        for first, last in pairwise(cuts)
    ]
    return (*erases, *chunks, *_copies(start, header, 0))


def _copies(start: int, header: bytes, place: int) -> tuple[Effect, ...]:
    size = _HEADER.size
    return tuple(Program(start + size * at, header) for at in (place, place + 1))


def read(flash: FlashReader, geometry: Geometry) -> StoredConfig:
    """Return the newest whole configuration; a slot that a cut left half written is wiped."""
    slots = [_read_slot(flash, geometry, slot) for slot in (0, 1)]
    # An unreadable slot has version 0, and loses to any.
    newest = max(slots, key=lambda slot: slot.version)
    effects: list[Effect] = []
    for slot in slots:
        if slot.wrecked:
            effects.append(Erase(slot.start))
            effects.append(Notice("flash_damage", _WRECKED.format(newest.version)))
    if newest.document is not None:
        effects += newest.confirmation()
    return StoredConfig(newest.version, newest.document, tuple(effects))


_WRECKED = (
    "a configuration in flash was cut off while it was written, or has rotted; "
    "version {} is in force"
)


def _read_slot(flash: FlashReader, geometry: Geometry, slot: int) -> _Slot:
    """Read a slot; its document at most once for each different header."""
    start, size = geometry.slot_address(slot), _HEADER.size
    area = flash.read(start, _START)
    tried: set[bytes] = set()
    for at in range(0, _START, size):
        header = area[at : at + size]
        magic, version, length, crc = _HEADER.unpack(header)
        if (
            header in tried
            or magic != _MAGIC
            or length > geometry.config_pages * geometry.page_bytes - _START
        ):
            continue
        tried.add(header)
        content = flash.read(start + _START, length)
        document = _load(content) if crc32(content, version) == crc else None
        if document is not None:
            return _Slot(start, version, document, header, area)
    return _Slot(start, 0, None, b"", area)


def _load(content: bytes) -> Mapping[str, Any] | None:
    try:
        document = cbor2.loads(content)
    except (ValueError, TypeError, EOFError, cbor2.CBORDecodeError):
        return None
    return document if isinstance(document, dict) else None
