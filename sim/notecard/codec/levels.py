"""Values that depend on the supply voltage: names of levels, and ``name:number;…`` lists."""

from __future__ import annotations

from sim.notecard.codec.arguments import RequestError

MODES = {
    "default": "usb:4.6;normal:2.5;dead:0",
    "lipo": "usb:4.6;high:4.0;normal:3.5;low:3.2;dead:0",
    "l91": "high:5.0;normal:4.5;low:0",
    "alkaline": "usb:4.6;high:4.2;normal:3.6;low:0",
    "tad": "usb:4.6;normal:3.2;low:0",
    "lic": "usb:4.6;high:3.8;normal:3.1;low:0",
}


def thresholds(mode: str) -> str:
    """The thresholds of a mode of card.voltage; RequestError if it is none."""
    if mode in MODES:
        return MODES[mode]
    if ":" not in mode:
        raise RequestError(f"mode: unrecognized voltage mode '{mode}'")
    level_of(0.0, mode)
    return mode


def level_of(volts: float, listed: str) -> str:
    """The first name whose threshold the value reaches, in ``name:volts;…`` from high to low."""
    found = ""
    for part in listed.split(";"):
        name, _, least = part.partition(":")
        try:
            reached = volts >= float(least)
        except ValueError:
            raise RequestError(f"mode: '{part[:40]}' is not name:volts") from None
        if reached and not found:
            found = name
    return found or name


def by_level(text: str, level: str) -> int | None:
    """The number that a voltage-variable value has at a level, such as ``usb:15;low:720;60``.

    A part without a name is for every other level; None if nothing is said of this one.
    RequestError if it is no such value.
    """
    found: int | None = None
    for part in text.split(";"):
        name, colon, number = part.strip().rpartition(":")
        if not number.strip("-").isdecimal() or len(number) > 7:
            raise RequestError(f"'{part[:40]}' is not name:number")
        if found is None and (not colon or name == level):
            found = int(number)
    return found
