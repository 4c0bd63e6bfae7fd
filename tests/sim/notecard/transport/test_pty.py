from __future__ import annotations

import os

from sim.notecard.transport.pty import PtyPort


def test_bytes_go_both_ways_raw(tmp_path):
    port = PtyPort(tmp_path / "card")
    host = os.open(port.path, os.O_RDWR | os.O_NOCTTY)
    os.write(host, b"a\r\n\x03\x00")
    assert port.read() == b"a\r\n\x03\x00"
    assert port.read() == b""
    port.write(b"\x00\xffb\n")
    assert os.read(host, 100) == b"\x00\xffb\n"
    os.close(host)
    port.close()
