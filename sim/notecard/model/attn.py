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
VERBS = ("arm", "disarm", "rearm", "sleep")


class Attn:
    """Which events are watched, which have fired, and the level of the pin."""

    def __init__(self) -> None:
        self.high = True
        self.watched: list[str] = []
        self.files: list[str] = []
        self.fired: list[str] = []
        self.disabled = False
        self.payload = ""
        self.payload_s = 0
        self._until_ms: int | None = None
        self._watchdog_ms = 0
        self._fed_ms = 0

    @property
    def armed(self) -> bool:
        """Whether the pin waits, low, for an event."""
        return not self.high

    def watches(self, event: str) -> bool:
        """Whether an event would fire the pin now."""
        return self.armed and not self.disabled and event in self.watched

    def configure(self, words: list[str]) -> list[str]:
        """Take event names (``-name`` removes one); returns the verbs among the words."""
        for word in words:
            name = word.removeprefix("-")
            if name not in EVENTS and word not in VERBS:
                raise RequestError(f"attn: unrecognized mode '{word}'")
            if name in EVENTS and name in self.watched:
                self.watched.remove(name)
            if word in EVENTS:
                self.watched.append(word)
        return [word for word in words if word in VERBS]

    def arm(self, now_ms: int, seconds: int) -> None:
        """Pull the pin low; after `seconds` (0: never) it goes high by itself."""
        self.fired.clear()
        self.high = False
        self._until_ms = now_ms + seconds * 1000 if seconds > 0 else None

    def disarm(self) -> None:
        """Let the pin go high without an event."""
        self.high, self._until_ms = True, None

    def watch_host(self, now_ms: int, seconds: int) -> None:
        """Fire ``watchdog`` when no request comes for so long (at least 60 s); 0 stops it."""
        self._watchdog_ms = max(60, seconds) * 1000 if seconds else 0
        self._fed_ms = now_ms

    def feed(self, now_ms: int) -> None:
        """A request has come."""
        self._fed_ms = now_ms

    def fire(self, event: str, file: str = "") -> None:
        """Note an event; a watched one lets the pin go high."""
        if not self.watches(event) or (file and self.files and file not in self.files):
            return
        self._go_high(file or event)

    def _go_high(self, name: str) -> None:
        if name not in self.fired:
            self.fired.append(name)
        self.high, self._until_ms = True, None

    def advance(self, now_ms: int) -> None:
        """Let timeouts strike."""
        if self._until_ms is not None and now_ms >= self._until_ms:
            self._go_high("timeout")
        if self._watchdog_ms and now_ms >= self._fed_ms + self._watchdog_ms:
            self._go_high("watchdog")
            self._fed_ms = now_ms

    def deadline_ms(self) -> int | None:
        """The next timeout, or None."""
        dog_ms = self._fed_ms + self._watchdog_ms if self._watchdog_ms else None
        due = [ms for ms in (self._until_ms, dog_ms) if ms is not None]
        return min(due, default=None)
