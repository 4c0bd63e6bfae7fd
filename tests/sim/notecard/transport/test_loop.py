"""The pumps around the serial wire: pty, pacing, unplugging, and a real serial port."""

from __future__ import annotations

import time
from contextlib import contextmanager, suppress

import pytest
import serial

from badge.errors import InputError
from sim.notecard.protocol.virtual import VirtualNotecard
from sim.notecard.transport.loop import SerialLoop
from sim.notecard.transport.pty import PtyPort
from sim.notecard.transport.realtime import RealtimeNotecard
from sim.notecard.transport.serial import SerialPort
from tests.patience import PATIENCE_S, until


@contextmanager
def running(tmp_path, notecard=None, baud=0, warp=1.0):
    loop = SerialLoop(
        RealtimeNotecard(notecard or VirtualNotecard(), warp=warp), PtyPort(tmp_path / "card"), baud
    )
    loop.start()
    try:
        yield loop
    finally:
        loop.close()


def ask(port: serial.Serial, line: bytes) -> bytes:
    port.write(line + b"\n")
    return port.read_until(b"\n")


def ask_often(port: serial.Serial) -> None:
    for _ in range(100):
        ask(port, b'{"req":"hub.get"}')


def opened(loop: SerialLoop) -> serial.Serial:
    return serial.Serial(loop.port.path, 9600, timeout=PATIENCE_S)


def test_hosts_may_come_and_go(tmp_path):
    with running(tmp_path) as loop:
        for _ in range(3):
            with opened(loop) as port:
                assert ask(port, b"") == b"\r\n"
                assert ask(port, b'{"req":"echo","text":"\xc3\xa9"}') == b'{"text":"\xc3\xa9"}\r\n'


def test_raw_bytes_pass_as_they_are(tmp_path):
    with running(tmp_path) as loop, opened(loop) as port:
        port.write(
            b'{"req":"card.binary.put","cobs":4}\n' + bytes([0x0E, 0x03, 0x11, 0x13]) + b"\n"
        )
        assert port.read_until(b"\n") == b"{}\r\n"
        assert b'"length":3' in ask(port, b'{"req":"card.binary"}')


def test_the_link_is_replaced_and_removed_but_never_a_file(tmp_path):
    with running(tmp_path) as loop:
        assert (tmp_path / "card").is_symlink()
        with pytest.raises(InputError, match="a card is there already"):
            PtyPort(tmp_path / "card")
    assert not list(tmp_path.iterdir())
    (tmp_path / "card").symlink_to("/dev/pts/left-by-a-killed-card")
    PtyPort(tmp_path / "card").close()
    (tmp_path / "card").write_text("mine")
    with pytest.raises(InputError, match="is no link"):
        PtyPort(tmp_path / "card")
    assert loop.port.path == str(tmp_path / "card")


def test_unplugged_the_host_sees_an_end_and_a_new_device_comes_back(tmp_path):
    with running(tmp_path, warp=50) as loop:
        port = opened(loop)
        loop.live.act(lambda notecard: notecard.faults.arm("unplug"))
        with pytest.raises(serial.SerialException):
            ask_often(port)
        port.close()

        def back():
            with suppress(serial.SerialException), opened(loop) as again:
                return ask(again, b"") == b"\r\n"

        until(back)


def test_at_9600_baud_bytes_take_their_time(tmp_path):
    with running(tmp_path, baud=9600) as loop, opened(loop) as port:
        start_s = time.monotonic()
        ask(port, b'{"req":"echo","text":"%b"}' % (b"x" * 200))
        assert time.monotonic() - start_s > 2 * 200 * 10 / 9600


def test_a_host_that_does_not_read_does_not_stop_the_card(tmp_path, monkeypatch):
    monkeypatch.setattr("sim.notecard.transport.pty.WRITE_TIMEOUT_S", 0.02)
    with running(tmp_path) as loop, opened(loop) as port:
        for _ in range(4):
            port.write(b'{"req":"echo","text":"%b"}\n' % (b"x" * 3000))
        time.sleep(0.1)
        port.reset_input_buffer()
        assert ask(port, b'{"req":"hub.get"}')


def test_this_computer_plays_the_card_on_a_serial_port():
    cable = PtyPort()  # its other end is the port of the card
    loop = SerialLoop(RealtimeNotecard(VirtualNotecard()), SerialPort(cable.path))
    loop.start()
    cable.write(b'{"req":"echo","text":"over the cable"}\n')
    said = bytearray()
    until(lambda: said.extend(cable.read()) or said.endswith(b"\n"))
    assert said == b'{"text":"over the cable"}\r\n'
    loop.close()
    cable.close()


def test_a_port_that_is_not_there():
    with pytest.raises(InputError, match="no-such-port: cannot be opened"):
        SerialPort("no-such-port")
