"""One line from a card: is it the answer, is it sound, and what does it say?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from zlib import crc32

from badge.contract.documents import parse
from badge.errors import InputError

_TAIL = re.compile(rb'(,?)\s*"crc":"([0-9A-Fa-f]{1,8}):([0-9A-Fa-f]{8})"\}\s*$')


class CardAnswer(dict[str, object]):
    """A card's answer without `crc`: a JSON object whose members may be absent or of any kind.

    What is absent or of another kind than asked for is None (or empty): a card of another
    firmware must not end the badge.
    """

    def text(self, name: str) -> str:
        """Return a text; empty if there is none."""
        found = self.get(name)
        return found if isinstance(found, str) else ""

    def whole(self, name: str) -> int | None:
        """Return a whole number."""
        found = self.get(name)
        return found if type(found) is int else None

    def number(self, name: str) -> float | None:
        """Return a number."""
        found = self.get(name)
        if isinstance(found, bool) or not isinstance(found, int | float):
            return None
        return float(found)


class DamagedLineError(ValueError):
    """A line that noise has changed; the card may be asked again."""


@dataclass(frozen=True, slots=True)
class CardLine:
    """A sound line: its members without `crc`, and the request number it answers, if it says."""

    members: CardAnswer
    sequence: int | None

    @property
    def err(self) -> str:
        """The error text, or nothing."""
        return self.members.text("err")

    @property
    def heartbeat(self) -> bool:
        """Whether it only says that the card is still busy."""
        return "{heartbeat}" in self.err


def read_line(raw: bytes) -> CardLine | None:
    """Read a line; None for an empty one.  `DamagedLineError` if it is no JSON object or its CRC
    is wrong.

    Noise before the first brace is passed over.  Only the last `crc` counts: an inner member of
    that name is somebody's data.  The CRC is of the text without it (note-c, n_request.c).
    """
    text = raw[max(raw.find(b"{"), 0) :].strip()
    if not text:
        return None
    tail = _TAIL.search(text)
    if tail is not None and crc32(_body(text, tail)) != int(tail[3], 16):
        raise DamagedLineError("the answer's CRC is wrong")
    try:
        members = parse(text)
    except InputError:
        raise DamagedLineError("the answer is not JSON") from None
    if not isinstance(members, dict):
        raise DamagedLineError("the answer is no JSON object")
    if tail is None:
        return CardLine(CardAnswer(members), None)
    members.pop("crc", None)
    return CardLine(CardAnswer(members), int(tail[2], 16))


def _body(text: bytes, tail: re.Match[bytes]) -> bytes:
    return text[: tail.start()].rstrip() + b"}"
