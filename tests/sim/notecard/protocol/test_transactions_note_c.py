"""A client by the rules of note-c and note-arduino, which differ from note-python's.

CRLF behind each request, upper-case crc with a blank in an empty object, I2C reads separated by
STOPs, reading on while anything is available even after the LF, avail never over 253.
"""

from __future__ import annotations

import json
from hashlib import md5
from zlib import crc32

import pytest

from sim.notecard.codec.cobs import cobs_decode, cobs_encode
from sim.notecard.codec.crc import append_crc, read_tail
from sim.notecard.model import outputs
from sim.notecard.model.link import Timing
from sim.notecard.protocol.virtual import VirtualNotecard
from sim.notecard.transport.i2c import I2cBus
from sim.notecard.transport.realtime import RealtimeNotecard


class Message:
    def __init__(self, data: bytes, read: bool = False) -> None:
        self.data, self.read = bytearray(data), read


class NoteC:
    def __init__(self, bus: I2cBus, mtu: int) -> None:
        self.bus, self.mtu, self.sequence = bus, mtu, 0

    def write(self, data: bytes) -> None:
        for at in range(0, len(data), self.mtu):
            chunk = data[at : at + self.mtu]
            self.bus.transfer(0x17, [Message(bytes([len(chunk)]) + chunk)])

    def read(self, k: int) -> tuple[int, bytes]:
        self.bus.transfer(0x17, [Message(bytes([0, k]))])  # STOP
        answer = Message(bytes(k + 2), read=True)
        self.bus.transfer(0x17, [answer])
        available, count = answer.data[:2]
        assert available <= 253
        assert count == k
        return available, bytes(answer.data[2:])

    def message(self) -> bytes:
        got, available = b"", 0
        for _ in range(10_000):
            available, data = self.read(min(available, self.mtu))
            got += data
            if not available and got.endswith(b"\n"):
                return got
        raise AssertionError("no LF")

    def reset(self) -> None:
        self.write(b"\n")
        assert self.message() == b"\r\n"

    def transaction(self, name: str, **members) -> dict:
        text = json.dumps({"req": name} | members, separators=(",", ":"), ensure_ascii=False)
        crc = crc32(text.encode())
        self.write(f'{text[:-1]},"crc":"{self.sequence:04X}:{crc:08X}"}}\r\n'.encode())
        line = self.message()
        assert line.endswith(b"}\r\n")
        assert line.count(b"\n") == 1
        reply = json.loads(line)
        assert reply.pop("crc").startswith(f"{self.sequence:04X}:")
        self.sequence = (self.sequence + 1) % 0x10000
        return reply


@pytest.fixture
def bus():
    timing = Timing(registration_s=0, session_s=0, sync_s=0)
    bus = I2cBus(RealtimeNotecard(VirtualNotecard(timing=timing)))
    yield bus
    bus.close()


@pytest.mark.parametrize("mtu", [1, 30, 253, 255])
def test_all_a_host_does(bus, mtu):
    host = NoteC(bus, mtu)
    host.reset()
    host.write(b'{"req":"echo","text":"nonce"}\r\n')  # NotePing signs nothing
    assert host.message() == b'{"text":"nonce"}\r\n'
    assert host.transaction("hub.set", product="p:q", mode="continuous", body={"agent": "x"}) == {}
    assert host.transaction("hub.get")["mode"] == "continuous"
    text = "é" * (150 if mtu == 1 else 1500)
    assert host.transaction("echo", text=text)["text"] == text
    host.write(b'{"cmd":"note.add","body":{"n":1}}\r\n')
    assert host.transaction("card.time")["time"]
    data = bytes(range(256)) * (2 if mtu == 1 else 20)
    encoded = cobs_encode(data)
    assert host.transaction("card.binary", reset=True)["max"] > len(data)
    digest = md5(data).hexdigest()
    assert host.transaction("card.binary.put", cobs=len(encoded), status=digest) == {}
    host.write(encoded + b"\n")
    assert host.transaction("card.binary")["length"] == len(data)
    assert host.transaction("card.binary.get", length=len(data))["status"] == digest
    assert cobs_decode(host.message()[:-1]) == data


def test_a_host_that_gave_up_reading_finds_no_stale_answer(bus):
    host = NoteC(bus, 30)
    host.write(b'{"req":"echo","text":"%b"}\r\n' % (b"x" * 500))
    host.read(0)
    host.read(30)
    assert host.transaction("hub.get")["mode"] == "periodic"


def test_the_sequence_wraps(bus):
    host = NoteC(bus, 253)
    host.sequence = 0xFFFF
    host.transaction("hub.get")
    host.transaction("hub.get")
    assert host.sequence == 1


@pytest.mark.slow
def test_sixty_six_thousand_transactions_over_the_wrap_of_the_sequence():
    notecard, bad = VirtualNotecard(), 0
    for n in range(66_000):
        text = b'{"req":"echo","text":"%d"}' % n
        line = append_crc(text, n % 65_536)
        said = notecard.receive(line + b"\n", n)
        (reply,) = [one for one in said if isinstance(one, outputs.Message)]
        tail = read_tail(reply.data.strip())
        bad += tail is None or not tail.good or b'"text":"%d"' % n not in reply.data
    assert bad == 0
