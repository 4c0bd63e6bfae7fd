"""Batches over real HTTP in simulated time: the badge's clock stands still while one travels."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from badge.answers import read_answer
from badge.effects import Upload
from badge.inputs import UploadAnswer
from sim.engine.clock import Clock
from sim.net.answer import NoAnswer
from sim.net.client import Client, header_value
from sim.net.url import endpoint

TIMEOUT_S = 10.0
LATENCY_MS = 1_000
SILENCE_S = 1.0
SILENT_ANSWERS_MAX = 2
UNREADABLE = "answered 207 without a whole list of what was refused"


class HttpUplink:
    """Posts to `<url>/api/events` (or to the URL itself if it names a path).

    `trouble` is the last thing that went wrong, as a sentence; None after an answer of 2xx.
    After `SILENT_ANSWERS_MAX` failures in a row that each took longer than `SILENCE_S` nothing is
    tried any more: a run in simulated time would otherwise wait for all of its attempts in real
    time.
    """

    def __init__(self, clock: Clock, url: str, api_key: str, headers: dict[str, str]) -> None:
        self._clock = clock
        self._url = endpoint(url)
        self._headers = {"Content-Type": "application/json", **headers}
        if api_key:
            self._headers["X-Actual-Api-Key"] = header_value("api_key", api_key)
        self._client = Client(timeout_s=TIMEOUT_S)
        self._silent = 0
        self.trouble: str | None = None
        self.statuses: dict[int | None, int] = {}

    def send(self, upload: Upload, answer: Callable[[UploadAnswer], None]) -> None:
        """Post a batch; its answer is given back a second of simulated time later."""
        result = self._post(upload)
        self.statuses[result.status] = self.statuses.get(result.status, 0) + 1
        self._clock.after(LATENCY_MS, lambda: answer(result))

    def _post(self, upload: Upload) -> UploadAnswer:
        if self._silent >= SILENT_ANSWERS_MAX:
            return UploadAnswer(upload.request, None)
        begun_s = monotonic()
        answer = self._client.request("POST", self._url, upload.body, self._headers)
        if isinstance(answer, NoAnswer):
            self._silent += monotonic() - begun_s > SILENCE_S
            self.trouble = str(answer)
            return UploadAnswer(upload.request, None)
        self._silent = 0
        read = read_answer(upload.request, answer.status, answer.headers, answer.body)
        self.trouble = _trouble(answer.status) if read.status else UNREADABLE
        return read


def _trouble(status: int) -> str | None:
    if status in (401, 403):
        return f"answered {status}; is the API key right?"
    return None if status < 300 else f"answered {status}"
