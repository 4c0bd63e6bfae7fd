"""GDB's remote protocol: packets with a sum, an answer for each request, and stops."""

from __future__ import annotations

import socket
import threading

import pytest

from hil.dut.drivers.gdb import GdbLostError, GdbStub


def packet(content):
    return b"$%b#%02x" % (content, sum(content) % 256)


@pytest.fixture
def stub():
    """A debugger and the far end of its line, which hears and says what a test lets it."""
    near, far = socket.socketpair()
    found = GdbStub(near)
    with far:
        yield found, far
        found.close()


def test_a_machine_is_stopped_watched_and_let_go(stub):
    debugger, far = stub
    far.sendall(packet(b"T02thread:01;") + packet(b"OK") + packet(b"T05watch:21000010;"))
    far.sendall(packet(b"OK") + packet(b"T05"))
    debugger.stop()
    debugger.watch_writes(0x21000000, 16)
    debugger.go()
    assert debugger.wait_for_stop() == b"T05watch:21000010;"
    debugger.forget_writes(0x21000000, 16)
    debugger.step()
    assert far.recv(4096) == b"\x03+$Z2,21000000,10#c8+$c#63+$z2,21000000,10#e8+$s#73+"


def test_the_monitor_may_print_before_it_is_done(stub):
    debugger, far = stub
    far.sendall(packet(b"O6869") + packet(b"OK"))
    debugger.monitor("system_reset")
    assert b"qRcmd,73797374656d5f7265736574" in far.recv(4096)


def test_a_refusal_and_an_end_are_said(stub):
    debugger, far = stub
    far.sendall(packet(b"E22"))
    with pytest.raises(GdbLostError, match="Z2,0,1: E22"):
        debugger.watch_writes(0, 1)
    far.close()
    with pytest.raises(GdbLostError, match=r"ended|reset"):
        debugger.wait_for_stop()


def test_a_wait_ends_when_the_line_is_closed(stub):
    debugger, _ = stub
    ended = []

    def wait():
        with pytest.raises(GdbLostError):
            debugger.wait_for_stop()
        ended.append(True)

    waiting = threading.Thread(target=wait)
    waiting.start()
    debugger.close()
    waiting.join(60)
    assert ended == [True]
