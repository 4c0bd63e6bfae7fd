"""A real ingest: batches over kept-alive connections, many at once, none of them in the way."""

from __future__ import annotations

import asyncio
from types import TracebackType
from urllib.parse import urlsplit

import aiohttp

from badge.answers import ANSWER_BYTES_MAX, read_answer
from badge.effects import Upload
from badge.errors import InputError
from badge.inputs import UploadAnswer
from sim.run.cloud import Reply
from sim.run.job import Target

TIMEOUT_S = 120.0  # contract section 3: a badge waits no longer
CONNECT_TIMEOUT_S = 10.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.25, 5.0


def endpoint(url: str) -> str:
    """Give `<url>/api/events`, or the URL itself if it names a path; InputError if it is none."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
        _ = parts.port
    except ValueError:
        good = False
    if not good:
        raise InputError(f"--to {url}: not a URL; write it like http://127.0.0.1:8080")
    return url.rstrip("/") + "/api/events" if parts.path in ("", "/") else url


class LiveCloud:
    """Posts to a target.  A `patient` one repeats what found no server, up to `give_up_s`.

    `trouble` is the sentence that ends the run when it has given up.
    """

    def __init__(self, target: Target, run_id: str, *, patient: bool) -> None:
        self._target, self._run_id, self._patient = target, run_id, patient
        self._tasks: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None
        self.trouble: str | None = None
        self.slowest_s = 0.0
        self.waited_s = 0.0
        self.answers = 0

    async def __aenter__(self) -> LiveCloud:
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_S, sock_connect=CONNECT_TIMEOUT_S)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            timeout=timeout,
            headers={"Content-Type": "application/json", "X-Badge-Simulated": self._run_id},
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        assert self._session is not None
        await self._session.close()

    def post(self, device_id: str, upload: Upload) -> Reply:
        """Begin to send a batch."""
        reply = Reply()
        task = asyncio.get_running_loop().create_task(self._send(device_id, upload, reply))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return reply

    async def drain(self, timeout_s: float) -> None:
        """Wait for the answers that are still under way."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=timeout_s)

    async def _send(self, device_id: str, upload: Upload, reply: Reply) -> None:
        loop = asyncio.get_running_loop()
        begun_s, pause_s = loop.time(), FIRST_PAUSE_S
        while True:
            answer, why = await self._try(device_id, upload)
            waited_s = loop.time() - begun_s
            if answer is not None or not self._patient or self.trouble is not None:
                break
            if waited_s + pause_s > self._target.give_up_s:
                self.trouble = f"{self._target.url}: {why} for {waited_s:.0f} s"
                break
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
        self.answers += 1
        self.waited_s += waited_s
        self.slowest_s = max(self.slowest_s, waited_s)
        reply.resolve(answer or UploadAnswer(upload.request, None))

    async def _try(self, device_id: str, upload: Upload) -> tuple[UploadAnswer | None, str]:
        assert self._session is not None
        key = self._target.keys.get(device_id) or self._target.keys.get("", "")
        headers = {"X-Actual-Api-Key": key} if key else {}
        try:
            async with self._session.post(
                self._target.url, data=upload.body, headers=headers, allow_redirects=False
            ) as response:
                body = await response.content.read(ANSWER_BYTES_MAX)
                named = {name.lower(): value for name, value in response.headers.items()}
                return read_answer(upload.request, response.status, named, body), ""
        except aiohttp.ClientConnectorError:
            return None, "no connection"
        except TimeoutError:
            return None, "no answer"
        except (aiohttp.ClientError, OSError) as error:
            return None, f"broken connection ({type(error).__name__})"
