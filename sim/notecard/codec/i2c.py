"""Serial over I2C, byte for byte: writes, queries and reads become a stream of messages.

``[n][n bytes]`` writes; ``[0][k]`` announces a read of k, answered ``[avail][k][k bytes]``.  The
announced count survives a STOP.  Only one message is visible at a time: when it is drained, avail
is 0, and the next one shows on a later query.
"""

from __future__ import annotations

from collections import deque

AVAILABLE_MAX = 253  # what note-go and note-arduino accept


class I2cFraming:
    """The card's side of the bus: `written` gives what the host sent, `read` what it may see."""

    def __init__(self) -> None:
        self._messages: deque[bytes] = deque()
        self._current = memoryview(b"")
        self._announced = 0

    def show(self, message: bytes) -> None:
        """Queue one whole message for the host."""
        self._messages.append(message)

    @property
    def drained(self) -> bool:
        """Whether the host has read everything."""
        return not self._messages and not self._current

    def drop(self) -> None:
        """Forget what the host has not read."""
        self._messages.clear()
        self._current = memoryview(b"")

    def written(self, data: bytes) -> bytes:
        """Take the bytes of one write; answers the payload for the card, empty for a header."""
        if not data:
            return b""  # an address probe: acknowledged, nothing else
        if data[0] == 0:
            self._announced = data[1] if len(data) > 1 else 0
            return b""
        return data[1 : 1 + data[0]]

    def read(self, length: int) -> bytes:
        """The bytes of one read of `length`; a host that asks for too much sees fewer counted."""
        wanted, self._announced = self._announced, 0
        if not self._current and wanted == 0 and self._messages:
            self._current = memoryview(self._messages.popleft())
        given = bytes(self._current[:wanted])
        self._current = self._current[wanted:]
        available = min(len(self._current), AVAILABLE_MAX)
        return (bytes([available, len(given)]) + given).ljust(length, b"\0")[:length]
