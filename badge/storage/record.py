"""The bytes of one flash record, and the search for records in a page that may be damaged.

Layout, little-endian: kind u8, format u8, body length u16, number u64, body (CBOR), zeros up to a
word, CRC-32 over all of it.  The CRC starts from the record's position in the log (generation
times page size plus offset), so that neither what a torn erase left of an older lap nor a write
that went astray ever passes for what belongs there.
"""

from __future__ import annotations

import re
from enum import IntEnum
from struct import Struct
from typing import NamedTuple
from zlib import crc32

from badge.storage.crc_repair import flipped_bit

WORD_BYTES = 4
FORMAT = 1
_HEADER = Struct("<BBHQ")
_CRC_BYTES = 4
_SMALLEST = _HEADER.size + _CRC_BYTES
# Kind and format in their two bytes: the rest of a damaged page is passed over at C speed.
_CANDIDATE = re.compile(rb"(?=[\x01-\x07]\x01)")  # ahead only: two may overlap
_MASK = 0xFFFFFFFF


class RecordKind(IntEnum):
    """What a record says; `number` means the thing in brackets."""

    CHECKPOINT = 1  # opens a page: all that is not an event (the page's generation)
    EVENT = 2  # one event (its sequence number)
    RELEASE = 3  # settled events, and which of them were refused (the highest settled number)
    STAMP = 4  # the time of day of events that lacked it (the highest number concerned)
    AGE = 5  # the lifetime clock (milliseconds)
    STATE = 6  # the state changed without an event (0)
    BOOT = 7  # a boot's checkpoint, and where the log before it ends (that position)


_KINDS = frozenset(int(kind) for kind in RecordKind)


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


def encode(kind: int, number: int, body: bytes, position: int) -> bytes:
    """Return a record as flash words, good at this position of the log only."""
    words = _HEADER.pack(kind, FORMAT, len(body), number) + body
    words += bytes(-len(words) % WORD_BYTES)
    return words + crc32(words, position & _MASK).to_bytes(_CRC_BYTES, "little")


def decode(page: bytes, offset: int, generation: int) -> Record | None:
    """Return the record at this offset, or None if there is no whole one."""
    if offset + _SMALLEST > len(page):
        return None
    kind, form, length, number = _HEADER.unpack_from(page, offset)
    at = offset + _HEADER.size
    crc_at = at + length + -length % WORD_BYTES
    end = crc_at + _CRC_BYTES
    # Cheap checks first: nearly all offsets of a damaged page fail them, and need no CRC.
    if form != FORMAT or kind not in _KINDS or end > len(page):
        return None
    # The position as the CRC's start: an older lap's record and a stray write are no records.
    salt = (generation * len(page) + offset) & _MASK
    if crc32(page[offset:crc_at], salt) != int.from_bytes(page[crc_at:end], "little"):
        return None
    return Record(kind, number, page[at : at + length], offset, end)


def scan(page: bytes, start: int, generation: int) -> Scan:
    """Find every good record from `start` on; go on behind damage at the next word that fits.

    One flipped bit in a record is put right, be it the last of the page or not.
    """
    records: list[Record] = []
    damaged: list[tuple[int, int]] = []
    end = max(start, len(page.rstrip(b"\xff")))
    offset = start
    while offset < end:
        record = decode(page, offset, generation)
        if record is None:
            following = _next_record(page, offset + WORD_BYTES, end, generation)
            # Up to the next good record; all between the two is one stretch of damage.
            stop = following.offset if following else end
            if page[offset:stop].strip(b"\xff"):
                repaired = _repair(page, offset, stop + -stop % WORD_BYTES, generation)
                if repaired is None:
                    damaged.append((offset, stop))
                else:
                    records.append(repaired)
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


def _repair(page: bytes, start: int, end: int, generation: int) -> Record | None:
    """Return the record that fills a damaged stretch exactly but for one flipped bit.

    CRC-32 tells any two records of a page's size apart by at least four bits, so that one or two
    flipped bits are never taken for something else.
    """
    crc_at = end - _CRC_BYTES
    if crc_at < start + _HEADER.size:
        return None
    salt = (generation * len(page) + start) & _MASK
    stored = int.from_bytes(page[crc_at:end], "little")
    flip = flipped_bit(crc32(page[start:crc_at], salt) ^ stored, crc_at - start)
    if flip is None:
        return None
    attempt = bytearray(page)
    attempt[start + flip // 8] ^= 1 << flip % 8
    # Once more in full: the flip may have been in the length, and then another record ends here.
    record = decode(bytes(attempt), start, generation)
    return record if record is not None and record.end == end else None
