"""Faults on demand: each kind strikes on a schedule or when armed, and counts its strikes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from badge.errors import InputError

# kind -> (what its parameter means, its default, what happens)
KINDS: dict[str, tuple[str, int, str]] = {
    "heartbeat": ("ms between them", 500, "a long request is announced by {heartbeat} replies"),
    "garbage": ("every n-th reply", 10, "noise bytes stand before the reply"),
    "stale": ("every n-th reply", 10, "an old line stands before the reply"),
    "corrupt-crc": ("every n-th reply", 10, "the crc of the reply is wrong"),
    "slow": ("ms", 2000, "every answer is that late"),
    "nack": ("every n-th transfer", 10, "a transfer is not acknowledged (I2C only)"),
    "brown-out": ("every n-th request", 10, "the card loses power: RAM gone, dark for 2 s"),
    "unplug": ("every n-th request", 10, "the cable is out for 3 s"),
    "penalty": ("s", 900, "network registration fails; the card sits in the penalty box"),
    "bad-bin": ("every n-th transfer", 2, "a binary payload arrives damaged: {bad-bin}"),
    "web-damage": ("every n-th request", 5, "what web.* sends is damaged on its way to Notehub"),
    "no-crc": ("unused", 0, "firmware from before June 2023: crc ignored"),
    "long-line": ("bytes", 8192, "a longer request line is refused: {too-big}"),
    "overrun": ("bytes", 1500, "what one burst brings beyond that is lost"),
}


@dataclass(slots=True)
class Faults:
    """Which faults are on.  `struck` counts what has happened, per kind."""

    params: dict[str, int] = field(default_factory=dict)
    struck: Counter[str] = field(default_factory=Counter)
    _armed: Counter[str] = field(default_factory=Counter)
    _asked: Counter[str] = field(default_factory=Counter)

    def on(self, kind: str) -> bool:
        """Whether a lasting fault is switched on."""
        return kind in self.params

    def param(self, kind: str) -> int:
        """The parameter of a fault, given or default."""
        return self.params.get(kind, KINDS[kind][1])

    def arm(self, kind: str, times: int = 1) -> None:
        """Let a fault strike on the next `times` occasions, whatever its schedule."""
        _known(kind)
        self._armed[kind] += times

    def strikes(self, kind: str) -> bool:
        """Ask on each occasion: True if it strikes now, which is then counted."""
        self._asked[kind] += 1
        due = self.on(kind) and self._asked[kind] % max(1, self.param(kind)) == 0
        if self._armed[kind] > 0:
            self._armed[kind] -= 1
            due = True
        return self.count(kind) if due else False

    def lasts(self, kind: str) -> bool:
        """Ask for a fault that is on or armed for this one occasion; it is counted."""
        if self._armed[kind] > 0:
            self._armed[kind] -= 1
            return self.count(kind)
        return self.on(kind) and self.count(kind)

    def count(self, kind: str) -> bool:
        """Note that a fault has struck."""
        self.struck[kind] += 1
        return True


def _known(kind: str) -> None:
    if kind not in KINDS:
        raise InputError(f"fault {kind!r} is not known; one of: {', '.join(KINDS)}")


def parse_faults(words: tuple[str, ...]) -> Faults:
    """Read ``KIND`` or ``KIND:PARAM`` words; InputError names the wrong one."""
    params: dict[str, int] = {}
    for word in words:
        kind, _, param = word.partition(":")
        _known(kind)
        if param and not (param.isdecimal() and param.isascii() and len(param) < 10):
            raise InputError(f"fault {word!r}: {param!r} is not a whole number; try {kind}:10")
        params[kind] = int(param) if param else KINDS[kind][1]
    return Faults(params)
