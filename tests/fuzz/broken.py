"""Readers that fail in every way that the fuzzer has to see."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from badge.errors import InputError
from tests.fuzz.mutate import octets
from tests.fuzz.reader import Reader, directly

SEED = b"0123456789"


def _fails(fail: Callable[[], object]) -> Callable[[bytes], object]:
    """Read whatever begins as the seed does, and fail at the rest."""
    return lambda content: None if content[:1] == SEED[:1] else fail()


def _raises() -> None:
    raise KeyError("a place that is not there")


def _hangs() -> None:
    until_s = time.process_time() + 60
    while time.process_time() < until_s:
        pass


def _eats() -> object:
    return b"x" * (700 << 20)


def _refuses(content: bytes) -> None:
    raise InputError("nothing is right for it")


def _reader(name: str, fail: Callable[[], object]) -> Reader:
    return Reader(name, lambda _: [SEED], directly(_fails(fail)), octets)


READERS = {
    "raises": _reader("raises", _raises),
    "hangs": _reader("hangs", _hangs),
    "eats": _reader("eats", _eats),
    "ends": _reader("ends", lambda: os._exit(9)),
    "prints": _reader("prints", lambda: print("\x1b[2J")),
    "sound": _reader("sound", lambda: None),
    "wrong seed": Reader("wrong seed", lambda _: [SEED], directly(_refuses), octets),
}
