"""A D-Bus message from octets, within bounds (D-Bus specification, Message Protocol).

dbus-fast's own reader is compiled without bounds checks: a damaged message would end the process.
Types and values are dbus-fast's; only the walk over the octets is ours.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from dbus_fast import (
    Message,
    MessageFlag,
    MessageType,
    SignatureTree,
    SignatureType,
    Variant,
    is_object_path_valid,
)

FIXED_BYTES = 16  # before the header fields begin
_ORDERS = {b"l": "<", b"B": ">"}
_DEPTH_MAX = 64  # containers within containers, as the specification allows
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
_EIGHT = "xtd({"
_KEYS = "ybnqiuxtdsog"


def unmarshal(octets: bytes) -> Message:
    """Return the message that these octets are; ValueError or DBusFastError if they are none."""
    cursor = _Cursor(octets, _order(octets))
    _, kind, flags, version, body_bytes, serial = cursor.values("yyyyuu")
    if version != 1:
        raise ValueError(f"version {version} of the protocol")
    if not serial:
        raise ValueError("a serial of 0, to which nobody could answer")
    fields = {code: variant.value for code, variant in cursor.values("a(yv)")[0]}
    cursor.align(8)
    if len(octets) != cursor.at + body_bytes:
        raise ValueError("its length is not what its header says")
    signature = _text(fields, 8) or ""
    body = cursor.values(signature, origin=cursor.at)
    if cursor.at != len(octets):
        raise ValueError("there is more in it than its signature says")
    reply = fields.get(5, 0)
    if not isinstance(reply, int):
        raise ValueError("a reply serial that is no number")
    return Message(
        destination=_text(fields, 6),
        path=_text(fields, 1),
        interface=_text(fields, 2),
        member=_text(fields, 3),
        error_name=_text(fields, 4),
        sender=_text(fields, 7),
        message_type=MessageType(kind),
        flags=MessageFlag(flags),
        reply_serial=reply,
        signature=signature,
        body=body,
        serial=serial,
    )


def size_of(octets: bytes) -> int:
    """Return the bytes of the message that begins with these `FIXED_BYTES`; ValueError if none."""
    body, fields = struct.unpack_from(f"{_order(octets)}4xI4xI", octets)
    return int(FIXED_BYTES + fields + -fields % 8 + body)


def _order(octets: bytes) -> str:
    order = _ORDERS.get(octets[:1])
    if order is None:
        raise ValueError("a message begins with neither 'l' nor 'B'")
    return order


def _text(fields: dict[int, Any], code: int) -> str | None:
    value = fields.get(code)
    if value is not None and not isinstance(value, str):
        raise ValueError("a header field that is no text")
    return value


class _Cursor:
    """Reads value after value; ValueError at the end of the octets or of sense."""

    def __init__(self, octets: bytes, order: str) -> None:
        self._octets = octets
        self._order = order
        self._origin = 0
        self._depth = 0
        self.at = 0

    def values(self, signature: str, origin: int = 0) -> list[Any]:
        """Read one value of each complete type; alignment counts from `origin`."""
        self._origin = origin
        return [self._value(kind) for kind in SignatureTree(signature).types]

    def align(self, size: int) -> None:
        """Skip what pads to a multiple of `size`."""
        self.at += -(self.at - self._origin) % size

    def _value(self, kind: SignatureType) -> Any:
        code = kind.token
        if code in _NUMBERS:
            return self._number(_NUMBERS[code])
        if code == "b":
            return bool(self._number("I"))
        if code == "s":
            return self._string(self._number("I"))
        if code == "o":
            return self._path()
        if code == "g":
            return self._string(self._number("B"))
        return self._deeper(kind)

    def _path(self) -> str:
        # Whoever is handed a path may put it into a message of its own, which refuses a wrong one.
        path = self._string(self._number("I"))
        if not is_object_path_valid(path):
            raise ValueError(f"an object path {path!r}")
        return path

    def _deeper(self, kind: SignatureType) -> Any:
        read = _CONTAINERS.get(kind.token)
        if read is None:
            raise ValueError(f"a value of type {kind.token!r}")
        if self._depth == _DEPTH_MAX:
            raise ValueError(f"more than {_DEPTH_MAX} values within each other")
        self._depth += 1
        value = read(self, kind)
        self._depth -= 1
        return value

    def _variant(self, _: SignatureType) -> Variant:
        signature = self._string(self._number("B"))
        kinds = SignatureTree(signature).types
        if len(kinds) != 1:
            raise ValueError("a variant that is not of one type")
        return Variant(signature, self._value(kinds[0]))

    def _struct(self, kind: SignatureType) -> list[Any]:
        self.align(8)
        return [self._value(child) for child in kind.children]

    def _array(self, kind: SignatureType) -> Any:
        size = self._number("I")
        child = kind.children[0]
        code = child.token
        if code in _EIGHT:
            self.align(8)
            if code == "{" and child.children[0].token not in _KEYS:
                raise ValueError("a dictionary with keys that are no simple values")
        end = self.at + size
        if code == "y":
            return self._take(size)
        found = []
        while self.at < end:
            found.append(self._struct(child) if code == "{" else self._value(child))
        if self.at != end:
            raise ValueError("an array that ends within a value")
        return dict(found) if code == "{" else found

    def _number(self, code: str) -> Any:
        size = struct.calcsize(f"<{code}")
        self.align(size)
        (value,) = struct.unpack(f"{self._order}{code}", self._take(size))
        return value

    def _string(self, size: int) -> str:
        text, end = self._take(size), self._take(1)
        if end != b"\0":
            raise ValueError("a text without its end")
        return text.decode()

    def _take(self, size: int) -> bytes:
        taken = self._octets[self.at : self.at + size]
        if len(taken) != size:
            raise ValueError("it ends within a value")
        self.at += size
        return taken


_CONTAINERS: dict[str, Callable[[_Cursor, SignatureType], Any]] = {
    "v": _Cursor._variant,
    "(": _Cursor._struct,
    "a": _Cursor._array,
}
