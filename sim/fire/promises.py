"""The promises of the ingest, by the names under which a run reports them."""

from __future__ import annotations

from badge.errors import BadgeError

ORDERED = "I0 the badges send in order, and no number twice"
KEPT = "I1 what was acknowledged is there after a restart"
ONCE = "I2 each event is there once"
UNALTERED = "I3 what is there is what was sent"
WHOLE = "I4 a batch is there whole or not at all"
SOUND = "I5 the database is sound, and the server starts again"
DELIVERED = "I6 in the end everything is delivered"
STATUS = "I7 abuse is answered with its status, and nothing crashes"
BOUNDED = "I8 memory stays bounded"


class BrokenPromiseError(BadgeError):
    """A promise did not hold; the run ends here."""

    def __init__(self, promise: str, text: str) -> None:
        super().__init__(f"{promise}: {text}")
        self.promise = promise
        self.text = text
