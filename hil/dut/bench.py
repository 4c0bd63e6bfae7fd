"""The bench around a device under test: a card, the air, an ingest."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from badge.errors import MisuseError
from hil.card.client import Notecard
from hil.card.open import open_notecard
from hil.dut.tap import Tap, tapped
from sim.air.launch import ThreadedAir, launch_air
from sim.ingest.launch import Running, launch_ingest
from sim.notecard.launch import LaunchedCard, launch_card
from sim.notecard.model.outputs import Traced
from sim.notecard.protocol.virtual import VirtualNotecard
from sim.notecard.transport.realtime import RealtimeNotecard
from sim.notecard.transport.trace import readable
from sim.notecard.world.world import SetWorld

TRACE_LINES = 200
WAIT_S = 120.0  # for uploads; they take a second, or on a busy computer minutes
_LOOK_S = 0.05  # between two looks at an ingest: it is another thread's, and tells nobody


class BenchCard:
    """A Notecard on the bench.  `spec` and `path` name its port; `virtual` tells its nature.

    Of a virtual card: `world` has `position`, `moving`, `volts` and `bars` to assign, `arm` lets
    a fault strike, `trace` holds what was said last.
    """

    def __init__(self, spec: str, launched: LaunchedCard | None = None) -> None:
        self.spec = spec
        self.trace: deque[str] = deque(maxlen=TRACE_LINES)
        self._launched = launched
        self._card = None if launched else open_notecard(spec)

    @property
    def virtual(self) -> bool:
        """Whether this computer plays the card."""
        return self._launched is not None

    @property
    def path(self) -> str:
        """What a host opens."""
        return self.spec.partition(":")[2]

    @property
    def card(self) -> Notecard:
        """A client on the card's port, for a test that is the host itself."""
        if self._card is None:
            self._card = open_notecard(self.spec)
        return self._card

    @property
    def world(self) -> SetWorld:
        """Where the virtual card is and how it fares; MisuseError if it is real."""
        return self._played.world

    def arm(self, fault: str, times: int = 1) -> None:
        """Let a fault of the virtual card strike on the next occasions (docs/notecard.md)."""
        self._live.act(lambda notecard: notecard.faults.arm(fault, times))

    def struck(self, fault: str) -> int:
        """How often a fault has struck."""
        return self._live.notecard.faults.struck[fault]

    def wait_for_link(self, up: bool = True, timeout_s: float = WAIT_S) -> None:
        """Wait until the virtual card is in the network, or has noticed that it is not."""
        until_s = time.monotonic() + timeout_s
        while self._live.notecard.card.connected != up:
            word = "in the network" if up else "out of it"
            assert time.monotonic() < until_s, f"the card was not {word} within {timeout_s:g} s"
            time.sleep(_LOOK_S)

    def restart(self) -> None:
        """Restart the virtual card."""
        self._live.act(_restart)

    def see(self, ms: int, traced: Traced) -> None:
        """Take a line of the trace."""
        self.trace.append(f"{ms:>9} {traced.kind}: {readable(traced.text)}")

    def close(self) -> None:
        """Let go of the client."""
        if self._card is not None:
            self._card.close()

    @property
    def _live(self) -> RealtimeNotecard:
        return self._played.live

    @property
    def _played(self) -> LaunchedCard:
        if self._launched is None:
            raise MisuseError("this card is real: its world and its faults are not at our command")
        return self._launched


def _restart(notecard: VirtualNotecard) -> None:
    notecard.card.restart("restart")


@contextmanager
def virtual_card(
    folder: Path, *, port: str | None, routes_to: str | None, warp: float = 1.0
) -> Iterator[BenchCard]:
    """Play a card on a pty, or on `port`, wired to the device; `routes_to` is an ingest's URL.

    The proxy route is named `ingest`; events of `data.qo` go there too.
    """
    watching: list[BenchCard] = []

    def watch(ms: int, traced: Traced) -> None:
        for card in watching:
            card.see(ms, traced)

    with launch_card(folder, watch, port=port, routes_to=routes_to, warp=warp) as launched:
        card = BenchCard(f"serial:{launched.path}", launched)
        watching.append(card)
        try:
            yield card
        finally:
            card.close()


class BenchIngest:
    """The reference ingest behind a tap: what it has kept, and everything that was sent to it."""

    def __init__(self, running: Running, tap: Tap) -> None:
        self._running, self._tap = running, tap
        self.url = tap.url

    def events(self, device_id: str | None = None) -> list[dict[str, Any]]:
        """Return the events that it keeps, in the order of their numbers."""
        return self._running.store.events(device_id)

    def arrivals(self, device_id: str | None = None) -> list[Any]:
        """Return every event that was sent, in the order of arrival, right or wrong."""
        sent = self._tap.events()
        if device_id is None:
            return sent
        return [one for one in sent if not isinstance(one, dict) or _is_from(one, device_id)]

    def answers(self) -> list[int]:
        """Return the status codes that it gave."""
        return list(self._tap.answers)

    def wait_for(
        self,
        condition: Callable[[list[dict[str, Any]]], object],
        timeout_s: float = WAIT_S,
    ) -> list[dict[str, Any]]:
        """Wait until the events fulfil a condition; AssertionError with the last if they do not."""
        __tracebackhide__ = True
        until_s = time.monotonic() + timeout_s
        while not condition(events := self.events()):
            last = events[-1] if events else "nothing"
            assert time.monotonic() < until_s, f"not within {timeout_s:g} s; last arrived: {last}"
            time.sleep(_LOOK_S)
        return events


@contextmanager
def running_ingest() -> Iterator[BenchIngest]:
    """Serve the reference ingest on a free port of this computer."""
    with launch_ingest() as running, tapped(f"{running.url}/api/events") as tap:
        yield BenchIngest(running, tap)


def _is_from(event: Mapping[str, object], device_id: str) -> bool:
    """Tell whether an event is a device's, also if it writes its name wrongly."""
    name = event.get("device_id")
    return not isinstance(name, str) or name.upper() == device_id or not name.startswith("ACT-")


@contextmanager
def running_air(adapters: int = 1) -> Iterator[ThreadedAir]:
    """Offer a virtual air on a message bus of its own."""
    with launch_air(adapters) as air:
        yield air


@contextmanager
def real_card(spec: str) -> Iterator[BenchCard]:
    """Use the card at a port."""
    with ExitStack() as stack:
        card = BenchCard(spec)
        stack.callback(card.close)
        yield card
