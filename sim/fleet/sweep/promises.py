"""The promises that a sweep checks, by name, and how one is reported broken."""

from __future__ import annotations

PROMISES: dict[str, str] = {
    "J1": "no number is issued twice",
    "J2": "numbers only grow, and a loss skips no more than the reserve",
    "J3": "an event whose append returned survives, unchanged, until it is settled",
    "J4": "an acknowledged event is resent at most once per loss, with the same number",
    "J5": "recovery may be cut anywhere",
    "J6": "recovery ends within a stated number of reads and erases",
    "J7": "erases stay level",
    "J8": "what is lost is reported, never invented and never silently skipped",
    "stored": "nothing is released that the store lacks",
    "order": "each device's events leave oldest first, without a gap",
    "batch": "a batch is within its limits, one is in flight, and its events are durable",
    "contract": "every event is valid by the contract, and in its place in the story",
    "patience": "no request before its backoff and Retry-After are over",
    "overflow": "an event is given up only when the queue is full, and it is counted",
    "quarantine": "only what the cloud refused is in quarantine, and it is never sent again",
    "heartbeat": "a badge is never silent for two windows with an empty queue",
    "config": "a configuration is in force whole or not at all",
    "state": "what was saved is there after a reboot",
    "delivery": "after healing every surviving event is in the store, once, as it was logged",
    "crash": "nothing raises",
}


class BrokenPromiseError(Exception):
    """A promise of `PROMISES` does not hold: which, for which badge, and what was seen."""

    def __init__(self, promise: str, device_id: str, seen: str) -> None:
        super().__init__(f"{promise} ({PROMISES[promise]}): {device_id}: {seen}")
        self.promise = promise
        self.device_id = device_id
        self.seen = seen
