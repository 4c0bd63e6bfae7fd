"""The ATTN pin: armed it is low; an event or its timeout lets it go high."""

from __future__ import annotations

from sim.notecard.codec.arguments import RequestError

EVENTS = (
    "auxgpio",
    "connected",
    "env",
    "files",
    "location",
    "motion",
    "motionchange",
    "signal",
    "usb",
    "watchdog",
    "wireless",
)
VERBS = ("arm", "disarm", "rearm", "reset", "sleep", "-all")
WATCHDOG_MIN_S = 60
CONTINUOUS_BEAT_MS = 15_000
"""In continuous mode the real card looks at its timeout every 15 s only."""


class Attn:
    """Which events are watched, which have fired, and the level of the pin."""

    def __init__(self, *, off: bool = False) -> None:
        self.high = not off
        self.off = off
        self.watched: list[str] = []
        self.files: list[str] = []
        self.fired: list[str] = []
        self.payload = ""
        self.payload_s = 0
        self.pulses = 0  # of the watchdog, that nobody has seen yet
        self._until_ms: int | None = None
        self._watchdog_ms = 0
        self._fed_ms = 0

    @property
    def armed(self) -> bool:
        """Whether the pin waits, low, for an event."""
        return not self.high and not self.off

    def watches(self, event: str) -> bool:
        """Whether an event would fire the pin now."""
        return self.armed and event in self.watched

    def configure(self, words: list[str]) -> list[str]:
        """Take event names (``-name`` removes one); returns the verbs among the words."""
        for word in words:
            name = word.removeprefix("-")
            if name not in EVENTS and word not in VERBS:
                raise RequestError(f"attn: unrecognized mode '{word}'")
        for word in words:
            name = word.removeprefix("-")
            if word == "-all":
                self.watched.clear()
                self.files.clear()
            if name in self.watched:
                self.watched.remove(name)
            if word in EVENTS:
                self.watched.append(word)
        if "files" not in self.watched:
            self.files.clear()
        return [word for word in words if word in VERBS]

    def switch(self, *, off: bool) -> None:
        """Disable the pin altogether, which lets it go low, or enable it again."""
        self.off, self._until_ms = off, None
        self.high = not off

    def arm(self, now_ms: int, seconds: int, beat_ms: int = 1) -> None:
        """Pull the pin low; after `seconds` (0: never) it goes high at the next beat."""
        if self.off:
            return
        self.fired.clear()
        self.high = False
        due_ms = now_ms + seconds * 1000
        self._until_ms = -(-due_ms // beat_ms) * beat_ms if seconds > 0 else None

    def disarm(self) -> None:
        """Let the pin go high without an event."""
        self.high, self._until_ms = not self.off, None

    def watch_host(self, now_ms: int, seconds: int) -> None:
        """Pulse the pin when no request comes for so long; 0 stops it."""
        if seconds and seconds < WATCHDOG_MIN_S:
            raise RequestError(f"seconds: a watchdog needs {WATCHDOG_MIN_S} or more")
        self._watchdog_ms = seconds * 1000
        self._fed_ms = now_ms

    def feed(self, now_ms: int) -> None:
        """A request has come."""
        self._fed_ms = now_ms

    def fire(self, event: str, file: str = "") -> None:
        """Note an event; a watched one lets the pin go high."""
        if not self.watches(event) or (file and self.files and file not in self.files):
            return
        for name in (file, "modified") if file else (event,):
            self._note(name)
        self.disarm()

    def _note(self, name: str) -> None:
        if name not in self.fired:
            self.fired.append(name)

    def advance(self, now_ms: int) -> None:
        """Let timeouts strike."""
        if self._until_ms is not None and now_ms >= self._until_ms:
            self._note("timeout")
            self.disarm()
        if self._watchdog_ms and now_ms >= self._fed_ms + self._watchdog_ms:
            self._note("watchdog")
            self.pulses += 1
            self.disarm()
            self._fed_ms = now_ms

    def deadline_ms(self) -> int | None:
        """The next timeout, or None."""
        dog_ms = self._fed_ms + self._watchdog_ms if self._watchdog_ms and not self.off else None
        due = [ms for ms in (self._until_ms, dog_ms) if ms is not None]
        return min(due, default=None)
