"""Which single flipped bit explains a wrong CRC-32.

The CRC is linear: the effect of a flip depends neither on the other bits nor on the start value.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from zlib import crc32


def flipped_bit(difference: int, length: int) -> int | None:
    """Return the bit, of `length` bytes and the 4 of their CRC, whose flip changes the CRC so.

    `difference` is the CRC found XOR the CRC stored; None if no single flip has this effect.
    """
    # The flip is in the stored CRC itself.
    if difference.bit_count() == 1:
        return length * 8 + difference.bit_length() - 1
    found = _effects(length.bit_length()).get(difference)
    if found is None or found[0] >= length:
        return None
    behind, bit = found
    return (length - 1 - behind) * 8 + bit


@cache
def _effects(size_log2: int) -> Mapping[int, tuple[int, int]]:
    """Map an effect on the CRC to its cause: how many bytes follow it, and which bit."""
    zero = crc32(b"\0")
    ones = [crc32(bytes([1 << bit])) for bit in range(8)]
    effects = {}
    for behind in range(1 << size_log2):
        effects.update({one ^ zero: (behind, bit) for bit, one in enumerate(ones)})
        # One zero byte more behind the flip: the effects of all lengths in one pass.
        zero = crc32(b"\0", zero)
        ones = [crc32(b"\0", one) for one in ones]
    return effects
