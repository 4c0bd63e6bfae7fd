"""The sentences of an NMEA 0183 log, wherever they stand in its bytes.

Logs of strangers hold more than sentences: time stamps in front, quotes around, JSON, binary
messages between, a second `$` (ST Teseo), text behind the checksum (GnssLogger).  So a sentence is
found by what it is, not by its line: `$`, talker, kind, fields, and a checksum that is right.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

# The library ships no types; what comes out of it is checked field by field by the caller.
from pynmeagps import NMEAMessage, NMEAReader  # type: ignore[import-untyped]  # it ships no types

KINDS = ("GGA", "GNS", "RMC", "GLL", "ZDA", "GSA", "VTG")
"""What a track is made of: fixes, dates, dimension and speed."""

BAD_CHECKSUM = "with a wrong checksum"
CUT_OFF = "cut off or without a checksum"
UNREADABLE = "that cannot be read"

# IEC 61162-1 allows 82 characters; receivers write longer ones.
_LONGEST_SENTENCE = 512
_KIND = b"(?:" + b"|".join(kind.encode() for kind in KINDS) + b")"
# A talker is two letters; P stands for a proprietary sentence, whatever its other letters are.
_BEGIN = rb"\$(?!P)[A-Z]{2}" + _KIND + rb","
_SENTENCE = re.compile(_BEGIN + rb"[^$*\r\n]{0,%d}\*[0-9A-Fa-f]{2}" % _LONGEST_SENTENCE)
_BEGINNING = re.compile(_BEGIN)
# A comment (#) is printable text: in binary, an octet 0x23 begins nothing.
_COMMENT = re.compile(rb"^[ \t]*#[\t\x20-\x7e]*\r?$", re.MULTILINE)


class Sentences:
    """Iterates over the messages of the wanted kinds, in order; then the counts are whole."""

    def __init__(self, content: bytes, wanted: frozenset[str]) -> None:
        self._content = _COMMENT.sub(b"", content)
        self._wanted = frozenset(kind.encode() for kind in wanted)
        self.skipped: Counter[str] = Counter()
        self.total = 0
        lines = sum(1 for line in self._content.splitlines() if line.strip())
        self.passed_over = max(0, lines - self._content.count(b"$"))

    def __iter__(self) -> Iterator[NMEAMessage]:
        begun = sum(m[0][3:6] in self._wanted for m in _BEGINNING.finditer(self._content))
        whole = 0
        for match in _SENTENCE.finditer(self._content):
            if match[0][3:6] not in self._wanted:
                continue
            whole += 1
            message = _message(match[0])
            if isinstance(message, str):
                self.skipped[message] += 1
            else:
                yield message
        self.skipped[CUT_OFF] += begun - whole
        self.total = begun


@lru_cache(maxsize=256)
def _message(sentence: bytes) -> NMEAMessage | str:
    """The message, or what is wrong; the cache is for GSA, which repeats itself for minutes."""
    body, _, stated = sentence[1:].rpartition(b"*")
    checksum = 0
    for octet in body:
        checksum ^= octet
    if checksum != int(stated, 16):
        return BAD_CHECKSUM
    try:
        message = NMEAReader.parse(sentence)
    except Exception:  # a field of the wrong kind raises whatever its conversion raises
        return UNREADABLE
    return UNREADABLE if message is None else message
