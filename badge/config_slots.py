"""The pushed configuration in two flash slots: a new one never touches the present one."""

from __future__ import annotations

from collections.abc import Mapping
from struct import Struct
from typing import Any, Protocol
from zlib import crc32

import cbor2

from badge.effects import Effect, Erase, Program
from badge.errors import InputError
from badge.geometry import CONFIG_BYTES_MAX, Geometry

_HEADER = Struct("<4sIII")  # magic, version, length, CRC-32 of the document
_MAGIC = b"BCFG"


class _Reader(Protocol):
    def read(self, address: int, length: int) -> bytes: ...


def write(document: Mapping[str, Any], version: int, geometry: Geometry) -> tuple[Effect, ...]:
    """Return the effects that write a configuration; its header, written last, makes it count.

    Raises `InputError` if the document is larger than a slot.
    """
    content = cbor2.dumps(dict(document))
    room = min(CONFIG_BYTES_MAX, geometry.config_pages * geometry.page_bytes) - _HEADER.size
    if len(content) > room:
        raise InputError(f"config: {len(content)} bytes are too many for flash; {room} fit")
    header = _HEADER.pack(_MAGIC, version, len(content), crc32(content, version))
    words = content + bytes(-len(content) % 4)
    start = geometry.slot_address(version % 2)
    size = geometry.page_bytes
    used = -(-(_HEADER.size + len(words)) // size)
    erases = [Erase(start + page * size) for page in range(used)]
    chunks = [
        Program(start + at, (bytes(_HEADER.size) + words)[at : at + size])
        for at in range(0, _HEADER.size + len(words), size)
    ]
    first = Program(start + _HEADER.size, chunks[0].content[_HEADER.size :])
    return (*erases, first, *chunks[1:], Program(start, header))


def read(flash: _Reader, geometry: Geometry) -> tuple[int, Mapping[str, Any] | None]:
    """Return the newest whole configuration and its version; (0, None) if there is none."""
    newest: tuple[int, Mapping[str, Any] | None] = (0, None)
    for slot in (0, 1):
        found = _read_slot(flash, geometry, slot)
        if found is not None and found[0] > newest[0]:
            newest = found
    return newest


def _read_slot(
    flash: _Reader, geometry: Geometry, slot: int
) -> tuple[int, Mapping[str, Any]] | None:
    start = geometry.slot_address(slot)
    magic, version, length, crc = _HEADER.unpack(flash.read(start, _HEADER.size))
    if magic != _MAGIC or length > geometry.config_pages * geometry.page_bytes - _HEADER.size:
        return None
    content = flash.read(start + _HEADER.size, length)
    if crc32(content, version) != crc:
        return None
    try:
        document = cbor2.loads(content)
    except (ValueError, EOFError, cbor2.CBORDecodeError):
        return None
    return (version, document) if isinstance(document, dict) else None
