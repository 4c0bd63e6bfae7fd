"""A notecard in real time: the clock, the lock, the state file and the HTTP threads around it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Event, RLock, Thread
from time import monotonic

from badge.host.files import whole_file
from sim.notecard.model.outputs import Fetch, Fetched, Output, Traced
from sim.notecard.protocol.virtual import VirtualNotecard
from sim.notecard.storage.state import CardState, read_state, state_text
from sim.notecard.transport.http import WebClient

Watch = Callable[[int, Traced], None]
IDLE_S = 3600.0


class RealtimeNotecard:
    """Drives one `VirtualNotecard` by the wall clock, `warp` times as fast.  Safe from any thread.

    `deliver` gets Message, Dropped, Dark and Pin outputs in order; `watch` gets what is to see.
    """

    def __init__(
        self,
        notecard: VirtualNotecard,
        *,
        warp: float = 1.0,
        state_path: Path | None = None,
        watch: Watch | None = None,
    ) -> None:
        self.notecard, self.warp = notecard, warp
        self.deliver: Callable[[Output], None] = lambda output: None
        self.woken: Callable[[], None] = lambda: None  # a deadline may have moved
        self._watch = watch
        self._state_path = state_path
        self._lock = RLock()
        self._start_s = monotonic()
        self._web = WebClient(self._answered)
        self._closed = Event()
        self._clock: Thread | None = None

    def now_ms(self) -> int:
        """The card's clock."""
        return int((monotonic() - self._start_s) * 1000 * self.warp)

    def receive(self, data: bytes) -> None:
        """Bytes from the host."""
        with self._lock:
            self._handle(self.notecard.receive(data, self.now_ms()))

    def advance(self) -> None:
        """Let the card notice what time it is."""
        with self._lock:
            self._handle(self.notecard.advance(self.now_ms()))

    def act(self, action: Callable[[VirtualNotecard], object]) -> None:
        """Do something to the notecard, such as arming a fault, and handle what follows."""
        with self._lock:
            action(self.notecard)
            self._handle(self.notecard.advance(self.now_ms()))
        self.woken()

    def wait_s(self) -> float:
        """Real seconds until `advance` is due."""
        with self._lock:
            due_ms = self.notecard.next_deadline_ms
        if due_ms is None:
            return IDLE_S
        return max(0.0, (due_ms - self.now_ms()) / 1000 / self.warp)

    def run_clock(self) -> None:
        """Start a thread that advances the card while nobody else does (I2C, tests)."""
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
        """Stop the threads and save the state."""
        self._closed.set()
        self.woken()
        if self._clock is not None:
            self._clock.join(timeout=2)
        self._web.close()
        with self._lock:
            self.notecard.card.flush()  # ended in good order, nothing is lost
            self._save()

    def _answered(self, answer: Fetched) -> None:
        if self._closed.is_set():
            return
        with self._lock:
            self._handle(self.notecard.answered(answer, self.now_ms()))
        self.woken()

    def _handle(self, outputs: list[Output]) -> None:
        self._save()  # before anyone hears of it
        for output in outputs:
            if isinstance(output, Fetch):
                self._web.submit(output)
            elif isinstance(output, Traced):
                if self._watch is not None:
                    self._watch(self.notecard.card.clock.now_ms, output)
            else:
                self.deliver(output)

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
    return read_state(path.read_text(encoding="utf-8", errors="replace"), str(path))
