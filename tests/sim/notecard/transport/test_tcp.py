"""The card's serial port at an address: on loopback, one host at a time."""

from __future__ import annotations

import socket

import pytest

from badge.errors import InputError
from sim.notecard.transport.tcp import TcpPort, read_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("7000", ("127.0.0.1", 7000)),
        ("0.0.0.0:1", ("0.0.0.0", 1)),
        ("[::1]:7000", ("::1", 7000)),
        (":7000", ("127.0.0.1", 7000)),
    ],
)
def test_a_port_alone_is_on_loopback(text, address):
    assert read_address(text) == address


@pytest.mark.parametrize("text", ["", "host", "host:", "host:x", "host:65536", "1:-1"])
def test_what_is_no_address_is_one_sentence(text):
    with pytest.raises(InputError, match="write it as HOST:PORT"):
        read_address(text)


def test_bytes_go_both_ways_and_a_host_may_leave():
    port = TcpPort("0")
    host, number = port.path.removeprefix("socket://").split(":")
    port.write(b"nobody hears this")
    with socket.create_connection((host, int(number)), 10) as caller:
        assert port.read() == b""  # takes it in
        caller.sendall(b"{}\n")
        assert port.read() == b"{}\n"
        port.write(b"{}\r\n")
        assert caller.recv(10) == b"{}\r\n"
    assert port.read() == b""
    port.close()


def test_a_port_that_is_taken_is_one_sentence():
    port = TcpPort("0")
    with pytest.raises(InputError, match="name another"):
        TcpPort(port.path.removeprefix("socket://"))
    port.close()
