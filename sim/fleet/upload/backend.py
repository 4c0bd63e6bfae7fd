"""Who answers uploads: a reply that is there at once, or comes while the badge lives on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from pydantic_core import from_json

from badge.contract.version import Version, read_version
from badge.effects import Upload
from badge.inputs import UploadAnswer

LEAST_TRY_S = 1.0  # a last try, too, is to reach a server that is there


@dataclass(frozen=True, slots=True)
class Target:
    """A real ingest: its endpoint and the keys of the badges (one for all under "").

    `give_up_s` is how long one batch is tried, and an answer waited for, in all.
    """

    url: str
    keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    give_up_s: float = 60.0

    def try_s(self, waited_s: float = 0.0) -> float:
        """Give how long the next try may take, after so many seconds of trying."""
        return max(self.give_up_s - waited_s, LEAST_TRY_S)


class Reply:
    """The answer to one upload, now or later; `tries` is how often it has been sent.

    `late_ms`: when a badge that lived on was given it, after its time; `given_late` is told so.
    """

    __slots__ = ("_calls", "answer", "given_late", "late_ms", "tries")

    def __init__(self, answer: UploadAnswer | None = None) -> None:
        self.answer = answer
        self.tries = 0
        self.late_ms: int | None = None
        self.given_late: Callable[[int], None] | None = None
        self._calls: list[Callable[[UploadAnswer], None]] = []

    def then(self, call: Callable[[UploadAnswer], None]) -> None:
        """Call with the answer as soon as there is one, in the order of asking."""
        if self.answer is not None:
            call(self.answer)
        else:
            self._calls.append(call)

    def resolve(self, answer: UploadAnswer) -> None:
        """The answer is there."""
        self.answer = answer
        for call in self._calls:
            call(answer)
        self._calls.clear()


class Backend(Protocol):
    """Takes batches of a badge."""

    def post(self, device_id: str, upload: Upload) -> Reply:
        """Take a batch that has arrived; never blocks."""


class ModelBackend:
    """A cloud that answers at once by contract section 4: all is well but too old firmware."""

    def __init__(self, oldest_firmware: str | None) -> None:
        self._oldest = None if oldest_firmware is None else read_version(oldest_firmware)

    def post(self, device_id: str, upload: Upload) -> Reply:
        """Answer 202, 207 or 422."""
        if self._oldest is None:
            return Reply(UploadAnswer(upload.request, 202))
        rejected = self._too_old(from_json(upload.body), self._oldest)
        if not rejected:
            return Reply(UploadAnswer(upload.request, 202))
        if len(rejected) == upload.count:
            return Reply(UploadAnswer(upload.request, 422, code="schema_deprecated"))
        return Reply(UploadAnswer(upload.request, 207, tuple(rejected)))

    def _too_old(self, events: list[dict[str, Any]], oldest: Version) -> list[tuple[int, str]]:
        return [
            (event["sequence_number"], f"schema_deprecated: older than {oldest}")
            for event in events
            if (version := read_version(event["firmware_version"])) is None or version < oldest
        ]
