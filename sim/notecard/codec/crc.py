"""The ``"crc":"SSSS:CCCCCCCC"`` member: read from requests, written into replies.

CRC-32 (IEEE) over the text of the object as it was before the member was appended last.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from zlib import crc32

_TAIL = re.compile(rb'(,|\{)\s*"crc":"([0-9A-Fa-f]{1,8}):([0-9A-Fa-f]{1,8})"\s*\}$')
_TAIL_BYTES_MAX = 64  # 8 + 8 digits, the key, and some blanks: all that a client writes


@dataclass(frozen=True, slots=True)
class CrcTail:
    """The crc of one request: `key` tells a repeated request from a new one."""

    sequence: int
    good: bool
    key: bytes


def read_tail(line: bytes) -> CrcTail | None:
    """Find and verify the crc member that ends a trimmed request; None if there is none."""
    start = line.rfind(b'"crc":"')
    if start < 0 or len(line) - start > _TAIL_BYTES_MAX:
        return None
    found = _TAIL.search(line, max(0, start - _TAIL_BYTES_MAX))
    if found is None:
        return None
    separator, sequence, written = found.groups()
    before = line[: found.start()] + (b"}" if separator == b"," else b"{}")
    good = crc32(before) == int(written, 16)
    return CrcTail(int(sequence, 16), good, sequence + b":" + written)


def append_crc(text: bytes, sequence: int) -> bytes:
    """Write the member last into a reply object, upper-case, as the card does."""
    lead = b"{ " if text == b"{}" else text[:-1] + b","
    return lead + b'"crc":"%04X:%08X"}' % (sequence, crc32(text))
