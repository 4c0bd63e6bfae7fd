"""Batches over real HTTP in simulated time: the badge's clock stands still while one travels."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

import urllib3

from badge.answers import ANSWER_BYTES_MAX, read_answer
from badge.effects import Upload
from badge.errors import InputError
from badge.inputs import UploadAnswer
from sim.engine.clock import Clock

TIMEOUT_S = 10.0
LATENCY_MS = 1_000
SILENCE_S = 1.0
SILENT_ANSWERS_MAX = 2


class HttpUplink:
    """Posts to `<url>/api/events` (or to the URL itself if it names a path).

    `trouble` is the last thing that went wrong, as a sentence; None after an answer of 2xx.
    After `SILENT_ANSWERS_MAX` failures in a row that each took longer than `SILENCE_S` nothing is
    tried any more: a run in simulated time would otherwise wait for all of its attempts in real
    time.
    """

    def __init__(self, clock: Clock, url: str, api_key: str, headers: dict[str, str]) -> None:
        self._clock = clock
        self._url = _endpoint(url)
        self._headers = {"Content-Type": "application/json", **headers}
        if api_key:
            self._headers["X-Actual-Api-Key"] = _header_value(api_key)
        self._pool = urllib3.PoolManager(
            retries=False, timeout=urllib3.Timeout(connect=5.0, read=TIMEOUT_S)
        )
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
        try:
            response = self._pool.request(
                "POST", self._url, body=upload.body, headers=self._headers, preload_content=False
            )
            with response:
                body = _read(response, begun_s + 2 * TIMEOUT_S)
        except urllib3.exceptions.HTTPError as error:
            self._silent += monotonic() - begun_s > SILENCE_S
            return self._no_answer(upload, error)
        self._silent = 0
        self.trouble = _trouble(response.status)
        headers = {name.lower(): value for name, value in response.headers.items()}
        return read_answer(upload.request, response.status, headers, body)

    def _no_answer(self, upload: Upload, error: Exception) -> UploadAnswer:
        if isinstance(error, urllib3.exceptions.NewConnectionError):
            self.trouble = "no connection; is the server running?"
        elif isinstance(error, urllib3.exceptions.TimeoutError):
            self.trouble = "no answer in time"
        else:
            self.trouble = f"broken answer ({type(error).__name__})"
        return UploadAnswer(upload.request, None)


def _read(response: urllib3.BaseHTTPResponse, until_s: float) -> bytes:
    """Read a body of bounded size in bounded time."""
    body = b""
    while len(body) < ANSWER_BYTES_MAX and (part := response.read1(ANSWER_BYTES_MAX)):
        body += part
        if monotonic() > until_s:
            raise urllib3.exceptions.TimeoutError("the answer does not end")
    return body


def _trouble(status: int) -> str | None:
    if status in (401, 403):
        return f"answered {status}; is the API key right?"
    return None if status < 300 else f"answered {status}"


def _header_value(api_key: str) -> str:
    if not api_key.isascii() or not api_key.isprintable():
        raise InputError("api_key: it has a character that no HTTP header can carry")
    return api_key


def _endpoint(url: str) -> str:
    remedy = "not a URL; write it like http://127.0.0.1:8080"
    try:
        parsed = urllib3.util.parse_url(url)
    except urllib3.exceptions.LocationParseError:
        raise InputError(f"{url}: {remedy}") from None
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise InputError(f"{url}: {remedy}")
    bare = parsed.path in (None, "", "/")
    return url.rstrip("/") + "/api/events" if bare else url
