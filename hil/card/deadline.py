"""What may end a transaction of note-python from outside: closing, a cable, the time."""

from __future__ import annotations

import time
from collections.abc import Callable

from hil.card.errors import GaveUp


class Deadline:
    """Until when a transaction may go on: every wire asks at each of its calls.

    note-python makes such a call every 50 ms at least, and has no other way to be stopped.
    `until_s` ends the whole transaction, `attempt_until_s` only the present attempt.
    """

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self.now_s = now_s
        self.until_s: float | None = None
        self.attempt_until_s: float | None = None
        self.closed = False

    def check(self) -> None:
        """Return, or raise `GaveUp` (everything ends) or TimeoutError (the attempt ends)."""
        if self.closed:
            raise GaveUp("closed")
        now_s = self.now_s()
        if self.until_s is not None and now_s >= self.until_s:
            raise GaveUp("no answer in time")
        if self.attempt_until_s is not None and now_s >= self.attempt_until_s:
            raise TimeoutError("no answer in time")
