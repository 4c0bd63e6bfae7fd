"""The card's COBS: classic blocks of up to 254 bytes, every output byte XOR 0x0A, ended by LF.

The XOR keeps LF, not NUL, out of the encoded bytes.  Unlike some variants the last code byte is
always written, also after a full block, as Blues' three clients do.
"""

from __future__ import annotations

_BLOCK_BYTES = 254
_XOR = bytes(value ^ 0x0A for value in range(256))


def cobs_encode(data: bytes) -> bytes:
    """Encode without the terminating LF; the empty string becomes one byte."""
    out = bytearray()
    for piece in data.split(b"\0"):
        full, rest = divmod(len(piece), _BLOCK_BYTES)
        for block in range(full):
            out.append(_BLOCK_BYTES + 1)
            out += piece[block * _BLOCK_BYTES : (block + 1) * _BLOCK_BYTES]
        out.append(rest + 1)
        out += piece[len(piece) - rest :]
    return bytes(out).translate(_XOR)


def cobs_decode(encoded: bytes) -> bytes | None:
    """Decode what stood before the LF; None if a block is cut short or a code is zero."""
    plain = encoded.translate(_XOR)
    out = bytearray()
    at = 0
    while at < len(plain):
        code = plain[at]
        block = plain[at + 1 : at + code]
        if code == 0 or len(block) != code - 1:
            return None
        out += block
        at += code
        if code <= _BLOCK_BYTES and at < len(plain):
            out.append(0)
    return bytes(out)
