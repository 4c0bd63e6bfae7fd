from __future__ import annotations

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
