"""One line from a card: is it the answer, and is it sound?"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from zlib import crc32

_TAIL = re.compile(rb'(,?)\s*"crc":"([0-9A-Fa-f]{1,8}):([0-9A-Fa-f]{8})"\}\s*$')


class DamagedLineError(ValueError):
    """A line that noise has changed; the card may be asked again."""


@dataclass(frozen=True, slots=True)
class Line:
    """A sound line: its members without `crc`, and the request number it answers, if it says."""

    members: dict[str, Any]
    sequence: int | None

    @property
    def err(self) -> str:
        """The error text, or nothing."""
        return str(self.members.get("err", ""))

    @property
    def heartbeat(self) -> bool:
        """Whether it only says that the card is still busy."""
        return "{heartbeat}" in self.err


def read_line(raw: bytes) -> Line | None:
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
        members = json.loads(text)
    except (ValueError, RecursionError):
        raise DamagedLineError("the answer is not JSON") from None
    if not isinstance(members, dict):
        raise DamagedLineError("the answer is no JSON object")
    if tail is None:
        return Line(members, None)
    members.pop("crc", None)
    return Line(members, int(tail[2], 16))


def _body(text: bytes, tail: re.Match[bytes]) -> bytes:
    return text[: tail.start()].rstrip() + b"}"
