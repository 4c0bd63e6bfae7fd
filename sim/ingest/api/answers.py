"""The answers of contract section 4 as values, before any HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from badge.contract.events import BATCH_EVENTS_LIMIT

RETRY_AFTER_STORE_S = 30  # the badge's first backoff step (contract section 3)
RETRY_AFTER_BUSY_S = 5


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What one request did to events; `accepted` includes the duplicates."""

    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    conflicts: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, a JSON body, extra headers; `tally` is for counters and never sent."""

    status: int
    body: dict[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)
    tally: Verdicts = Verdicts()


class RefusedError(Exception):
    """Carries the answer out of whatever was being done."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def refused_batch(status: int, code: str, error: str, rejected: int = 0) -> Answer:
    """Answer that nothing of a batch was taken."""
    body = {"error": error, "code": code, "accepted": 0}
    return Answer(status, body, tally=Verdicts(rejected=rejected))


def batch_too_long(count: int) -> Answer:
    """Answer 413 in the owner's words."""
    error = f"Batch limit is {BATCH_EVENTS_LIMIT} events. Received {count}."
    return Answer(413, {"error": error, "accepted": 0})


def body_too_long(limit_bytes: int) -> Answer:
    """Answer 413 to a body that was not even read to its end."""
    return Answer(413, {"error": f"Body limit is {limit_bytes} bytes.", "accepted": 0})


def compressed_body() -> Answer:
    """Answer 415: a badge sends its batches as they are (contract section 4)."""
    return Answer(415, {"error": "A compressed body; send it as it is.", "accepted": 0})


def unauthorized() -> Answer:
    """Answer 401: the same words whatever is wrong with the key."""
    return Answer(401, {"error": "Invalid or missing API key"})


def problem(status: int, code: str, error: str) -> Answer:
    """Answer anything that has no body of its own in the contract."""
    return Answer(status, {"error": error, "code": code})


def retry_later(status: int, code: str, error: str, after_s: int) -> Answer:
    """Answer 429 or 503; nothing was taken."""
    body = {"error": error, "code": code, "accepted": 0}
    return Answer(status, body, {"Retry-After": str(after_s)})


def store_unavailable(reason: object) -> Answer:
    """Answer 503: nothing was kept, the same request may succeed later."""
    error = f"The store is unavailable: {reason}"
    return retry_later(503, "store_unavailable", error, RETRY_AFTER_STORE_S)


def busy(reason: str) -> Answer:
    """Answer 503: nothing was looked at, there is too much to do."""
    return retry_later(503, "busy", reason, RETRY_AFTER_BUSY_S)
