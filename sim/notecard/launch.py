"""A virtual card for a bench: on a pty or on a real port, routed to an ingest, in one call."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sim.notecard.model.link import Timing
from sim.notecard.model.outputs import Traced
from sim.notecard.notehub.hub import Hub
from sim.notecard.notehub.routes import EventRoute, Proxy
from sim.notecard.protocol.virtual import VirtualNotecard
from sim.notecard.transport.loop import SerialLoop
from sim.notecard.transport.pty import PtyPort
from sim.notecard.transport.realtime import RealtimeNotecard
from sim.notecard.transport.serial import SerialPort
from sim.notecard.world.world import SetWorld

# A test does not wait for a network: everything takes a moment, in the card's usual order.
TIMING = Timing(registration_s=0.2, session_s=0.1, sync_s=0.2, gnss_s=0.5, boot_s=1.0)


@dataclass(frozen=True, slots=True)
class LaunchedCard:
    """A running card: `path` is what a host opens; `world` may be changed while it runs."""

    path: str
    live: RealtimeNotecard
    world: SetWorld


@contextmanager
def launch_card(
    folder: Path,
    watch: Callable[[int, Traced], None],
    *,
    port: str | None = None,
    routes_to: str | None = None,
    warp: float = 1.0,
) -> Iterator[LaunchedCard]:
    """Play a card on a pty in `folder`, or on `port`, wired to a device.

    `routes_to` is an ingest's URL: the proxy route `ingest` leads there, and so do the events of
    `data.qo`.  `watch` is told what goes over the wire.
    """
    world, utc_ms = SetWorld(), time.time_ns() // 1_000_000
    notecard = VirtualNotecard(world=world, hub=_hub(routes_to), timing=TIMING, epoch_ms=utc_ms)
    serial = SerialPort(port) if port else PtyPort(folder / "notecard")
    live = RealtimeNotecard(notecard, watch=watch, warp=warp)
    loop = SerialLoop(live, serial)
    loop.start()
    try:
        yield LaunchedCard(serial.path, live, world)
    finally:
        loop.close()


def _hub(url: str | None) -> Hub:
    if url is None:
        return Hub()
    return Hub([EventRoute(url, files=("data.qo",))], {"ingest": Proxy(url)})
