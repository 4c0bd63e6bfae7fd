"""A card in real time, waited for in real time."""

from __future__ import annotations

from sim.notecard.model.link import Timing
from sim.notecard.transport.realtime import RealtimeNotecard
from tests.patience import until

FAST = Timing(registration_s=0.05, session_s=0.01, sync_s=0.01)
DEVICE = "dev:864475046000001"


def go_online(card: RealtimeNotecard) -> None:
    card.receive(b'{"req":"hub.set","product":"p:q","mode":"continuous","sync":true}\n')
    until(lambda: card.notecard.card.sync.completed_ms is not None)
