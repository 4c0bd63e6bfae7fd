from __future__ import annotations

import selectors

import pytest

from badge.errors import InputError
from sim.notecard.transport.pty import PtyPort
from sim.notecard.transport.serial import SerialPort


def test_a_real_port_reads_and_writes():
    cable = PtyPort()
    port = SerialPort(cable.path)
    port.write(b"hello")
    assert cable.read() == b"hello"
    cable.write(b"there")
    assert port.read() == b"there"
    port.close()
    cable.close()


def test_a_port_that_is_not_there_is_named():
    with pytest.raises(InputError, match="/dev/none"):
        SerialPort("/dev/none")


def test_a_port_without_a_descriptor_is_waited_for_all_the_same():
    port = SerialPort("loop://")  # as Windows' COM ports and rfc2217://
    with selectors.DefaultSelector() as waiting:
        waiting.register(port.fileno(), selectors.EVENT_READ)
        assert port.read() == b""
        port.write(b"around")
        got = b""
        while len(got) < 6:
            assert waiting.select(60)
            got += port.read()
    assert got == b"around"
    port.unplug(0)
    port.close()


def test_the_end_of_such_a_port_is_no_silence():
    port = SerialPort("loop://")
    port._serial.close()
    with selectors.DefaultSelector() as waiting:
        waiting.register(port.fileno(), selectors.EVENT_READ)
        assert waiting.select(60)
    with pytest.raises(OSError, match=r"closed|not open"):
        port.read()
    port.close()
