"""A virtual Notecard at the end of a pty or an I2C socket, and note-python without its sleeps."""

from __future__ import annotations

import asyncio
import time
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from hil.card.client import Notecard
from hil.card.open import open_notecard
from sim.ingest.launch import launch_ingest
from sim.notecard.model.faults import Faults
from sim.notecard.model.link import Timing
from sim.notecard.protocol.virtual import VirtualNotecard
from sim.notecard.transport.i2c import I2cBus, I2cServer
from sim.notecard.transport.loop import SerialLoop
from sim.notecard.transport.pty import PtyPort
from sim.notecard.transport.realtime import RealtimeNotecard

FAST = Timing(registration_s=0.05, session_s=0.01, sync_s=0.01, gnss_s=0.05, boot_s=0.2)
QUICK = {
    "CARD_REQUEST_SEGMENT_DELAY_MS": 1,
    "CARD_REQUEST_I2C_CHUNK_DELAY_MS": 0,
    "CARD_REQUEST_I2C_NACK_WAIT_MS": 1,
    "CARD_RESET_DRAIN_MS": 30,
    # A pty's bytes are carried by the kernel's own threads, which a busy machine holds up.
    "CARD_INTRA_TRANSACTION_TIMEOUT_SEC": 20,
}


@pytest.fixture
def impatient(monkeypatch):
    """note-python's constants and sleeps, for tests; the answers are judged, not the waiting."""
    from notecard import notecard as client

    for name, value in QUICK.items():
        monkeypatch.setattr(client, name, value)

    class Time:
        def __getattr__(self, name):
            return getattr(time, name)

        @staticmethod
        def sleep(seconds):
            time.sleep(min(seconds, 0.002))

    monkeypatch.setattr(client, "time", Time())


@dataclass
class Bench:
    """A virtual card and how to reach it."""

    notecard: VirtualNotecard
    live: RealtimeNotecard
    spec: str
    seen: list

    def requests(self, name: str) -> list[str]:
        """What the card was asked, by name."""
        return [text for kind, text in self.seen if kind == "request" and f'"{name}"' in text]


@pytest.fixture
def bench(tmp_path, monkeypatch, impatient):
    """`bench("serial", faults=…, timing=…, hub=…)` offers a card there."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    with ExitStack() as stack:

        def offer(wire: str = "serial", warp: float = 1.0, **parts) -> Bench:
            parts.setdefault("timing", FAST)
            parts.setdefault("epoch_ms", int(time.time() * 1000))
            notecard, seen = VirtualNotecard(**parts), []
            live = RealtimeNotecard(
                notecard, warp=warp, watch=lambda ms, one: seen.append((one.kind, one.text))
            )
            path = tmp_path / f"card{len(list(tmp_path.iterdir()))}"
            if wire == "serial":
                loop = SerialLoop(live, PtyPort(path))
                loop.start()
                stack.callback(loop.close)
                return Bench(notecard, live, f"serial:{path}", seen)
            bus = I2cBus(live)
            stack.callback(bus.close)
            server = I2cServer(bus, path)
            stack.callback(server.close)
            return Bench(notecard, live, f"i2c-socket:{path}", seen)

        yield offer


@pytest.fixture
def card_at():
    """Open a card by its spec, and close it in the end."""
    with ExitStack() as stack:

        def at(spec: str) -> Notecard:
            card = open_notecard(spec)
            stack.callback(card.close)
            return card

        yield at


@pytest.fixture
def ingest():
    with launch_ingest() as running:
        yield running


@pytest.fixture
def faults():
    return Faults()


class Warped:
    """A clock that is as many times faster as the card's."""

    def __init__(self, warp):
        self.warp = warp

    def monotonic_ns(self):
        return round(time.monotonic_ns() * self.warp)

    async def sleep(self, delay_s):
        await asyncio.sleep(delay_s / self.warp)


@pytest.fixture
def warped():
    return Warped


@pytest.fixture
def hurried(monkeypatch):
    """Sensors that are read as often as a fast clock needs it."""
    from hil.card import sensors

    rhythm = sensors.Rhythm(0.1, 0.2, 0.2, 0.5, 5.0, 0.02, 0.05)
    monkeypatch.setattr(
        sensors.CardSensors.__init__,
        "__defaults__",
        (rhythm, *sensors.CardSensors.__init__.__defaults__[1:]),
    )
