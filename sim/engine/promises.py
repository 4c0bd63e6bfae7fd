"""Every promise of badge, journal and ingest by its name, and how one is reported broken.

docs/reliability.md says how each is proven: the journal's by cutting it at every byte, the
badge's by fleets under every fault, the ingest's by killing it under load.
"""

from __future__ import annotations

from badge.errors import BadgeError

ORDERED, KEPT, ONCE, UNALTERED, WHOLE = "I0", "I1", "I2", "I3", "I4"
SOUND, DELIVERED, STATUS, BOUNDED = "I5", "I6", "I7", "I8"

PROMISES: dict[str, str] = {
    "J1": "no number is issued twice",
    "J2": "numbers only grow, and a loss skips no more than the reserve",
    "J3": "an event whose append returned survives, unchanged, until it is settled",
    "J4": "an acknowledged event is resent at most once per loss, with the same number",
    "J5": "recovery may be cut anywhere",
    "J6": "recovery ends within a stated number of reads and erases",
    "J7": "erases stay level",
    "J8": "what is lost is reported, never invented and never silently skipped",
    "chip": "the rules of the flash chip are kept: erase before program, each word once",
    "stored": "nothing is released that the store lacks",
    "order": "each device's events leave oldest first, without a gap",
    "batch": "a batch is within its limits, one is in flight, and its events are durable",
    "contract": "every event is valid by the contract, and in its place in the story",
    "patience": "no request before its backoff and Retry-After are over",
    "overflow": "an event is given up only when the queue is full, and it is counted",
    "quarantine": "only what the backend refused is in quarantine, and it is never sent again",
    "heartbeat": "a badge is never silent for two windows with an empty queue",
    "config": "a configuration is in force whole or not at all",
    "state": "what was saved is there after a reboot",
    "delivery": "after healing every surviving event is in the store, once, as it was logged",
    "crash": "nothing raises",
    ORDERED: "the badges send in order, and no number twice",
    KEPT: "what was acknowledged is there after a restart",
    ONCE: "each event is there once",
    UNALTERED: "what is there is what was sent",
    WHOLE: "a batch is there whole or not at all",
    SOUND: "the database is sound, and the server starts again",
    DELIVERED: "in the end everything is delivered",
    STATUS: "abuse is answered with its status, and nothing crashes",
    BOUNDED: "memory stays bounded",
}


class BrokenPromiseError(BadgeError):
    """A promise of `PROMISES` does not hold: what was seen, and for which badge if for one."""

    def __init__(self, promise: str, seen: str, device_id: str = "") -> None:
        who = f"{device_id}: " if device_id else ""
        super().__init__(f"{promise} ({PROMISES[promise]}): {who}{seen}")
        self.promise, self.seen, self.device_id = promise, seen, device_id

    def __reduce__(self) -> tuple[type[BrokenPromiseError], tuple[str, str, str]]:
        # An exception is pickled by its args, and this one's are not its parameters: it crosses
        # from the processes that judge to the one that reports.
        return type(self), (self.promise, self.seen, self.device_id)
