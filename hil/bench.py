"""The bench around a device under test: a card, the air, an ingest.  Virtual parts load by name."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from badge.errors import InputError, MisuseError
from hil.notecard import Notecard
from hil.open import open_notecard
from hil.tap import Tap, tapped

TRACE_LINES = 200
_START_TIMEOUT_S = 10.0
_LINK = {"registration_s": 0.2, "session_s": 0.1, "sync_s": 0.2, "gnss_s": 0.5, "boot_s": 1.0}


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
        self._act(lambda station: station.faults.arm(fault, times))

    def struck(self, fault: str) -> int:
        """How often a fault has struck."""
        return int(self._station.faults.struck[fault])

    def restart(self) -> None:
        """Restart the virtual card."""
        self._act(lambda station: station.board.restart("restart"))

    def see(self, ms: int, seen: Any) -> None:
        """Take a line of the trace."""
        self.trace.append(f"{ms:>9} {seen.kind}: {seen.text}")

    def close(self) -> None:
        """Let go of the client."""
        if self._card is not None:
            self._card.close()

    @property
    def _station(self) -> Any:
        if self._live is None:
            raise MisuseError("this card is real: its faults are not at our command")
        return self._live.station

    def _act(self, action: Callable[[Any], object]) -> None:
        assert self._station is not None
        self._live.act(action)


@contextmanager
def virtual_card(folder: Path, *, port: str | None, routes_to: str | None) -> Iterator[BenchCard]:
    """Play a card on a pty, or on `port`, wired to the device; `routes_to` is an ingest's URL.

    The proxy route is named `ingest`; events of `data.qo` go there too.
    """
    station_room, live_room = (_sim("notecard.station"), _sim("notecard.live"))
    world = _sim("notecard.world").SetWorld()
    timing = _sim("notecard.link").Timing(**_LINK)
    utc_ms = time.time_ns() // 1_000_000
    station = station_room.Station(world=world, hub=_hub(routes_to), timing=timing, epoch_ms=utc_ms)
    link = folder / "notecard"
    wire = _sim("notecard.serial_port").SerialWire(port) if port else None
    wire = wire or _sim("notecard.pty").PtyWire(link)
    seen: list[BenchCard] = []
    live = live_room.LiveCard(station, watch=lambda ms, one: seen[0].see(ms, one))
    card = BenchCard(f"serial:{port or link}", live, world)
    seen.append(card)
    loop = _sim("notecard.wire_loop").WireLoop(live, wire)
    loop.start()
    try:
        yield card
    finally:
        card.close()
        loop.close()


def _hub(url: str | None) -> Any:
    hub, routes = _sim("notecard.hub"), _sim("notecard.routes")
    if url is None:
        return hub.Hub()
    return hub.Hub([routes.Route(url, files=("data.qo",))], {"ingest": routes.Proxy(url)})


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
        _sim("ingest.embedded").embedded() as running,
        tapped(f"{running.url}/api/events") as tap,
    ):
        yield BenchIngest(running, tap)


def _is_from(event: dict[str, Any], device_id: str) -> bool:
    """Tell whether an event is a device's, also if it writes its name wrongly."""
    name = event.get("device_id")
    return not isinstance(name, str) or name.upper() == device_id or not name.startswith("ACT-")


class BenchAir:
    """The virtual air in a thread of its own; safe from any thread.

    `environment` is what a program needs to take it for the system's Bluetooth.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, air: Any, address: str) -> None:
        self._loop, self._air = loop, air
        self.environment = {"DBUS_SYSTEM_BUS_ADDRESS": address}

    def advertise(self, mac: str, rssi_dbm: int, adapter: str = "hci0", **content: Any) -> None:
        """Send one advertisement."""
        self.act(lambda air: air.advertise(mac, rssi_dbm, adapter=adapter, **content))

    def act(self, action: Callable[[Any], Any]) -> Any:
        """Do something to the air, such as `lambda air: air.power(False)`."""

        async def run() -> Any:
            return action(self._air)

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(_START_TIMEOUT_S)


@contextmanager
def running_air(adapters: int = 1) -> Iterator[BenchAir]:
    """Offer a virtual air on a message bus of its own."""
    ended = threading.Event()
    started: Future[BenchAir] = Future()

    async def offer() -> None:
        air = _sim("air.air").Air(adapters)
        async with _sim("air.system_bus").SystemBus(air) as bus:
            loop = asyncio.get_running_loop()
            started.set_result(BenchAir(loop, air, bus.address))
            await loop.run_in_executor(None, ended.wait)

    def run() -> None:
        try:
            asyncio.run(offer())
        except InputError as error:
            started.set_exception(error)

    thread = threading.Thread(target=run, name="bench-air", daemon=True)
    thread.start()
    try:
        yield started.result(_START_TIMEOUT_S)
    finally:
        ended.set()
        thread.join(_START_TIMEOUT_S)


@contextmanager
def real_card(spec: str) -> Iterator[BenchCard]:
    """Use the card at a port."""
    with ExitStack() as stack:
        card = BenchCard(spec)
        stack.callback(card.close)
        yield card


def _sim(name: str) -> Any:
    """Load a part of the virtual world, by name: this room does not know the other."""
    return import_module(f"sim.{name}")
