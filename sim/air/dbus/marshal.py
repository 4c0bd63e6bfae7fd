"""Values to the octets of a D-Bus message (D-Bus specification, Marshaling), little-endian.

One writer is built for each signature and kept: a crowded room is thousands of signals a second,
all of the same few signatures.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from dbus_fast import SignatureTree, SignatureType

TEXTS_KEPT = 8192
SIGNATURES_KEPT = 1024  # bounds what a program can make us remember by its variants
_NUMBERS = {
    "y": "B",
    "n": "h",
    "q": "H",
    "i": "i",
    "u": "I",
    "x": "q",
    "t": "Q",
    "d": "d",
    "h": "I",
}
_PADS = tuple(bytes(count) for count in range(8))
_ALIGNED = {"(": 8, "{": 8, "a": 4, "s": 4, "o": 4, "b": 4, "v": 1, "g": 1}
_Writer = Callable[[bytearray, Any], None]


def marshal(signature: str, body: list[Any], octets: bytearray | None = None) -> bytearray:
    """Append the values of a signature to `octets`, aligned from their begin, and return them.

    ValueError, TypeError or struct.error if a value is not of its type.
    """
    octets = bytearray() if octets is None else octets
    for write, value in zip(_writers(signature), body, strict=True):
        write(octets, value)
    return octets


@lru_cache(SIGNATURES_KEPT)
def _writers(signature: str) -> tuple[_Writer, ...]:
    return tuple(_writer(kind) for kind in SignatureTree(signature).types)


def _writer(kind: SignatureType) -> _Writer:
    code = kind.token
    if code in _NUMBERS:
        return _number(_NUMBERS[code])
    if code in _TEXTS:
        return _TEXTS[code]
    if code in "({":
        return _struct(tuple(_writer(child) for child in kind.children))
    if code == "a":
        return _array(kind.children[0])
    raise ValueError(f"a value of type {code!r}")


def _number(code: str) -> _Writer:
    packed = struct.Struct(f"<{code}")
    pack, mask = packed.pack, packed.size - 1

    def write(octets: bytearray, value: Any) -> None:
        octets += _PADS[-len(octets) & mask]
        octets += pack(value)

    return write


def _boolean(octets: bytearray, value: Any) -> None:
    octets += _PADS[-len(octets) & 3]
    octets += b"\1\0\0\0" if value else b"\0\0\0\0"


# The texts of signals are few: names of properties and interfaces, and the paths of what is there.
@lru_cache(TEXTS_KEPT)
def _text(value: str) -> bytes:
    text = value.encode()
    return len(text).to_bytes(4, "little") + text + b"\0"


def _string(octets: bytearray, value: Any) -> None:
    octets += _PADS[-len(octets) & 3]
    octets += _text(value)


@lru_cache(SIGNATURES_KEPT)
def _signature_text(value: str) -> bytes:
    text = value.encode()
    return bytes([len(text)]) + text + b"\0"


def _signature(octets: bytearray, value: Any) -> None:
    octets += _signature_text(value)


@lru_cache(SIGNATURES_KEPT)
def _of_variant(signature: str) -> tuple[bytes, _Writer]:
    (write,) = _writers(signature)
    return _signature_text(signature), write


def _variant(octets: bytearray, value: Any) -> None:
    head, write = _of_variant(value.signature)
    octets += head
    write(octets, value.value)


_TEXTS: dict[str, _Writer] = {
    "b": _boolean,
    "s": _string,
    "o": _string,
    "g": _signature,
    "v": _variant,
}


def _struct(writers: tuple[_Writer, ...]) -> _Writer:
    def write(octets: bytearray, value: Any) -> None:
        octets += _PADS[-len(octets) & 7]
        for writer, part in zip(writers, value, strict=True):
            writer(octets, part)

    return write


def _array(kind: SignatureType) -> _Writer:
    code = kind.token
    align = struct.calcsize(f"<{_NUMBERS[code]}") if code in _NUMBERS else _ALIGNED[code]
    write_one, mask = _writer(kind), align - 1

    def write(octets: bytearray, value: Any) -> None:
        octets += _PADS[-len(octets) & 3]
        place = len(octets)
        octets += b"\0\0\0\0"
        # The length does not count what pads up to the first element, also of an empty array.
        octets += _PADS[-len(octets) & mask]
        begin = len(octets)
        if code == "y":
            octets.extend(value)
        else:
            for one in value.items() if code == "{" else value:
                write_one(octets, one)
        octets[place : place + 4] = (len(octets) - begin).to_bytes(4, "little")

    return write
