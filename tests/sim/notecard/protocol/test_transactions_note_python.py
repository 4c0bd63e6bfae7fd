"""The real note-python 2.5.1, which nobody here wrote, on a pty and on I2C."""

from __future__ import annotations

import random
from contextlib import contextmanager

import notecard
import pytest
import serial
from notecard import binary_helpers, hub, note
from notecard import card as card_api
from notecard import notecard as client
from notecard.upload import upload

from sim.notecard.model.faults import Faults, parse_faults
from sim.notecard.model.link import Timing
from sim.notecard.notehub.hub import Hub
from sim.notecard.notehub.routes import EventRoute, Proxy
from sim.notecard.protocol.virtual import VirtualNotecard
from sim.notecard.transport.i2c import I2cBus, I2cServer, SocketI2c
from sim.notecard.transport.loop import SerialLoop
from sim.notecard.transport.pty import PtyPort
from sim.notecard.transport.realtime import RealtimeNotecard
from tests.patience import until

FAST = Timing(registration_s=0.05, session_s=0.01, sync_s=0.01, boot_s=0.2)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    """Shorten what the client sleeps; it is our answers that are judged, not its patience."""
    for name, value in {
        "CARD_REQUEST_SEGMENT_DELAY_MS": 1,
        "CARD_REQUEST_I2C_CHUNK_DELAY_MS": 0,
        "CARD_REQUEST_I2C_NACK_WAIT_MS": 1,
        "CARD_RESET_DRAIN_MS": 30,
    }.items():
        monkeypatch.setattr(client, name, value)
    real = client.time.sleep
    monkeypatch.setattr(client.time, "sleep", lambda s: real(min(s, 0.002)))


@contextmanager
def on_pty(tmp_path, virtual):
    loop = SerialLoop(RealtimeNotecard(virtual), PtyPort(tmp_path / "card"))
    loop.start()
    port = serial.Serial(loop.port.path, 9600)
    try:
        yield notecard.OpenSerial(port, lock_path=str(tmp_path / "lock"))
    finally:
        port.close()
        loop.close()


@contextmanager
def on_i2c(mtu, virtual, warp=1.0):
    bus = I2cBus(RealtimeNotecard(virtual, warp=warp))
    try:
        yield notecard.OpenI2C(bus, 0, mtu)
    finally:
        bus.close()


@contextmanager
def on_socket(tmp_path, virtual):
    bus = I2cBus(RealtimeNotecard(virtual))
    server = I2cServer(bus, tmp_path / "i2c")
    wire = SocketI2c(tmp_path / "i2c")
    try:
        yield notecard.OpenI2C(wire, 0, 30)
    finally:
        wire.close()
        server.close()
        bus.close()


WIRES = {
    "pty": lambda tmp_path, virtual: on_pty(tmp_path, virtual),
    "i2c-30": lambda tmp_path, virtual: on_i2c(30, virtual),
    "i2c-255": lambda tmp_path, virtual: on_i2c(255, virtual),
    "i2c-socket": lambda tmp_path, virtual: on_socket(tmp_path, virtual),
}
any_wire = pytest.mark.parametrize("wire", WIRES.values(), ids=WIRES.keys())


@any_wire
@pytest.mark.parametrize("fault", ["", "no-crc"])
def test_everything_a_host_does(wire, fault, tmp_path, web_server):
    faults = parse_faults((fault,) if fault else ())
    sink = web_server(b'{"accepted":1}', status=202)
    routes = Hub([EventRoute(sink.url)], {"ingest": Proxy(sink.url)})
    with wire(tmp_path, VirtualNotecard(faults=faults, timing=FAST, hub=routes)) as card:
        card.Reset()
        text = "é" * 100 + "x" * 2800
        assert card.Transaction({"req": "echo", "text": text})["text"] == text
        hub.set(card, product="com.example:badge", mode="continuous", sn="7")
        settings = hub.get(card)
        assert (settings["mode"], settings["sn"]) == ("continuous", "7")
        assert ("crc" in settings) == (not fault)
        note.add(card, body={"n": 1}, sync=True)
        card.Command({"cmd": "note.add", "body": {"n": 2}})
        assert "{not-supported}" in card.Transaction({"req": "card.nonsense"})["err"]
        assert card_api.version(card)["version"].startswith("notecard-")
        until(lambda: hub.status(card).get("connected"))
        assert card_api.time(card)["time"] > 1_767_000_000
        _binary_both_ways(card)
        answer = card.Transaction(
            {"req": "web.post", "route": "ingest", "name": "events", "body": {"a": 1}}
        )
        assert (answer["result"], answer["body"]) == (202, {"accepted": 1})
        assert ("POST", "/events", b'{"a":1}') in sink.requests
        until(lambda: any(b'"body":{"n":1}' in body for _, _, body in sink.requests))


def _binary_both_ways(card) -> None:
    data = bytearray(random.Random(1).randbytes(5000))
    binary_helpers.binary_store_reset(card)
    binary_helpers.binary_store_transmit(card, data[:3000], 0)
    binary_helpers.binary_store_transmit(card, data[3000:], 3000)
    assert binary_helpers.binary_store_decoded_length(card) == 5000
    assert binary_helpers.binary_store_receive(card, 0, 5000) == data
    assert binary_helpers.binary_store_receive(card, 4990, 10) == data[4990:]


def test_upload_in_chunks_through_a_proxy_route(tmp_path, web_server):
    sink = web_server(b"")
    data = random.Random(2).randbytes(9000)
    virtual = VirtualNotecard(timing=FAST, hub=Hub(proxies={"files": Proxy(sink.url)}))
    with on_i2c(0, virtual) as card:
        hub.set(card, product="com.example:badge", mode="continuous")
        until(lambda: hub.status(card).get("connected"))
        stats = upload(card, data, "files", target="image.bin", max_chunk_size=4000)
    assert stats["chunks"] == 3
    assert sink.requests == [("POST", "/image.bin", data)]


@any_wire
def test_heartbeats_after_which_note_python_sends_again(wire, tmp_path):
    faults = Faults()
    with wire(tmp_path, VirtualNotecard(faults=faults)) as card:
        card.Transaction({"req": "hub.get"})
        faults.params["heartbeat"] = 20
        assert card.Transaction({"req": "echo", "text": "a"})["text"] == "a"
        faults.params.clear()
        assert card.Transaction({"req": "echo", "text": "b"})["text"] == "b"
    assert faults.struck["heartbeat"] > 0


@any_wire
@pytest.mark.parametrize("kind", ["corrupt-crc", "slow"])
def test_faults_that_note_python_gets_over(wire, kind, tmp_path):
    faults = Faults()
    with wire(tmp_path, VirtualNotecard(faults=faults)) as card:
        card.Transaction({"req": "hub.get"})
        faults.params |= {"slow": 30} if kind == "slow" else {}
        faults.arm(kind)
        reply = card.Transaction({"req": "note.add", "body": {"n": 1}})
        assert reply["total"] == 1
    assert faults.struck[kind] > 0


@pytest.mark.parametrize("mtu", [30, 255])
def test_a_nack_costs_a_reset(mtu):
    faults = Faults()
    with on_i2c(mtu, VirtualNotecard(faults=faults)) as card:
        faults.arm("nack", 2)
        assert card.Transaction({"req": "echo", "text": "a"})["text"] == "a"
    assert faults.struck["nack"] == 2


@pytest.mark.parametrize("kind", ["brown-out", "unplug"])
def test_a_moment_without_the_card(kind):
    faults = Faults()
    with on_i2c(255, VirtualNotecard(faults=faults, timing=FAST), warp=20) as card:
        faults.arm(kind)
        until(lambda: _echoes(card))
    assert faults.struck[kind] == 1


def _echoes(card) -> bool:
    """Whether a transaction succeeds; the client's own exception is a bare one."""
    try:
        return card.Transaction({"req": "echo", "text": "b"})["text"] == "b"
    except Exception:
        return False


def _resets(card) -> bool:
    """Whether both are in step again: the client gives the card half a second, ten times."""
    try:
        card.Reset()
    except Exception:
        return False
    return True


@pytest.mark.parametrize("kind", ["garbage", "stale"])
def test_noise_that_note_python_does_not_expect(kind, tmp_path):
    faults = Faults()
    with on_pty(tmp_path, VirtualNotecard(faults=faults)) as card:
        card.Transaction({"req": "hub.get"})
        faults.arm(kind)
        _echoes(card)
        assert any(_resets(card) for _ in range(6))
        assert _echoes(card)
    assert faults.struck[kind] == 1


def test_a_damaged_payload_is_bad_bin(tmp_path):
    faults = Faults()
    with on_pty(tmp_path, VirtualNotecard(faults=faults)) as card:
        faults.arm("bad-bin")
        with pytest.raises(Exception, match="Failed to transact"):
            binary_helpers.binary_store_transmit(card, bytearray(b"abc"), 0)
        binary_helpers.binary_store_reset(card)
        binary_helpers.binary_store_transmit(card, bytearray(b"abc"), 0)
    assert faults.struck["bad-bin"] == 1


def test_another_address(tmp_path):
    bus = I2cBus(RealtimeNotecard(VirtualNotecard()))
    notecard.OpenI2C(bus, 0, 0).Transaction({"req": "card.io", "i2c": 0x42})
    assert notecard.OpenI2C(bus, 0x42, 0).Transaction({"req": "hub.get"})["mode"] == "periodic"
    with pytest.raises(OSError, match="not acknowledged"):
        bus.transfer(0x17, [])
    bus.close()
