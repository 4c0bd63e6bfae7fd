"""Hosts that are no library: raw bytes on a pty and on I2C, by the rules of the compiled clients.

Requests end in CRLF and leave in segments of 250 bytes (serial) or chunks of the bus's size; the
crc is upper case and has a sequence number; the same bytes are sent again after {io} and after
silence; {heartbeat} is waited out; binary goes as COBS with an MD5.
"""

from __future__ import annotations

import json
import os
import random
import select
import time
import tty
from contextlib import contextmanager
from hashlib import md5
from zlib import crc32

import pytest

from sim.notecard.codec.cobs import cobs_decode, cobs_encode
from sim.notecard.model.faults import Faults
from sim.notecard.model.link import Timing
from sim.notecard.notehub.hub import Hub
from sim.notecard.notehub.routes import Proxy
from sim.notecard.protocol.virtual import VirtualNotecard
from sim.notecard.transport.i2c import I2cBus, I2cServer, SocketI2c
from sim.notecard.transport.loop import SerialLoop
from sim.notecard.transport.pty import PtyPort
from sim.notecard.transport.realtime import RealtimeNotecard
from tests.patience import PATIENCE_S, until

FAST = Timing(registration_s=0.02, session_s=0.01, sync_s=0.01, boot_s=0.1)
SEGMENT_BYTES, PAUSE_S = 250, 0.002  # a real client pauses for 0.25 s
RETRIES = 5


class Silence(Exception):  # noqa: N818  # what a host meets, and no error of it
    """Nothing came in time."""


class SerialPort:
    def __init__(self, path):
        self.fd = os.open(path, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self.fd)
        self.pending = b""

    def write(self, data):
        for at in range(0, len(data), SEGMENT_BYTES):
            os.write(self.fd, data[at : at + SEGMENT_BYTES])
            time.sleep(PAUSE_S)

    def message(self, timeout_s):
        until_s = time.monotonic() + timeout_s
        while b"\n" not in self.pending:
            ready, _, _ = select.select([self.fd], [], [], max(until_s - time.monotonic(), 0))
            if not ready:
                raise Silence
            self.pending += os.read(self.fd, 4096)
        line, _, self.pending = self.pending.partition(b"\n")
        return line + b"\n"

    def drain(self):
        while select.select([self.fd], [], [], 0.05)[0]:
            os.read(self.fd, 4096)
        self.pending = b""

    def close(self):
        os.close(self.fd)


class Chunk:
    def __init__(self, data, read=False):
        self.data, self.read = bytearray(data), read


class I2cWire:
    def __init__(self, bus, mtu):
        self.bus, self.mtu = bus, mtu

    def write(self, data):
        for at in range(0, len(data), self.mtu):
            part = data[at : at + self.mtu]
            self.bus.transfer(0x17, [Chunk(bytes([len(part)]) + part)])

    def read(self, count):
        self.bus.transfer(0x17, [Chunk(bytes([0, count]))])  # and a STOP
        answer = Chunk(bytes(count + 2), read=True)
        self.bus.transfer(0x17, [answer])
        available, echoed = answer.data[:2]
        assert available <= 253
        assert echoed == count
        return available, bytes(answer.data[2:])

    def message(self, timeout_s):
        until_s, got, available = time.monotonic() + timeout_s, b"", 0
        while not (got.endswith(b"\n") and not available):
            if not available and not got and time.monotonic() > until_s:
                raise Silence
            available, data = self.read(min(available, self.mtu))
            got += data
            if not got:
                time.sleep(0.002)
        return got

    def drain(self):
        while (available := self.read(0)[0]) > 0:
            self.read(min(available, self.mtu))

    def close(self):
        pass


class Host:
    """What a compiled client does around a wire; `sent` counts the times a request left."""

    def __init__(self, wire, crc=True):
        self.wire, self.crc, self.sequence = wire, crc, 0
        self.seen_crc, self.sent = False, 0

    def reset(self):
        for _ in range(10):
            self.wire.drain()
            self.wire.write(b"\n")
            try:
                if self.wire.message(0.5).strip() == b"":
                    return
            except Silence:
                continue
        raise AssertionError("no echo of the line feed")

    def transaction(self, name, /, timeout_s=2.0, **members):
        line = self.line(name, members)
        for _ in range(RETRIES + 1):
            self.sent += 1
            self.wire.write(line)
            try:
                reply = self.reply(timeout_s)
            except (Silence, ValueError):
                self.reset()
                continue
            if "{io}" in reply.get("err", "") and "{not-supported}" not in reply["err"]:
                continue
            self.sequence = (self.sequence + 1) % 0x10000
            return reply
        raise AssertionError(f"{name}: no good answer")

    def line(self, name, members):
        text = json.dumps({"req": name} | members, separators=(",", ":"), ensure_ascii=False)
        if self.crc:
            sum_ = crc32(text.encode())
            text = f'{text[:-1]},"crc":"{self.sequence:04X}:{sum_:08X}"}}'
        return text.encode() + b"\r\n"

    def reply(self, timeout_s):
        while True:
            line = self.wire.message(timeout_s)
            assert line.endswith(b"\r\n")
            reply = json.loads(line)
            if "{heartbeat}" not in reply.get("err", ""):
                return self.checked(line.decode().rstrip(), reply)

    def checked(self, text, reply):
        """ValueError, so that it is asked again, if the answer's crc is wrong or has gone."""
        tail = reply.pop("crc", None)
        if tail is None:
            if self.seen_crc and "err" not in reply:
                raise ValueError("the crc has gone")
            return reply
        number, _, hexes = tail.partition(":")
        bare = text[: text.rindex('"crc":"')].rstrip(" ,") + "}"
        if int(number, 16) != self.sequence or int(hexes, 16) != crc32(bare.encode()):
            raise ValueError("a wrong crc")
        assert hexes == hexes.upper()
        self.seen_crc = True
        return reply

    def store(self, data):
        encoded = cobs_encode(data)
        assert self.transaction("card.binary", reset=True)["max"] >= len(data)
        put = {"cobs": len(encoded), "status": md5(data).hexdigest()}
        assert self.transaction("card.binary.put", **put) == {}
        self.wire.write(encoded + b"\n")
        return self.transaction("card.binary")

    def fetch(self, offset, length):
        head = self.transaction("card.binary.get", offset=offset, length=length)
        data = cobs_decode(self.wire.message(2.0)[:-1])
        assert head["status"] == md5(data).hexdigest()
        return data


@contextmanager
def on_pty(notecard, tmp_path):
    loop = SerialLoop(RealtimeNotecard(notecard), PtyPort(tmp_path / "card"))
    loop.start()
    wire = SerialPort(loop.port.path)
    try:
        yield wire
    finally:
        wire.close()
        loop.close()


def on_i2c(mtu, over_socket=False):
    @contextmanager
    def offer(notecard, tmp_path):
        bus = I2cBus(RealtimeNotecard(notecard))
        server = I2cServer(bus, tmp_path / "i2c") if over_socket else None
        far = SocketI2c(tmp_path / "i2c") if over_socket else None
        try:
            yield I2cWire(far or bus, mtu)
        finally:
            if server is not None:
                far.close()
                server.close()
            bus.close()

    return offer


WIRES = {
    "pty": on_pty,
    "i2c-30": on_i2c(30),
    "i2c-253": on_i2c(253),
    "i2c-socket-30": on_i2c(30, over_socket=True),
}
any_wire = pytest.mark.parametrize("wire", WIRES.values(), ids=WIRES)
either_crc = pytest.mark.parametrize("crc", [True, False], ids=["crc", "no-crc"])


@any_wire
@either_crc
@pytest.mark.parametrize("old_card", [False, True], ids=["", "old-card"])
def test_all_that_a_host_does(wire, crc, old_card, tmp_path, web_server):
    sink = web_server(b'{"accepted":1}', status=202)
    faults = Faults({"no-crc": 0} if old_card else {})
    notecard = VirtualNotecard(faults=faults, timing=FAST, hub=Hub([], {"ingest": Proxy(sink.url)}))
    with wire(notecard, tmp_path) as way:
        host = Host(way, crc)
        host.reset()
        way.write(b'{"req":"echo","text":"nonce"}\r\n')  # a ping is never signed
        assert way.message(PATIENCE_S) == b'{"text":"nonce"}\r\n'
        product = {"product": "com.example:badge", "mode": "continuous", "body": {"agent": "x"}}
        assert host.transaction("hub.set", **product) == {}
        assert host.transaction("hub.get")["mode"] == "continuous"
        assert host.transaction("note.add", body={"n": 1, "t": "ünï"}) == {"total": 1}
        way.write(b'{"cmd":"note.add","body":{"n":2}}\r\n')
        text = "x" * 2900 + "é" * 50
        assert host.transaction("echo", text=text)["text"] == text
        assert "{not-supported}" in host.transaction("card.nonsense")["err"]
        until(lambda: host.transaction("hub.status").get("connected"))
        assert host.transaction("card.time")["time"] > 1_767_000_000
        data = random.Random(5).randbytes(5000)
        kept = host.store(data)
        assert (kept["length"], kept["status"]) == (5000, md5(data).hexdigest())
        assert host.fetch(0, 5000) == data
        assert host.fetch(4990, 10) == data[4990:]
        answer = host.transaction("web.post", route="ingest", name="events", body={"a": 1})
        assert (answer["result"], answer["body"]) == (202, {"accepted": 1})
        assert host.seen_crc == (crc and not old_card)
        assert host.sent == host.sequence, "nothing had to be sent twice"


@any_wire
def test_a_request_that_was_damaged_is_asked_for_again_and_done_once(wire, tmp_path):
    with wire(VirtualNotecard(), tmp_path) as way:
        host = Host(way)
        line = host.line("note.add", {"body": {"n": 1}})
        way.write(line.replace(b'"n":1', b'"n":7'))
        assert "{io}" in host.reply(2.0)["err"]
        assert host.transaction("note.add", body={"n": 1}) == {"total": 1}


@any_wire
@pytest.mark.parametrize("kind", ["corrupt-crc", "garbage", "stale"])
def test_an_answer_that_was_damaged_is_replayed_and_the_note_is_there_once(wire, kind, tmp_path):
    faults = Faults()
    with wire(VirtualNotecard(faults=faults), tmp_path) as way:
        host = Host(way)
        host.transaction("hub.get")
        faults.arm(kind)
        assert host.transaction("note.add", body={"n": 1}) == {"total": 1}
        assert host.transaction("note.add", body={"n": 1}) == {"total": 2}, "another number"
    assert faults.struck[kind] == 1
    assert host.sent > host.sequence


@any_wire
def test_an_answer_that_was_never_read_is_replayed(wire, tmp_path):
    with wire(VirtualNotecard(), tmp_path) as way:
        host = Host(way)
        line = host.line("note.add", {"body": {"n": 1}})
        way.write(line)
        time.sleep(0.05)
        host.reset()  # drains it away
        assert host.transaction("note.add", body={"n": 1}) == {"total": 1}


@any_wire
def test_heartbeats_are_waited_out(wire, tmp_path):
    faults = Faults({"heartbeat": 20, "slow": 100})
    with wire(VirtualNotecard(faults=faults), tmp_path) as way:
        host = Host(way)
        assert host.transaction("echo", text="a")["text"] == "a"
        assert host.sent == 1
    assert faults.struck["heartbeat"] > 1


@any_wire
def test_a_payload_that_was_damaged_is_sent_again(wire, tmp_path):
    faults = Faults()
    with wire(VirtualNotecard(faults=faults), tmp_path) as way:
        host, data = Host(way), bytes(range(256)) * 4
        faults.arm("bad-bin")
        assert "{bad-bin}" in host.store(data)["err"]
        assert host.store(data)["length"] == len(data)
        assert host.fetch(0, len(data)) == data


@any_wire
def test_the_number_wraps(wire, tmp_path):
    with wire(VirtualNotecard(), tmp_path) as way:
        host = Host(way)
        host.sequence = 0xFFFF
        host.transaction("hub.get")
        host.transaction("hub.get")
        assert host.sequence == 1
