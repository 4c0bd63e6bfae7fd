"""The binary store behind card.binary, .put and .get."""

from __future__ import annotations

from hashlib import md5

from sim.notecard.codec.arguments import RequestError
from sim.notecard.codec.cobs import cobs_decode, cobs_encode


def md5_hex(data: bytes) -> str:
    """The checksum that hosts and card compare; lower-case hex."""
    return md5(data, usedforsecurity=False).hexdigest()


def encoded_max(length: int) -> int:
    """The most bytes that so many become in COBS: a code byte for each block of 254, and one."""
    return length + length // 254 + 1


class BinaryStore:
    """One buffer in RAM, filled fragment by fragment; an error stays until it is cleared."""

    def __init__(self, bytes_max: int) -> None:
        self.bytes_max = bytes_max
        self.held = b""
        self.bad = ""
        self._expected: tuple[int, str, int] | None = None  # cobs length, md5, offset

    @property
    def awaits_bytes(self) -> bool:
        """True after a put: whatever comes up to the next LF is payload, not JSON."""
        return self._expected is not None

    def clear(self) -> None:
        """Empty the store and forget its error."""
        self.held, self.bad, self._expected = b"", "", None

    def expect(self, cobs_length: int, digest: str, offset: int) -> None:
        """Open the store for one fragment; RequestError if it cannot take it there."""
        if cobs_length <= 0:
            raise RequestError("cobs: length of the encoded data is required {bad-bin}")
        if offset and offset != len(self.held):
            raise RequestError(f"offset {offset} is not the length {len(self.held)} {{bad-bin}}")
        if offset + cobs_length > encoded_max(self.bytes_max):
            raise RequestError("binary data is larger than the buffer {too-big}")
        self._expected = (cobs_length, digest.lower(), offset)

    def take(self, raw: bytes) -> None:
        """Receive the encoded fragment; a wrong length or checksum latches the error."""
        if self._expected is None:
            return
        length, digest, offset = self._expected
        self._expected = None
        plain = cobs_decode(raw)
        self.bad = _fault(raw, length, plain, digest)
        if plain is not None and offset + len(plain) > self.bytes_max:
            self.bad = "binary data is larger than the buffer {bad-bin}"
        if plain is not None and not self.bad:
            self.held = self.held[:offset] + plain

    def status(self) -> dict[str, object]:
        """The members of card.binary; RequestError while the last fragment was bad."""
        if self.bad:
            raise RequestError(self.bad, max=self.bytes_max)
        members: dict[str, object] = {"max": self.bytes_max}
        if self.held:
            members |= {
                "length": len(self.held),
                "cobs": len(cobs_encode(self.held)),
                "status": md5_hex(self.held),
            }
        return members

    def slice(self, offset: int, length: int) -> bytes:
        """The bytes that card.binary.get asks for; length 0 means up to the end."""
        if self.bad:
            raise RequestError(self.bad)
        end = offset + length if length else len(self.held)
        if offset < 0 or offset > len(self.held) or end < offset or end > len(self.held):
            raise RequestError(f"requested {offset}..{end} of {len(self.held)} bytes {{bad-bin}}")
        return self.held[offset:end]


def _fault(raw: bytes, length: int, plain: bytes | None, digest: str) -> str:
    if len(raw) != length:
        return f"binary data: {len(raw)} bytes received, {length} expected {{bad-bin}}"
    if plain is None:
        return "binary data cannot be decoded {bad-bin}"
    if digest and digest != md5_hex(plain):
        return "binary data does not match its checksum {bad-bin}"
    return ""
