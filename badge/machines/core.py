"""What the machines share: the clocks, the deadlines, the log and the list of effects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from badge.config import BadgeConfig
from badge.contract.events import EventType
from badge.effects import Effect, Logged, Notice
from badge.entry import Entry, timestamp
from badge.storage.store import State, Store

# Above every clock of whole milliseconds, and still a machine word wherever it is added to.
NEVER = 2**62


class Due:
    """The deadlines of a badge, as places in `Core.due`; at the same millisecond the earlier
    place fires first.
    """

    # Stationary is settled before a poll asks for it, a timeout ends a poll before the next one
    # begins, and the lifetime clock is saved last, with whatever else happened then.
    SETTLE: Final = 0
    GPS_TIMEOUT: Final = 1
    GPS_POLL: Final = 2
    SCAN: Final = 3
    AUTO_END: Final = 4
    FIRMWARE: Final = 5
    ANSWER: Final = 6
    RETRY: Final = 7
    WINDOW: Final = 8
    SAVE_AGE: Final = 9
    COUNT: Final = 10


class Core:
    """The context of one badge.

    `now_ms` is the pump's clock, `age_ms` the lifetime clock of the store: uptime summed over
    boots.  Durations come from either, never from UTC (contract section 3, Clock).
    """

    def __init__(self, config: BadgeConfig, store: Store) -> None:
        self.config = config
        self.store = store
        self.state: State = store.state
        self.effects: list[Effect] = []
        self.due: list[int] = [NEVER] * Due.COUNT
        self.now_ms = 0
        self.age_offset_ms = 0
        self.unix_offset_ms: int | None = None
        self.firmware_version = ""
        self.logged_since_window = False
        self.save_age_every_ms = config.uptime_save_s * 1000

    def configure(self) -> None:
        """Take the numbers of the present configuration."""
        queue, config = self.store.queue, self.config
        self.save_age_every_ms = config.uptime_save_s * 1000
        queue.queue_max = config.queue_events_max
        queue.quarantine_max = config.quarantine_events_max

    @property
    def age_ms(self) -> int:
        """The lifetime clock at this moment."""
        return self.now_ms + self.age_offset_ms

    def log(self, event_type: EventType, payload: Mapping[str, Any], **state: Any) -> None:
        """Give an event its number and keep it, with what it changes in the state."""
        if state:
            self.state = replace(self.state, **state)
        store, queue = self.store, self.store.queue
        age_ms = self.now_ms + self.age_offset_ms
        offset_ms = self.unix_offset_ms
        entry = Entry(
            queue.next_sequence,
            event_type,
            payload,
            self.firmware_version,
            age_ms,
            None if offset_ms is None else age_ms + offset_ms,
        )
        floor = queue.floor
        self.effects += store.append(entry, self.state)
        # After its append: nobody hears of an event that is not durable (section 3, power loss).
        # Without UTC it is not complete; it is told when it is stamped.
        if offset_ms is not None:
            self.effects.append(Logged(entry))
        if queue.floor != floor:
            self._report_overflow(floor, queue.floor)
        self.logged_since_window = True
        # An event carries the clock, so that a busy badge saves it by the way.
        self.due[Due.SAVE_AGE] = self.now_ms + self.save_age_every_ms

    def _report_overflow(self, before: int, after: int) -> None:
        count = self.store.queue.overflow_count
        text = f"queue full: the oldest event was dropped, {count} so far"
        self.effects.append(Notice("overflow", text, tuple(range(before + 1, after + 1))))

    def change(self, **state: Any) -> None:
        """Keep a change of the state that comes without an event."""
        self.state = replace(self.state, **state)
        self.effects += self.store.save_state(self.state)

    def save_age(self) -> None:
        """Keep the lifetime clock (contract section 3: uptime is saved at least every minute)."""
        self.effects += self.store.save_age(self.age_ms)
        self.due[Due.SAVE_AGE] = self.now_ms + self.save_age_every_ms

    def learn_utc(self, unix_ms: int) -> None:
        """Set the time of day, and stamp what was logged without it."""
        # An offset, not a moment: UTC that is corrected steps no duration (section 3, Clock).
        self.unix_offset_ms = unix_ms - self.age_ms
        effects, stamped = self.store.stamp(self.unix_offset_ms)
        self.effects += effects
        self.effects += [Logged(entry) for entry in stamped]

    def utc_at(self, age_ms: int) -> str | None:
        """Return the time of day of a moment of the lifetime clock, if UTC is known."""
        if self.unix_offset_ms is None:
            return None
        return timestamp((age_ms + self.unix_offset_ms) // 1000)
