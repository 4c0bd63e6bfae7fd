"""A card in real time, waited for in real time."""

from __future__ import annotations

import time
from collections.abc import Callable

from sim.notecard.model.link import Timing
from sim.notecard.transport.realtime import RealtimeNotecard

FAST = Timing(registration_s=0.05, session_s=0.01, sync_s=0.01)
DEVICE = "dev:864475046000001"
PATIENCE_S = 30.0  # of a machine with other work; nothing takes a hundredth of it


def wait_for(condition: Callable[[], object], seconds: float = PATIENCE_S) -> None:
    give_up_s = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up_s, "it never came"
        time.sleep(0.005)


def go_online(card: RealtimeNotecard) -> None:
    card.receive(b'{"req":"hub.set","product":"p:q","mode":"continuous","sync":true}\n')
    wait_for(lambda: card.notecard.card.sync.completed_ms is not None)
