"""`badge serve` as a process of its own: started, measured, killed."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from badge.cli.exits import EXIT_INTERRUPTED
from badge.contract.documents import parse
from sim.engine.promises import SOUND, STATUS, BrokenPromiseError
from sim.net.answer import NoAnswer
from sim.net.client import Client
from sim.net.server import LOOPBACK

COMMAND = (sys.executable, "-c", "from badge.cli.main import main; main()", "serve")
READY_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class Ready:
    """What the server told when it came up, and the seconds that took."""

    announced: dict[str, str]
    start_s: float


class Server:
    """One process of the command on a file and a port, in a session of its own.

    `limit` runs in the child before it becomes the server.
    """

    def __init__(self, process: asyncio.subprocess.Process, log: int, started_s: float) -> None:
        self._process = process
        self._log = log
        self._started_s = started_s

    @classmethod
    async def start(
        cls,
        db: Path,
        port: int,
        *options: str,
        command: Sequence[str] = COMMAND,
        limit: Callable[[], None] | None = None,
    ) -> Server:
        """Start it; it is not ready yet."""
        log = os.open(db.with_suffix(".log"), os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        started_s = time.perf_counter()
        process = await asyncio.create_subprocess_exec(
            *command,
            *("--db", str(db), "--port", str(port), "--json", "--quiet", *options),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            start_new_session=True,  # Ctrl-C is for us alone
            preexec_fn=limit,
        )
        return cls(process, log, started_s)

    @property
    def pid(self) -> int:
        """Return the number of the process."""
        return self._process.pid

    async def ready(self) -> Ready:
        """Wait until it listens; BrokenPromiseError if it ends instead."""
        assert self._process.stdout is not None
        async with asyncio.timeout(READY_TIMEOUT_S):
            line = await self._process.stdout.readline()
        if not line:
            await self._process.wait()
            raise BrokenPromiseError(SOUND, f"the server did not start: {self._said()}")
        return Ready(parse(line, "the server's first line"), time.perf_counter() - self._started_s)

    async def kill(self) -> None:
        """SIGKILL; BrokenPromiseError if it had ended by itself, or had told of a bug before."""
        if self._process.returncode is None:
            self._process.kill()
        code = await self._process.wait()
        self._check_log(None if code == -signal.SIGKILL else code)

    async def stop(self) -> None:
        """End it as an operator does; BrokenPromiseError unless it ends well."""
        if self._process.returncode is None:
            self._process.terminate()
        async with asyncio.timeout(READY_TIMEOUT_S):
            code = await self._process.wait()
        self._check_log(None if code == EXIT_INTERRUPTED else code)

    async def drop(self) -> None:
        """Make sure that nothing is left of it, whatever happened."""
        if self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        if self._log >= 0:
            os.close(self._log)
            self._log = -1

    def memory_bytes(self, which: str = "VmRSS") -> int:
        """Return its resident memory now, or at its highest (`VmHWM`); 0 where unknown."""
        try:
            lines = Path(f"/proc/{self.pid}/status").read_text("ascii").splitlines()
        except OSError:
            return 0
        found = [line.split()[1] for line in lines if line.startswith(f"{which}:")]
        return int(found[0]) * 1024 if found else 0

    def _check_log(self, code: int | None) -> None:
        said = self._said()
        if code is not None:
            raise BrokenPromiseError(STATUS, f"the server ended by itself with {code}: {said}")
        if "Traceback" in said:
            raise BrokenPromiseError(STATUS, f"the server has a bug: {said}")

    def _said(self) -> str:
        size = os.fstat(self._log).st_size
        return os.pread(self._log, 4000, max(0, size - 4000)).decode("utf-8", "replace")


def provision(port: int, master: str, ids: Sequence[str]) -> dict[str, str]:
    """Make badges known to a server; return the key of each."""
    url, headers = f"http://{LOOPBACK}:{port}/api/devices", {"X-Actual-Api-Key": master}
    keys = {}
    with Client() as client:
        for device_id in ids:
            body = json.dumps({"device_id": device_id, "company_id": "crashtest"}).encode()
            answer = client.request("POST", url, body, headers)
            if isinstance(answer, NoAnswer) or answer.status != 201:
                raise BrokenPromiseError(STATUS, f"{device_id} could not be provisioned: {answer}")
            keys[device_id] = parse(answer.body, url)["api_key"]
    return keys
