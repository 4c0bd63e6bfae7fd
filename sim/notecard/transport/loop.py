"""The loop around a serial wire: bytes to the card, messages from it, deadlines in between."""

from __future__ import annotations

import selectors
import socket
import time
from collections import deque
from contextlib import suppress
from threading import Event, Thread
from typing import Protocol

from sim.notecard.model.outputs import Dark, Message, Output
from sim.notecard.transport.realtime import RealtimeNotecard

READ_BYTES = 65536
SLICE_BYTES = 16
BITS_PER_BYTE = 10  # start, eight, stop
# Both look at the descriptors anew each time: a port that was unplugged may get its number again.
_Selector = getattr(selectors, "PollSelector", selectors.SelectSelector)
# A wait of Windows' does not end with Ctrl-C.
_WAIT_S_MAX = 60.0 if hasattr(selectors, "PollSelector") else 0.5


class SerialLine(Protocol):
    """A serial port: something with a file descriptor that can be unplugged for a while."""

    def fileno(self) -> int:
        """The descriptor to poll."""

    def read(self) -> bytes:
        """What has arrived; may be empty."""

    def write(self, data: bytes) -> None:
        """Send all of it."""

    def unplug(self, seconds: float) -> None:
        """Be gone for so long, then be back."""

    def close(self) -> None:
        """Let go."""


class SerialLoop:
    """Runs a card on a `SerialLine`, in this thread (`run`) or in its own (`start`)."""

    def __init__(self, live: RealtimeNotecard, port: SerialLine, baud: int = 0) -> None:
        self.live, self.port, self._baud = live, port, baud
        self._out: deque[Output] = deque()
        self._stop = Event()
        self._thread: Thread | None = None
        self._wake_r, self._wake_w = socket.socketpair()  # a pipe cannot be waited for everywhere
        self._wake_w.setblocking(False)
        live.deliver = self._out.append
        live.woken = self._wake

    def start(self) -> None:
        """Run in a daemon thread."""
        self._thread = Thread(target=self.run, name="notecard-serial", daemon=True)
        self._thread.start()

    def run(self) -> None:
        """Serve the port until `close`."""
        while not self._stop.is_set():
            with _Selector() as selector:
                selector.register(self._wake_r, selectors.EVENT_READ)
                selector.register(self.port.fileno(), selectors.EVENT_READ)
                while not self._stop.is_set() and self._turn(selector):
                    pass

    def _turn(self, selector: selectors.BaseSelector) -> bool:
        """One turn; False when the port has a new descriptor."""
        before = self.port.fileno()
        for key, _ in selector.select(min(self.live.wait_s() + 0.0005, _WAIT_S_MAX)):
            if key.fileobj is self._wake_r:
                self._wake_r.recv(READ_BYTES)
            else:
                self._hear(self.port.read())
        self.live.advance()
        while self._out:
            self._send(self._out.popleft())
        return self.port.fileno() == before

    def _hear(self, data: bytes) -> None:
        for part in self._slices(data):
            if self._baud:  # the card sees bytes as they are shifted through, not all at the end
                time.sleep(len(part) * BITS_PER_BYTE / self._baud)
            self.live.receive(part)

    def _send(self, output: Output) -> None:
        if isinstance(output, Message):
            for part in self._slices(output.data):
                # A UART takes its time for each byte, so a slice is there when all of it is.
                time.sleep(len(part) * BITS_PER_BYTE / self._baud if self._baud else 0)
                self.port.write(part)
        elif isinstance(output, Dark) and output.reason == "unplug":
            self._out.clear()
            self.port.unplug(output.dark_ms / 1000 / self.live.warp)

    def _slices(self, data: bytes) -> list[bytes]:
        if not self._baud or not data:
            return [data] if data else []
        return [data[at : at + SLICE_BYTES] for at in range(0, len(data), SLICE_BYTES)]

    def _wake(self) -> None:
        with suppress(BlockingIOError):  # it is full of wake-ups already
            self._wake_w.send(b"!")

    def close(self) -> None:
        """Stop, and let go of port and card."""
        self._stop.set()
        self._wake()
        if self._thread is not None:
            self._thread.join(timeout=5)
        self.port.close()
        self.live.close()
        self._wake_r.close()
        self._wake_w.close()
