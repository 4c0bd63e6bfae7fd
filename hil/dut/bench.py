"""The bench around a device under test: a card, the air, an ingest."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Protocol

from badge.errors import MisuseError
from hil.card.client import Notecard
from hil.card.open import open_notecard
from hil.dut.tap import Tap, tapped
from hil.twins import twin

TRACE_LINES = 200


class BenchCard:
    """A Notecard on the bench.  `spec` and `path` name its port; `virtual` tells its nature.

    Of a virtual card: `world` has `position`, `moving`, `volts` and `bars` to assign, `arm` lets
    a fault strike, `trace` holds what was said last.
    """

    def __init__(self, spec: str, live: Any = None, world: Any = None) -> None:
        self.spec, self.world = spec, world
        self.trace: deque[str] = deque(maxlen=TRACE_LINES)
        self._live, self._card = live, None if live else open_notecard(spec)

    @property
    def virtual(self) -> bool:
        """Whether this computer plays the card."""
        return self._live is not None

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

    def arm(self, fault: str, times: int = 1) -> None:
        """Let a fault of the virtual card strike on the next occasions (docs/notecard.md)."""
        self._act(lambda notecard: notecard.faults.arm(fault, times))

    def struck(self, fault: str) -> int:
        """How often a fault has struck."""
        return int(self._notecard.faults.struck[fault])

    def restart(self) -> None:
        """Restart the virtual card."""
        self._act(lambda notecard: notecard.card.restart("restart"))

    def see(self, ms: int, seen: Any) -> None:
        """Take a line of the trace."""
        self.trace.append(f"{ms:>9} {seen.kind}: {seen.text}")

    def close(self) -> None:
        """Let go of the client."""
        if self._card is not None:
            self._card.close()

    @property
    def _notecard(self) -> Any:
        if self._live is None:
            raise MisuseError("this card is real: its faults are not at our command")
        return self._live.notecard

    def _act(self, action: Callable[[Any], object]) -> None:
        assert self._notecard is not None
        self._live.act(action)


@contextmanager
def virtual_card(
    folder: Path, *, port: str | None, routes_to: str | None, warp: float = 1.0
) -> Iterator[BenchCard]:
    """Play a card on a pty, or on `port`, wired to the device; `routes_to` is an ingest's URL.

    The proxy route is named `ingest`; events of `data.qo` go there too.
    """
    seen: list[BenchCard] = []

    def watch(ms: int, one: Any) -> None:
        for card in seen:
            card.see(ms, one)

    with twin("card").launch_card(
        folder, watch, port=port, routes_to=routes_to, warp=warp
    ) as virtual:
        card = BenchCard(f"serial:{virtual.path}", virtual.live, virtual.world)
        seen.append(card)
        try:
            yield card
        finally:
            card.close()


class BenchAir(Protocol):
    """The virtual air, safe from any thread.

    `environment` is what a program needs to take it for the system's Bluetooth.
    """

    environment: dict[str, str]

    def advertise(self, mac: str, rssi_dbm: int, adapter: str = "hci0", **content: Any) -> None:
        """Send one advertisement."""

    def act(self, action: Callable[[Any], Any]) -> Any:
        """Do something to the air, such as `lambda air: air.power(False)`."""


class BenchIngest:
    """The reference ingest behind a tap: what it has kept, and everything that was sent to it."""

    def __init__(self, running: Any, tap: Tap) -> None:
        self._running, self._tap = running, tap
        self.url = tap.url

    def events(self, device_id: str | None = None) -> list[dict[str, Any]]:
        """Return the events that it keeps, in the order of their numbers."""
        return list(self._running.store.events(device_id))

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
        timeout_s: float = 60.0,
    ) -> list[dict[str, Any]]:
        """Wait until the events fulfil a condition; AssertionError with the last if they do not."""
        until_s = time.monotonic() + timeout_s
        while not condition(events := self.events()):
            last = events[-1] if events else "nothing"
            assert time.monotonic() < until_s, f"not within {timeout_s:g} s; last arrived: {last}"
            time.sleep(0.05)
        return events


@contextmanager
def running_ingest() -> Iterator[BenchIngest]:
    """Serve the reference ingest on a free port of this computer."""
    with (
        twin("ingest").launch_ingest() as running,
        tapped(f"{running.url}/api/events") as tap,
    ):
        yield BenchIngest(running, tap)


def _is_from(event: dict[str, Any], device_id: str) -> bool:
    """Tell whether an event is a device's, also if it writes its name wrongly."""
    name = event.get("device_id")
    return not isinstance(name, str) or name.upper() == device_id or not name.startswith("ACT-")


@contextmanager
def running_air(adapters: int = 1) -> Iterator[BenchAir]:
    """Offer a virtual air on a message bus of its own."""
    with twin("air").launch_air(adapters) as air:
        yield air


@contextmanager
def real_card(spec: str) -> Iterator[BenchCard]:
    """Use the card at a port."""
    with ExitStack() as stack:
        card = BenchCard(spec)
        stack.callback(card.close)
        yield card
