"""A console: lines out of bytes, whoever holds the other end."""

from __future__ import annotations

import os
import tty

import pytest

from badge.errors import InputError
from hil.dut.drivers import console
from hil.dut.drivers.console import ConsoleLines, JsonLines, PtyConsole, SerialConsole


class Said:
    """Says what it is told to; time passes as it is read."""

    def __init__(self, *said):
        self.said, self.now = list(said), 0.0

    def read(self):
        self.now += 1
        return self.said.pop(0) if self.said else b""

    def lines(self):
        return ConsoleLines(self, lambda: self.now)


def test_lines_come_whole_however_the_bytes_come():
    lines = Said(b"boot", b" loader\r\nok", b"\n\nlast\n").lines()
    assert [lines.next(10) for _ in range(4)] == [b"boot loader", b"ok", b"", b"last"]
    assert lines.next(3) is None


def test_a_line_that_never_ends_is_not_kept():
    lines = Said(*[b"x" * console.LINE_BYTES_MAX] * 50, b"\nok\n").lines()
    assert len(lines.next(100)) == console.LINE_BYTES_MAX
    assert lines.next(1) == b"ok"


def test_what_a_device_said_before_it_ended_is_still_heard():
    said = Said(b"panic: x\n")
    lines = said.lines()
    assert lines.next(30, lambda: True) == b"panic: x"
    assert lines.next(30, lambda: True) is None
    assert said.now < 5, "nobody waits for a program that has ended"


def test_json_objects_are_found_among_other_lines():
    said = Said(b'I (312) wifi: up\n{"half":\n[1]\n{}\n{"ok":true}\n')
    found = JsonLines(said.lines(), lambda: said.now)
    assert found.next(10) == {"ok": True}
    assert found.next(3) == {}


def test_a_pty_carries_both_ways():
    with_program = PtyConsole()
    far = os.open(with_program.path, os.O_RDWR | os.O_NOCTTY)
    with_program.send(b"hello\n")
    assert os.read(far, 16) == b"hello\n"
    os.write(far, b"ok\n")
    assert ConsoleLines(with_program).next(30) == b"ok"
    os.close(far)
    with_program.close()


def test_a_device_that_does_not_read_is_said(monkeypatch):
    monkeypatch.setattr(console, "SEND_TIMEOUT_S", 0.0)
    deaf = PtyConsole()
    with pytest.raises(InputError, match="does not read its console"):
        deaf.send(b"x" * 1_000_000)
    deaf.close()


def test_a_serial_port_carries_both_ways():
    far, near = os.openpty()
    tty.setraw(near)
    port = SerialConsole(f"serial:{os.ttyname(near)}:9600")
    port.send(b"hello\n")
    assert os.read(far, 16) == b"hello\n"
    os.write(far, b"ok\n")
    assert ConsoleLines(port).next(30) == b"ok"
    port.close()
    os.close(far)
    os.close(near)


@pytest.mark.parametrize("spec", ["ttyUSB0", "serial:", "i2c:/dev/i2c-1", "serial:/nonexistent"])
def test_a_port_that_is_none_is_said_with_its_option(spec):
    with pytest.raises(InputError, match="dut_console"):
        SerialConsole(spec, "dut_console")
