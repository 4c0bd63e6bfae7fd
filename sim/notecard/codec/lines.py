"""Bytes from the host into lines: LF ends one, whatever bursts they arrive in."""

from __future__ import annotations

LINE_BYTES_MAX = 1 << 20  # far above any COBS payload; a bound, not a feature of the card


class LineAssembler:
    """Collects bytes; `lines` yields what lies between LFs, raw and without the LF."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._scanned = 0

    def __len__(self) -> int:
        return len(self._held)

    def feed(self, data: bytes) -> None:
        """Append bytes from the host; a line over `LINE_BYTES_MAX` loses its beginning."""
        self._held += data
        surplus = len(self._held) - LINE_BYTES_MAX
        if surplus > 0 and self._held.find(b"\n", 0, surplus) < 0:
            del self._held[:surplus]
            self._scanned = 0

    def next_line(self) -> bytes | None:
        """Take the oldest complete line, or None while its LF is missing."""
        end = self._held.find(b"\n", self._scanned)
        if end < 0:
            self._scanned = len(self._held)
            return None
        line = bytes(self._held[:end])
        del self._held[: end + 1]
        self._scanned = 0
        return line

    def clear(self) -> None:
        """Forget an unfinished line, as a restart does."""
        self._held.clear()
        self._scanned = 0


def trimmed(line: bytes) -> bytes:
    """Strip the CR, NUL and blanks that clients put around a JSON line."""
    return line.strip(b"\r\0 \t")
