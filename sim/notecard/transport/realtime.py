"""A card, or a Notehub, in real time: the clock, the lock and the HTTP threads around it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Event, RLock, Thread
from time import monotonic
from typing import Protocol, TypeVar

from badge.errors import InputError
from badge.host.files import whole_file
from sim.notecard.model.outputs import Fetch, Fetched, Output, Traced
from sim.notecard.notehub.hub import Hub
from sim.notecard.protocol.virtual import VirtualNotecard
from sim.notecard.storage.state import CardState, read_state, state_text
from sim.notecard.transport.http import HttpWorkers

Watch = Callable[[int, Traced], None]
T = TypeVar("T")
IDLE_S = 3600.0
STATE_BYTES_MAX = 64 << 20


class Pumped(Protocol):
    """What is driven: a `VirtualNotecard`, or a Notehub of its own."""

    hub: Hub

    def advance(self, now_ms: int) -> list[Output]:
        """Time passes."""

    def answered(self, answer: Fetched, now_ms: int) -> list[Output]:
        """The answer to a `Fetch` is here."""

    @property
    def next_deadline_ms(self) -> int | None:
        """When `advance` is due."""


class Realtime:
    """Drives something by the wall clock, `warp` times as fast.  Safe from any thread.

    `deliver` gets what is for a wire, in order; `watch` what is to be seen.
    """

    def __init__(self, pumped: Pumped, *, warp: float = 1.0, watch: Watch | None = None) -> None:
        self._pumped, self.warp = pumped, warp
        self.deliver: Callable[[Output], None] = lambda output: None
        self.woken: Callable[[], None] = lambda: None  # a deadline may have moved
        self.acted: Callable[[], None] = lambda: None  # something was done to it from outside
        self._watch = watch
        self._lock = RLock()
        self._start_s = monotonic()
        self._http = HttpWorkers(self._answered)
        self._closed = Event()
        self._clock: Thread | None = None

    @property
    def hub(self) -> Hub:
        """The Notehub; touch it in `with_hub` only."""
        return self._pumped.hub

    def now_ms(self) -> int:
        """Its clock."""
        return int((monotonic() - self._start_s) * 1000 * self.warp)

    def advance(self) -> None:
        """Let it notice what time it is."""
        with self._lock:
            self._handle(self._pumped.advance(self.now_ms()))

    def with_hub(self, action: Callable[[Hub], T]) -> T:
        """Do something with the Notehub, and handle what follows."""
        with self._lock:
            self.hub.now_ms = self.now_ms()
            found = action(self.hub)
            self._handle(self._pumped.advance(self.now_ms()))
        self.woken()
        self.acted()
        return found

    def tell_all(self, tell: Callable[[Hub], object]) -> None:
        """Look at the Notehub, changing nothing of its time."""
        with self._lock:
            tell(self.hub)

    def wait_s(self) -> float:
        """Real seconds until `advance` is due."""
        with self._lock:
            due_ms = self._pumped.next_deadline_ms
        if due_ms is None:
            return IDLE_S
        return max(0.0, (due_ms - self.now_ms()) / 1000 / self.warp)

    def run_clock(self) -> None:
        """Start a thread that advances it while nobody else does (I2C, tests)."""
        tick = Event()
        self.woken = tick.set

        def run() -> None:
            while not self._closed.is_set():
                self.advance()
                tick.wait(min(self.wait_s(), 0.2) + 0.001)
                tick.clear()

        self._clock = Thread(target=run, name="notecard-clock", daemon=True)
        self._clock.start()

    def close(self) -> None:
        """Stop the threads."""
        self._closed.set()
        self.woken()
        if self._clock is not None:
            self._clock.join(timeout=2)
        self._http.close()

    def _answered(self, answer: Fetched) -> None:
        if self._closed.is_set():
            return
        with self._lock:
            self._handle(self._pumped.answered(answer, self.now_ms()))
        self.woken()
        self.acted()

    def _handle(self, outputs: list[Output]) -> None:
        for output in outputs:
            if isinstance(output, Fetch):
                self._http.submit(output)
            elif isinstance(output, Traced):
                if self._watch is not None:
                    self._watch(self.now_ms(), output)
            else:
                self.deliver(output)


class RealtimeNotecard(Realtime):
    """A `VirtualNotecard` in real time; with `state_path` its flash is a file.

    `deliver` gets Message, Dropped, Dark, Pin and AuxText outputs.
    """

    def __init__(
        self,
        notecard: VirtualNotecard,
        *,
        warp: float = 1.0,
        state_path: Path | None = None,
        watch: Watch | None = None,
    ) -> None:
        super().__init__(notecard, warp=warp, watch=watch)
        self.notecard = notecard
        self._state_path = state_path

    def receive(self, data: bytes) -> None:
        """Bytes from the host."""
        with self._lock:
            self._handle(self.notecard.receive(data, self.now_ms()))

    def act(self, action: Callable[[VirtualNotecard], T]) -> T:
        """Do something to the card, such as arming a fault, and handle what follows."""
        with self._lock:
            found = action(self.notecard)
            self._handle(self.notecard.advance(self.now_ms()))
        self.woken()
        return found

    def close(self) -> None:
        """Stop the threads and save the state."""
        super().close()
        with self._lock:
            self.notecard.card.flush()  # ended in good order, nothing is lost
            self._save()

    def _handle(self, outputs: list[Output]) -> None:
        self._save()  # before anyone hears of it
        super()._handle(outputs)

    def _save(self) -> None:
        card = self.notecard.card
        if self._state_path is not None and card.changed:
            save_state(self._state_path, card.state)
        card.changed = False


def save_state(path: Path, state: CardState) -> None:
    """Write the state whole or not at all; a loss of power may take the last of it, as of RAM."""
    with whole_file(path, durable=False) as file:
        file.write(state_text(state).encode())


def load_state(path: Path | None) -> CardState:
    """The state of an earlier run, a fresh one if there is none; InputError if it is damaged."""
    if path is None or not path.exists():
        return CardState()
    with path.open("rb") as file:
        data = file.read(STATE_BYTES_MAX + 1)
    if len(data) > STATE_BYTES_MAX:
        raise InputError(f"{path}: not a card's state (more than {STATE_BYTES_MAX} bytes)")
    return read_state(data.decode("utf-8", "replace"), str(path))
