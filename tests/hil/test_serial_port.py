"""A serial port at an address: the virtual card over TCP, opened as any other port is."""

from __future__ import annotations

import pytest

from badge.errors import InputError
from hil.card.errors import CardError
from hil.card.open import open_notecard
from hil.serial_port import is_address
from sim.notecard.protocol.virtual import VirtualNotecard
from sim.notecard.transport.loop import SerialLoop
from sim.notecard.transport.realtime import RealtimeNotecard
from sim.notecard.transport.tcp import TcpPort


@pytest.fixture
def loop():
    loop = SerialLoop(RealtimeNotecard(VirtualNotecard()), TcpPort("127.0.0.1:0"))
    loop.start()
    yield loop
    loop.close()


def test_a_card_at_an_address_answers_as_one_on_a_port_does(loop):
    for _ in range(2):  # the next host is taken after the first has gone
        card = open_notecard(f"serial:{loop.port.path}")
        try:
            assert card.ask("card.version")["version"].startswith("notecard-")
        finally:
            card.close()


def test_an_address_where_nobody_listens_is_told(loop):
    nowhere = TcpPort("0")
    path = nowhere.path
    nowhere.close()
    card = open_notecard(f"serial:{path}")
    with pytest.raises((CardError, InputError), match="nobody listens there"):
        card.ask("card.version")
    card.close()


def test_an_address_is_no_file_and_its_port_no_speed():
    assert is_address("socket://h:1")
    assert not is_address("/dev/ttyACM0")
