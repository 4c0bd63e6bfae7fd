"""The wires: why a port cannot be opened, and what ends a transfer."""

from __future__ import annotations

import errno
import os
import socket
import threading
import tty
from types import SimpleNamespace

import pytest

from hil.card.deadline import Deadline
from hil.card.errors import CardGoneError, GaveUp
from hil.card.wires import SerialWire, SocketBus, _why_not, open_i2c_socket


@pytest.fixture
def pty():
    far, near = os.openpty()
    tty.setraw(near)
    yield far, os.ttyname(near)
    for descriptor in (far, near):
        os.close(descriptor)


def test_bytes_go_both_ways_until_the_wire_is_closed(pty):
    far, path = pty
    deadline = Deadline()
    wire = SerialWire(path, 9600, deadline)
    wire.write(b"hello")
    assert os.read(far, 16) == b"hello"
    os.write(far, b"hi")
    assert wire.read(2) == b"hi"
    deadline.closed = True
    with pytest.raises(GaveUp, match="closed"):
        wire.write(b"x")
    wire.close()


def test_a_port_belongs_to_one_program(pty):
    _, path = pty
    wire = SerialWire(path, 9600, Deadline())
    with pytest.raises(CardGoneError, match="in use by another program"):
        SerialWire(path, 9600, Deadline())
    wire.close()


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.EACCES, "may not open it"), (errno.EBUSY, "in use"), (errno.EIO, "cannot be opened")],
)
def test_the_reason_has_a_remedy(number, words, tmp_path):
    assert words in _why_not(str(tmp_path), OSError(number, os.strerror(number)))
    assert "is not there" in _why_not(str(tmp_path / "none"), OSError(number, "x"))


def test_a_socket_that_ends_in_the_middle_ends_everything(tmp_path):
    path = str(tmp_path / "card.sock")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen()

        def hang_up():
            client, _ = server.accept()
            client.recv(5)
            client.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        bus = SocketBus(path)
        with pytest.raises(GaveUp, match="socket is gone"):
            bus.transfer(0x17, [SimpleNamespace(read=True, data=bytearray(2))])
        bus.close()
        thread.join()


def test_no_socket_there_is_said_before_anything_is_sent(tmp_path):
    with pytest.raises(CardGoneError, match="is not there") as caught:
        open_i2c_socket(str(tmp_path / "none"), 0x17, Deadline())
    assert not caught.value.sent
