"""Effects of the C core: items on a tape of bytes, read as the effects of `badge.effects`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from struct import Struct
from typing import Any

import cbor2

from badge.contract.events import EVENT_TYPES
from badge.effects import (
    Draw,
    Effect,
    Erase,
    Logged,
    Notice,
    PollGps,
    PowerGps,
    PowerOff,
    PowerScanner,
    Program,
    Reboot,
    Screen,
    ScreenState,
    StartScan,
    Upload,
)
from badge.entry import Entry, timestamp
from badge.host.core.whole import UNKNOWN

_ITEM = Struct("<II")
_WORD = Struct("<I")
_ONE, _THREE, _FOUR, _EIGHT, _NINE = (Struct(f"<{count}q") for count in (1, 3, 4, 8, 9))
_SCREENS: tuple[ScreenState, ...] = ("UNASSIGNED", "ACTIVE", "SHIFT_END", "OFF")
_NUMBERS_MAX = 1_000_000  # more events than any queue holds
_ABOUTS = (
    "config_applied",
    "config_rejected",
    "needs_firmware",
    "quarantined",
    "overflow",
    "firmware_kept",
    "firmware_refused",
    "firmware_reverted",
    "flash_damage",
    "flash_unfinished",
    "flash_worn",
)


def read_tape(tape: bytes) -> Iterator[Effect]:
    """Yield the effects on a tape, in order."""
    at = 0
    while at < len(tape):
        kind, size = _ITEM.unpack_from(tape, at)
        at += _ITEM.size
        yield _READERS[kind](tape[at : at + size])
        at += size


def read_event(item: bytes) -> tuple[Entry, str]:
    """Return a logged event, and why it was refused if it was."""
    number, age_ms, unix_ms, kind, has_unix, version, payload, _ = _EIGHT.unpack_from(item)
    at = _EIGHT.size
    words = item[at : at + version].decode()
    at += version
    entry = Entry(
        number,
        EVENT_TYPES[kind],
        cbor2.loads(item[at : at + payload]),
        words,
        age_ms,
        unix_ms if has_unix else None,
    )
    return entry, item[at + payload :].decode()


def read_one_event(tape: bytes) -> tuple[Entry, str]:
    """Return the event that is alone on a tape, and why it was refused if it was."""
    return read_event(tape[_ITEM.size :])


def _program(item: bytes) -> Effect:
    return Program(_WORD.unpack_from(item)[0], item[_WORD.size :])


def _erase(item: bytes) -> Effect:
    return Erase(_WORD.unpack(item)[0])


def _upload(item: bytes) -> Effect:
    request, first, last, count = _FOUR.unpack_from(item)
    return Upload(request, item[_FOUR.size :], count, first, last)


def _draw(item: bytes) -> Effect:
    state, low, unconnected, has_duration, duration_s, has_start, start_s, pct, worker = (
        _NINE.unpack_from(item)
    )
    at = _NINE.size
    words = item[at : at + worker].decode()
    return Draw(
        Screen(
            _SCREENS[state],
            item[at + worker :].decode(),
            worker_id=words if state == _SCREENS.index("ACTIVE") else None,
            shift_started_utc=timestamp(start_s) if has_start else None,
            shift_duration_s=duration_s if has_duration else None,
            battery_pct=None if pct == UNKNOWN else pct,
            low_battery=bool(low),
            no_cellular=bool(unconnected),
        )
    )


def _notice(item: bytes) -> Effect:
    about, first, last = _THREE.unpack_from(item)
    if last - first > _NUMBERS_MAX:
        raise ValueError(f"a notice about events {first} to {last}")
    text = item[_THREE.size :].decode()
    return Notice(_ABOUTS[about], text, tuple(range(first, last + 1)))


def _number(item: bytes) -> Any:
    return _ONE.unpack(item)[0]


_READERS: tuple[Callable[[bytes], Effect], ...] = (  # in the order of host/tape.h
    _program,
    _erase,
    lambda item: Logged(read_event(item)[0]),
    _upload,
    lambda item: PowerGps(bool(_number(item))),
    lambda item: PowerScanner(bool(_number(item))),
    lambda item: PollGps(_number(item)),
    lambda item: StartScan(_number(item)),
    _draw,
    _notice,
    lambda item: Reboot(item.decode()),
    lambda item: PowerOff(),
)
