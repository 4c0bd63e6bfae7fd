"""The bytes of one flash record, and the search for records in a page that may be damaged.

Layout, little-endian: kind u8, format u8, body length u16, number u64, body (CBOR), zeros up to a
word, CRC-32 over all of it.  The CRC starts from the page's generation, so that what a torn erase
left of an older lap never passes for new.
"""

from __future__ import annotations

import re
from enum import IntEnum
from struct import Struct
from typing import NamedTuple
from zlib import crc32

WORD_BYTES = 4
FORMAT = 1
_HEADER = Struct("<BBHQ")
_CRC_BYTES = 4
_SMALLEST = _HEADER.size + _CRC_BYTES
_CANDIDATE = re.compile(rb"[\x01-\x06]\x01", re.DOTALL)


class Kind(IntEnum):
    """What a record says; `number` means the thing in brackets."""

    CHECKPOINT = 1  # all that is not an event (the page's generation)
    EVENT = 2  # one event (its sequence number)
    RELEASE = 3  # settled events, and which of them were refused (the highest settled number)
    STAMP = 4  # the time of day of events that lacked it (the highest number concerned)
    AGE = 5  # the lifetime clock (milliseconds)
    STATE = 6  # the state changed without an event (0)


class Record(NamedTuple):
    """A record whose CRC is right, and where it lies in its page."""

    kind: int
    number: int
    body: bytes
    offset: int
    end: int


class Scan(NamedTuple):
    """What a page holds: its good records, the stretches that are neither good nor blank, and
    the offset after its last byte that is not blank.
    """

    records: list[Record]
    damaged: list[tuple[int, int]]
    end: int


def size_of(body: bytes) -> int:
    """Return the bytes that a record with this body takes in flash."""
    length = _HEADER.size + len(body)
    return length + -length % WORD_BYTES + _CRC_BYTES


def encode(kind: int, number: int, body: bytes, generation: int) -> bytes:
    """Return a record as flash words."""
    words = _HEADER.pack(kind, FORMAT, len(body), number) + body
    words += bytes(-len(words) % WORD_BYTES)
    return words + crc32(words, generation & 0xFFFFFFFF).to_bytes(_CRC_BYTES, "little")


def decode(page: bytes, offset: int, generation: int) -> Record | None:
    """Return the record at this offset, or None if there is no whole one."""
    if offset + _SMALLEST > len(page):
        return None
    kind, form, length, number = _HEADER.unpack_from(page, offset)
    at = offset + _HEADER.size
    crc_at = at + length + -length % WORD_BYTES
    if form != FORMAT or crc_at + _CRC_BYTES > len(page):
        return None
    end = crc_at + _CRC_BYTES
    if crc32(page[offset:crc_at], generation & 0xFFFFFFFF) != int.from_bytes(
        page[crc_at:end], "little"
    ):
        return None
    return Record(kind, number, page[at : at + length], offset, end)


def scan(page: bytes, start: int, generation: int) -> Scan:
    """Find every good record from `start` on; go on behind damage at the next word that fits."""
    records: list[Record] = []
    damaged: list[tuple[int, int]] = []
    end = max(start, len(page.rstrip(b"\xff")))
    offset = start
    while offset < end:
        record = decode(page, offset, generation)
        if record is None:
            following = _next_record(page, offset + WORD_BYTES, end, generation)
            damaged.append((offset, following.offset if following else end))
            if following is None:
                break
            record = following
        records.append(record)
        offset = record.end
    return Scan(records, damaged, end)


def _next_record(page: bytes, start: int, end: int, generation: int) -> Record | None:
    for match in _CANDIDATE.finditer(page, start, end):
        if match.start() % WORD_BYTES == 0:
            record = decode(page, match.start(), generation)
            if record is not None:
                return record
    return None
