from __future__ import annotations

import pytest

from badge.errors import InputError
from sim.notecard.protocol.virtual import VirtualNotecard
from sim.notecard.transport.i2c import I2cBus, I2cServer, NotAcknowledged
from sim.notecard.transport.realtime import RealtimeNotecard


class Sent:
    def __init__(self, data, read=False):
        self.data, self.read = data, read


@pytest.fixture
def bus():
    bus = I2cBus(RealtimeNotecard(VirtualNotecard()))
    yield bus
    bus.close()


def ask(bus, line: bytes, address=0x17) -> bytes:
    bus.transfer(address, [Sent(bytes([len(line)]) + line)])
    query = Sent(bytearray(2), read=True)
    bus.transfer(address, [Sent(b"\0\0"), query])
    count = query.data[0]
    answer = Sent(bytearray(count + 2), read=True)
    bus.transfer(address, [Sent(bytes([0, count])), answer])
    return bytes(answer.data[2:])


def test_a_restart_is_answered_on_the_bus_before_the_card_is_gone(bus):
    assert ask(bus, b'{"req":"card.restart"}\n') == b"{}\r\n"


def test_nobody_answers_at_another_address(bus):
    with pytest.raises(NotAcknowledged, match="0x42"):
        bus.transfer(0x42, [Sent(b"")])
    assert ask(bus, b'{"req":"card.io","i2c":66}\n') == b"{}\r\n"
    assert ask(bus, b'{"req":"echo","text":"x"}\n', 0x42) == b'{"text":"x"}\r\n'


def test_a_socket_that_somebody_lives_at_is_not_taken(bus, tmp_path):
    server = I2cServer(bus, tmp_path / "i2c")
    with pytest.raises(InputError, match="somebody answers"):
        I2cServer(bus, tmp_path / "i2c")
    server.close()
    assert not (tmp_path / "i2c").exists()
