"""NOR flash that can be cut at any byte and damaged in all the ways that flash is.

Truth (what a perfect chip would hold) and cells (what is read) are kept apart; the chip's rules
are asserted against the truth, so that damage is never blamed on the journal.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from enum import IntEnum
from typing import NamedTuple

from badge.effects import Effect, Erase, Program
from badge.errors import MisuseError
from badge.storage.geometry import Geometry

WORD_BYTES = 4
_ERASED = 0xFF


class Torn(IntEnum):
    """What a cut leaves of the byte that it strikes (of an erase: see `torn_erase`)."""

    CLEAN = 0  # nothing
    LOW = 1  # the low half
    HIGH = 2  # the high half
    EVEN = 3  # the bits 0, 2, 4, 6
    ODD = 4  # the bits 1, 3, 5, 7
    BACKWARD = 5  # nothing, but all of its word that comes after it
    RANDOM = 6  # any bits of the rest of its word
    WEAK = 7  # all of it, but too weakly: every read may see it differently


_BITS = {Torn.CLEAN: 0, Torn.LOW: 0x0F, Torn.HIGH: 0xF0, Torn.EVEN: 0x55, Torn.ODD: 0xAA}


class Weak(NamedTuple):
    """The cells of a page that read differently each time: a mask of bits, shifted left."""

    mask: int
    shift: int


class Image(NamedTuple):
    """A chip's whole content at one moment; cheap, since pages are shared."""

    truth: tuple[bytes, ...]
    cells: tuple[bytes, ...]
    touched: tuple[int, ...]
    weak: tuple[tuple[int, Weak], ...]


def of_flash(effects: Iterable[Effect]) -> tuple[Program | Erase, ...]:
    """Return the effects that a chip performs, in order."""
    return tuple(effect for effect in effects if isinstance(effect, Program | Erase))


def steps_of(effect: Program | Erase, geometry: Geometry) -> int:
    """Return at how many bytes an operation can be cut."""
    return geometry.page_bytes if isinstance(effect, Erase) else len(effect.content)


class FlashChip:
    """Performs the journal's effects and asserts the rules: erase before program, words written
    once, whole aligned words, no crossing of a page.  A broken rule is a `MisuseError`.

    `seed` feeds the reads of weak cells.  `stuck` maps addresses to (bits that stay 0, bits that
    stay 1).
    """

    def __init__(self, geometry: Geometry, image: Image | None = None, seed: int = 0) -> None:
        self.geometry = geometry
        self._size = geometry.page_bytes
        if image is None:
            count = geometry.total_bytes // self._size
            blank = (bytes([_ERASED]) * self._size,) * count
            image = Image(blank, blank, (0,) * count, ())
        self._truth, self._cells = list(image.truth), list(image.cells)
        self._touched = list(image.touched)
        self._weak = dict(image.weak)
        self._seed = seed
        self._stream: random.Random | None = None
        self.stuck: dict[int, tuple[int, int]] = {}
        self.erases = [0] * len(self._cells)
        self.reads = 0
        self._strike: tuple[str, int] | None = None

    def image(self) -> Image:
        """Return the content; what was counted and what is stuck is not part of it."""
        weak = tuple(sorted(self._weak.items()))
        return Image(tuple(self._truth), tuple(self._cells), tuple(self._touched), weak)

    def look(self, address: int) -> tuple[bytes, int, Weak | None]:
        """Return all that can be told of the page of this address."""
        page = address // self._size
        return self._cells[page], self._touched[page], self._weak.get(page)

    def damage(self) -> list[int]:
        """Return the addresses where what is read is not what should be there."""
        return [
            page * self._size + offset
            for page, (truth, cells) in enumerate(zip(self._truth, self._cells, strict=True))
            if truth is not cells
            for offset in range(self._size)
            if truth[offset] != cells[offset]
        ]

    def read(self, address: int, length: int) -> bytes:
        """Return that many bytes from this address of one page; weak cells as they please."""
        self.reads += 1
        page, offset = divmod(address, self._size)
        cells = self._cells[page] if page not in self._weak else self._unstable(page)
        if length <= self._size - offset:
            return cells if length == self._size else cells[offset : offset + length]
        self.reads -= 1
        first = self._size - offset
        return cells[offset:] + self.read(address + first, length - first)

    def _unstable(self, page: int) -> bytes:
        if self._stream is None:
            self._stream = random.Random(self._seed)  # noqa: S311 - a simulation, not a secret
        mask, shift = self._weak[page]
        noise = (self._stream.getrandbits(mask.bit_length()) & mask) << shift
        value = int.from_bytes(self._cells[page], "little") ^ noise
        return value.to_bytes(self._size, "little")

    def perform(self, effect: Program | Erase) -> bool:
        """Do it whole; False if it does not read back."""
        page, offset = divmod(effect.address, self._size)
        if isinstance(effect, Erase):
            self._check_erase(offset)
            self._erase(page)
            return self._settle(page, 0, self._size)
        content = effect.content
        end = offset + len(content)
        if self._strike is not None:
            return self._go_astray(page, offset, content)
        self._claim(page, offset, end, content)
        self._truth[page] = _programmed(self._truth[page], offset, content)
        self._cells[page] = _programmed(self._cells[page], offset, content)
        return self._settle(page, offset, end) and self._cells[page][offset:end] == content

    def cut(self, effect: Program | Erase, step: int, torn: Torn) -> None:
        """Do it up to byte `step`, which is left torn, and no further."""
        page, offset = divmod(effect.address, self._size)
        if isinstance(effect, Erase):
            self._check_erase(offset)
            self._cut_erase(page, step, torn)
            return
        at = offset + step
        end = at if torn is Torn.CLEAN else at + 1
        if end > offset:
            self._claim(page, offset, end, effect.content)
        self._truth[page] = _programmed(self._truth[page], offset, effect.content[:step])
        part, weak = torn_program(effect.content, step, torn, effect.address)
        self._cells[page] = _programmed(self._cells[page], offset, part)
        if weak:
            self._weak[page] = Weak(weak, at * 8)

    def lose_next(self) -> None:
        """Let the next program do nothing."""
        self._strike = ("lost", 0)

    def misdirect_next(self, address: int) -> None:
        """Let the next program go to this address instead, and on to the end of its page."""
        self._strike = ("misdirected", address)

    def rot(self, address: int, bits: int) -> None:
        """Flip these bits of a byte; what is true stays true."""
        page, offset = divmod(address, self._size)
        cells = bytearray(self._cells[page])
        cells[offset] ^= bits
        self._cells[page] = bytes(cells)

    # How it is done.

    def _check_erase(self, offset: int) -> None:
        if offset:
            raise MisuseError(f"erase at offset {offset} of a page")

    def _claim(self, page: int, offset: int, end: int, content: bytes) -> None:
        """Mark the words from `offset` to `end` as programmed, once.

        The one exception: the first byte of a program that was cut there and left weak cells alone
        may be programmed again with the same bits, which makes them strong.
        """
        if offset % WORD_BYTES or end > self._size:
            raise MisuseError(f"page {page}: bytes {offset} to {end} are no words of one page")
        first, last = offset // WORD_BYTES, -(-end // WORD_BYTES)
        words = (1 << last) - (1 << first)
        again = self._touched[page] & words
        if again == 1 << first and self._is_weakly(page, offset, content[0]):
            del self._weak[page]
        elif again:
            raise MisuseError(f"page {page}: a word from {offset} to {end} was programmed before")
        self._touched[page] |= words

    def _is_weakly(self, page: int, offset: int, byte: int) -> bool:
        mask, shift = self._weak.get(page, (0, 0))
        return mask != 0 and shift == offset * 8 and not mask & byte

    def _erase(self, page: int) -> None:
        self.erases[page] += 1
        self._truth[page] = self._cells[page] = bytes([_ERASED]) * self._size
        self._touched[page] = 0
        self._weak.pop(page, None)

    def _cut_erase(self, page: int, step: int, torn: Torn) -> None:
        self.erases[page] += 1
        old = self._cells[page]
        self._cells[page], weak = torn_erase(old, step, torn, page)
        self._weak.pop(page, None)
        if weak:
            self._weak[page] = Weak(weak, 0)
        if torn is Torn.HIGH:
            self._touched[page] |= (1 << -(-step // WORD_BYTES)) - 1

    def _settle(self, page: int, start: int, end: int) -> bool:
        """Let stuck cells have their way; False if that changed anything."""
        first = page * self._size
        held = True
        for address, (zeros, ones) in self.stuck.items():
            if first + start <= address < first + end:
                value = self._cells[page][address - first]
                held &= (value & ~zeros | ones) == value
                self.rot(address, value ^ (value & ~zeros | ones))
        return held

    def _go_astray(self, page: int, offset: int, content: bytes) -> bool:
        """Do what was armed instead: the cells that were meant are not touched."""
        assert self._strike is not None
        (kind, address), self._strike = self._strike, None
        if kind == "misdirected":
            at, start = divmod(address, self._size)
            part = content[: self._size - start]
            self._cells[at] = _programmed(self._cells[at], start, part)
        return self._cells[page][offset : offset + len(content)] == content


_WHOLE_WORD = (Torn.BACKWARD, Torn.RANDOM)


def _programmed(page: bytes, offset: int, content: bytes) -> bytes:
    """Return the page with this content on top: bits only go from 1 to 0."""
    end = offset + len(content)
    there = page[offset:end]
    if there.strip(b"\xff"):
        both = int.from_bytes(there, "little") & int.from_bytes(content, "little")
        content = both.to_bytes(len(content), "little")
    return page[:offset] + content + page[end:]


def torn_program(content: bytes, step: int, torn: Torn, salt: int) -> tuple[bytes, int]:
    """Return what is there after a cut at byte `step`, and which bits of that byte are weak."""
    byte = content[step]
    if torn is Torn.WEAK:
        return content[: step + 1], byte ^ _ERASED
    if torn in _WHOLE_WORD:
        rest = content[step : step + WORD_BYTES - step % WORD_BYTES]
        if torn is Torn.BACKWARD:
            return content[:step] + b"\xff" + rest[1:], 0
        noise = _noise(salt + step, len(rest))
        return content[:step] + _either(rest, noise), 0
    return content[:step] + bytes([byte | _ERASED ^ _BITS[torn]]), 0


def torn_erase(page: bytes, step: int, torn: Torn, salt: int) -> tuple[bytes, int]:
    """Return what a cut leaves of a page, and which of its bits are weak.

    CLEAN: the first `step` bytes are erased.  LOW, EVEN, ODD: these bits of them.  HIGH: they are
    programmed to 0, as chips do before they erase.  BACKWARD: the last `step` bytes are erased.
    RANDOM: any bits of the whole page.  WEAK: all reads erased, but from byte `step` on weakly.
    """
    size = len(page)
    front = page[:step]
    match torn:
        case Torn.CLEAN:
            return b"\xff" * step + page[step:], 0
        case Torn.HIGH:
            return bytes(step) + page[step:], 0
        case Torn.BACKWARD:
            return page[: size - step] + b"\xff" * step, 0
        case Torn.RANDOM:
            return _either(page, _noise(salt * size + step, size)), 0
        case Torn.WEAK:
            programmed = ((1 << size * 8) - 1) ^ int.from_bytes(page, "little")
            return b"\xff" * size, programmed >> step * 8 << step * 8
        case _:
            bits = bytes([_BITS[torn]]) * step
            return _either(front, bits) + page[step:], 0


def _either(page: bytes, bits: bytes) -> bytes:
    both = int.from_bytes(page, "little") | int.from_bytes(bits, "little")
    return both.to_bytes(len(page), "little")


def _noise(salt: int, length: int) -> bytes:
    return random.Random(salt).randbytes(length)  # noqa: S311 - a simulation, not a secret
