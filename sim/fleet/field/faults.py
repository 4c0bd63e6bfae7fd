"""What goes wrong on purpose between a badge and its backend, drawn alike in every run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Literal, get_args

from pydantic_core import to_json

from badge.contract.documents import parse
from badge.errors import InputError
from badge.words import near

WayFault = Literal["lose-answer", "duplicate", "corrupt", "late", "reorder"]
WAY_FAULTS: tuple[WayFault, ...] = get_args(WayFault)
USUAL_SHARE = 0.1
LATE_MS = 600_000  # a badge gives up after two minutes and soon sends again: this comes after that
_BYTE = b"\xff"  # stands nowhere in UTF-8, so no reader may take what has it
_SCALE = float(1 << 64)


@dataclass(slots=True)
class FaultsOnTheWay:
    """Which upload of a badge meets which fault: of every kind the share that was asked for.

    It is drawn from the run's seed, the badge and the number of its upload, so that the same run
    meets the same faults at any speed, with any processes.
    """

    shares: Mapping[str, float]
    seed: int
    _uploads: Counter[str] = field(default_factory=Counter)

    def next(self, device_id: str) -> WayFault | None:
        """Draw for the next upload of a badge."""
        self._uploads[device_id] += 1
        words = f"{self.seed}/{device_id}/{self._uploads[device_id]}"
        drawn = int.from_bytes(blake2b(words.encode(), digest_size=8).digest()) / _SCALE
        for name in WAY_FAULTS:
            share = self.shares.get(name, 0.0)
            if drawn < share:
                return name
            drawn -= share
        return None


def corrupted(body: bytes) -> bytes:
    """A body with one byte that no reader may take."""
    middle = len(body) // 2
    return body[:middle] + _BYTE + body[middle + 1 :]


def reordered(body: bytes) -> bytes:
    """The same events, the last one first."""
    events: list[Any] = parse(body)
    return to_json(events[::-1])


def read_faults(words: tuple[str, ...]) -> dict[str, float]:
    """Read `NAME` or `NAME=SHARE`; InputError for another name, share, or more than all."""
    shares: dict[str, float] = {}
    for word in words:
        name, mark, text = word.partition("=")
        if name not in WAY_FAULTS:
            choices = f"{', '.join(WAY_FAULTS)}{near(name, WAY_FAULTS)}"
            raise InputError(f"--fault {word}: choose one of {choices}")
        try:
            share = float(text) if mark else USUAL_SHARE
        except ValueError:
            share = -1.0
        if not 0 < share <= 1:
            raise InputError(f"--fault {word}: the share of uploads is above 0 and at most 1")
        shares[name] = share
    if sum(shares.values()) > 1:
        raise InputError("--fault: the shares make more than all uploads; an upload has one fault")
    return shares
