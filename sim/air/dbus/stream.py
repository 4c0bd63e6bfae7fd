"""D-Bus on a stream: SASL EXTERNAL and message framing, without any I/O (D-Bus specification)."""

from __future__ import annotations

import struct
from functools import lru_cache

from dbus_fast import DBusFastError, Message, Variant

from badge.errors import InputError
from badge.words import counted
from sim.air.dbus.marshal import marshal
from sim.air.dbus.unmarshal import FIXED_BYTES, size_of, unmarshal

MESSAGE_MAX = 1 << 20  # far above what a scanner sends; the specification allows 128 MiB
LINE_MAX = 16 << 10
HEADERS_KEPT = 8192
_LENGTH_AND_SERIAL = struct.Struct("<II")
_TEXTS = {1: "o", 2: "s", 3: "s", 4: "s"}  # header fields: path, interface, member, error name


def encode(message: Message) -> bytes:
    """Return the octets of a message, its sender included; its serial must be set.

    dbus-fast alone leaves the sender out, as programs do; a bus has to tell it.
    """
    body = marshal(message.signature, message.body)
    kind, flags = message.message_type.value, message.flags.value
    texts = (message.path, message.interface, message.member, message.error_name)
    ends = (message.destination, message.sender, message.signature)
    if message.reply_serial:
        header = _header(kind, flags, texts, message.reply_serial, ends)
    else:
        header = _kept_header(kind, flags, texts, ends)
    told = _LENGTH_AND_SERIAL.pack(len(body), message.serial)
    return header[:4] + told + header[12:] + body


def _header(
    kind: int, flags: int, texts: tuple[str | None, ...], reply: int, ends: tuple[str | None, ...]
) -> bytes:
    """Return a header whose body length and serial are still to be filled in."""
    fields = [(code, Variant(_TEXTS[code], text)) for code, text in enumerate(texts, 1) if text]
    if reply:
        fields.append((5, Variant("u", reply)))
    for code, kind_of_text, text in zip((6, 7, 8), "ssg", ends, strict=True):
        if text:
            fields.append((code, Variant(kind_of_text, text)))
    header = marshal("yyyyuua(yv)", [ord("l"), kind, flags, 1, 0, 0, fields])
    return bytes(header) + bytes(-len(header) % 8)


# A device sends the same header for every change: only length and serial differ.
@lru_cache(HEADERS_KEPT)
def _kept_header(
    kind: int, flags: int, texts: tuple[str | None, ...], ends: tuple[str | None, ...]
) -> bytes:
    return _header(kind, flags, texts, 0, ends)


class MessageStream:
    """Cuts a stream into messages; InputError on the first octets that are none."""

    def __init__(self) -> None:
        self._pending = bytearray()

    def feed(self, octets: bytes) -> list[Message]:
        """Take in octets and return the messages that they complete."""
        self._pending += octets
        found = []
        while (size := self._next_size()) is not None:
            found.append(_decode(bytes(self._pending[:size])))
            del self._pending[:size]
        return found

    def _next_size(self) -> int | None:
        if len(self._pending) < FIXED_BYTES:
            return None
        try:
            size = size_of(bytes(self._pending[:FIXED_BYTES]))
        except ValueError as error:
            raise InputError(f"D-Bus stream: {error}") from None
        if size > MESSAGE_MAX:
            raise InputError(
                f"D-Bus stream: a message of {counted(size, 'byte')}; {MESSAGE_MAX} are allowed"
            )
        return size if len(self._pending) >= size else None


def _decode(octets: bytes) -> Message:
    try:
        return unmarshal(octets)
    except (ValueError, DBusFastError) as error:
        raise InputError(f"D-Bus stream: a message that cannot be read: {error}") from error


class SaslServer:
    """The server's half of SASL EXTERNAL for a peer whose user id the kernel told.

    `feed` takes octets and returns the answer; when `begun`, `rest` holds what came after BEGIN.
    A peer of another user is rejected; InputError ends the conversation.
    """

    def __init__(self, peer_uid: int, own_uid: int, guid: str) -> None:
        self._allowed = peer_uid in (own_uid, 0)
        self._claim = str(peer_uid).encode().hex().encode()
        self._guid = guid.encode()
        self._pending = bytearray()
        self._greeted = self._known = False
        self.begun = False
        self.rest = b""

    def feed(self, octets: bytes) -> bytes:
        """Take in octets and return what to send back."""
        self._pending += octets
        if not self._greeted and self._pending:
            if self._pending.pop(0) != 0:
                raise InputError("D-Bus login: the first octet is not NUL")
            self._greeted = True
        answer, at = bytearray(), 0
        # Walks on instead of cutting each line off: 400 kB of empty lines would be copied
        # 200,000 times, and nobody else served meanwhile.
        while not self.begun and (end := self._pending.find(b"\r\n", at)) >= 0:
            answer += self._answer(bytes(self._pending[at:end]))
            at = end + 2
        del self._pending[:at]
        if len(self._pending) > LINE_MAX and not self.begun:
            raise InputError(f"D-Bus login: a line of more than {LINE_MAX} bytes")
        self.rest = bytes(self._pending) if self.begun else b""
        return bytes(answer)

    def _answer(self, line: bytes) -> bytes:
        word, _, rest = line.partition(b" ")
        if word == b"AUTH":
            return self._authenticate(rest)
        if word == b"DATA":
            return self._accept(rest)
        if word == b"BEGIN" and self._known:
            self.begun = True
            return b""
        if word == b"BEGIN":
            raise InputError("D-Bus login: BEGIN before the user is known")
        if word == b"NEGOTIATE_UNIX_FD" and self._known:
            return b"AGREE_UNIX_FD\r\n"  # some libraries insist on it; none of ours is ever sent
        return b"REJECTED EXTERNAL\r\n" if word in (b"CANCEL", b"ERROR") else b"ERROR\r\n"

    def _authenticate(self, rest: bytes) -> bytes:
        mechanism, _, claim = rest.partition(b" ")
        if mechanism != b"EXTERNAL":
            return b"REJECTED EXTERNAL\r\n"
        return self._accept(claim) if claim else b"DATA\r\n"

    def _accept(self, claim: bytes) -> bytes:
        self._known = self._allowed and claim in (b"", self._claim)
        return b"OK " + self._guid + b"\r\n" if self._known else b"REJECTED EXTERNAL\r\n"
