"""The card on I2C: an object with `transfer` for note-python, and a unix socket for others."""

from __future__ import annotations

import errno
import os
import socket
import socketserver
import struct
from collections.abc import Sequence
from pathlib import Path
from threading import RLock, Thread
from typing import Any, Protocol

from badge.errors import InputError
from sim.notecard.codec.i2c import I2cFraming
from sim.notecard.model.outputs import Dark, Dropped, Message, Output
from sim.notecard.transport.names import free_socket_name
from sim.notecard.transport.realtime import RealtimeNotecard

_HEADER = struct.Struct("<BBH")  # address, direction, length
_WRITE, _READ = 0, 1
_NOT_THERE = getattr(errno, "EREMOTEIO", errno.EIO)  # Linux has a number for it


class I2cMessage(Protocol):
    """One message of a transfer, as `periphery.I2C.Message` has it."""

    data: Any
    read: bool


class NotAcknowledged(OSError):  # noqa: N818  (the bus's own word)
    """Nobody answered at the address."""

    def __init__(self, address: int) -> None:
        super().__init__(_NOT_THERE, f"I2C 0x{address:02x}: not acknowledged")


class I2cBus:
    """A bus with one card; hand it to note-python's ``OpenI2C(bus, 0, 0)``.

    Messages of one `transfer` are joined by repeated starts; separate transfers are STOPs apart,
    which the card does not mind.
    """

    def __init__(self, live: RealtimeNotecard) -> None:
        self.live = live
        self._port = I2cFraming()
        self._lock = RLock()
        self._dark_until_ms = 0
        self._address = live.notecard.card.state.i2c_address
        live.deliver = self._deliver
        live.run_clock()

    def transfer(self, address: int, messages: Sequence[I2cMessage]) -> None:
        """Perform the messages in order; NotAcknowledged if the card does not answer."""
        self.live.advance()
        self._check(address)
        for message in messages:
            if message.read:
                message.data = self._read(len(message.data))
            else:
                self._write(bytes(message.data))

    def close(self) -> None:
        """Take the card off the bus."""
        self.live.close()

    def _check(self, address: int) -> None:
        notecard = self.live.notecard
        if self._port.drained:  # card.io is still answered at the address that asked
            self._address = notecard.card.state.i2c_address
        dark = self.live.now_ms() < self._dark_until_ms
        if address != self._address or dark:
            raise NotAcknowledged(address)
        if notecard.faults.strikes("nack"):
            raise NotAcknowledged(address)

    def _write(self, data: bytes) -> None:
        with self._lock:
            payload = self._port.written(data)
        if payload:
            self.live.receive(payload)

    def _read(self, length: int) -> bytearray:
        with self._lock:
            return bytearray(self._port.read(length))

    def _deliver(self, output: Output) -> None:
        with self._lock:
            if isinstance(output, Message):
                self._port.show(output.data)
            elif isinstance(output, Dropped):
                self._port.drop()
            elif isinstance(output, Dark):
                self._dark_until_ms = self.live.now_ms() + output.dark_ms


class I2cServer:
    """Offers a bus on a unix socket.

    A message is address, direction (0 write, 1 read), length (little-endian 16 bit), and for a
    write the bytes; the answer is one byte, 0 acknowledged or 1 not, and for a read the bytes.
    """

    def __init__(self, bus: I2cBus, path: Path) -> None:
        self.bus, self._path = bus, path
        free_socket_name(path)
        outer = self

        class Client(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                while outer._serve(self):
                    pass

        try:
            self._server = socketserver.ThreadingUnixStreamServer(str(path), Client)
        except OSError as error:
            raise InputError(f"{path}: no socket can be made there ({error.strerror})") from None
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def _serve(self, client: socketserver.StreamRequestHandler) -> bool:
        header = client.rfile.read(_HEADER.size)
        if len(header) < _HEADER.size:
            return False
        address, direction, length = _HEADER.unpack(header)
        message = _Wanted(bytearray(length), True)
        if direction == _WRITE:
            message = _Wanted(bytearray(client.rfile.read(length)), False)
        try:
            self.bus.transfer(address, [message])
        except NotAcknowledged:
            client.wfile.write(b"\x01")
            return True
        client.wfile.write(b"\x00" + (bytes(message.data) if message.read else b""))
        return True

    def close(self) -> None:
        """Stop serving and remove the socket."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=2)
        self._path.unlink(missing_ok=True)


class _Wanted:
    """One message read from the socket."""

    def __init__(self, data: bytearray, read: bool) -> None:
        self.data, self.read = data, read


class SocketI2c:
    """The host's end of an `I2cServer`: an object with `transfer`, as note-python wants it."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.connect(os.fspath(path))
        self._stream = self._socket.makefile("rb")

    def transfer(self, address: int, messages: Sequence[I2cMessage]) -> None:
        """Perform the messages in order; NotAcknowledged if the card does not answer."""
        for message in messages:
            direction = _READ if message.read else _WRITE
            header = _HEADER.pack(address, direction, len(message.data))
            self._socket.sendall(header + (b"" if message.read else bytes(message.data)))
            if self._stream.read(1) != b"\x00":
                raise NotAcknowledged(address)
            if message.read:
                message.data = bytearray(self._stream.read(len(message.data)))

    def close(self) -> None:
        """Hang up."""
        self._stream.close()
        self._socket.close()
