"""A disk that is full, has room again, and a server that dies in between."""

from __future__ import annotations

import asyncio
import os
import resource
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sim.conformance.kit.abuse import CLOSED, DEVICE, Abused
from sim.crashtest.account import Account
from sim.crashtest.audit import Audit
from sim.crashtest.server import COMMAND, Server, provision
from sim.crashtest.siege import AbuseResult
from sim.engine.promises import STATUS, BrokenPromiseError
from sim.net.answer import NoAnswer
from sim.net.client import Client
from sim.net.server import LOOPBACK, held_port

ROOM_BYTES = 512 * 1024
TRIES_MAX = 2000
FULL_TRIES = 20
MOUNT, UMOUNT = "/bin/mount", "/bin/umount"


@dataclass(frozen=True, slots=True)
class Disk:
    """A place to write that can be full: how it begins, and how it gets room again."""

    name: str
    place: Callable[[Path], AbstractContextManager[None]]
    limit: Callable[[], None] | None
    relieve: Callable[[Path, int], None]


def disks() -> list[Disk]:
    """Return the full disks that can be had here: a file size limit, and as root a tiny tmpfs."""
    limited = Disk("a limit on the size of files", lambda _: nullcontext(), _limit, _lift)
    small = Disk("a tmpfs that is full", _tmpfs, None, _enlarge)
    return [limited, small] if _may_mount() else [limited]


async def fill(disk: Disk, folder: Path, command: Sequence[str] = COMMAND) -> AbuseResult:
    """Write until the disk is full, kill the server, make room, and see that nothing is amiss.

    Returns the statuses in their order; BrokenPromiseError if a promise breaks.
    """
    with disk.place(folder), held_port() as port:
        return await _fill(disk, folder, port, command)


async def _fill(disk: Disk, folder: Path, port: int, command: Sequence[str]) -> AbuseResult:
    db = folder.resolve() / "full.db"
    server = await Server.start(db, port, command=command, limit=disk.limit)
    begun_s = asyncio.get_running_loop().time()
    try:
        ready = await server.ready()
        master = ready.announced["provisioning_key"]
        keys = await asyncio.to_thread(provision, port, master, [DEVICE])
        sender = _Sender(port, keys[DEVICE])
        await sender.until(503, TRIES_MAX)
        for _ in range(FULL_TRIES):
            await sender.send()
        disk.relieve(folder, server.pid)
        await sender.until(202, 1)
        await server.kill()
        await server.drop()
        server = await Server.start(db, port, command=command)
        await server.ready()
        Audit(db, [sender.account]).check(whole=True)
        await sender.until(202, 2)
        sender.close()
        await server.stop()
        Audit(db, [sender.account]).check(whole=True)
    finally:
        await server.drop()
    seconds = asyncio.get_running_loop().time() - begun_s
    return AbuseResult(disk.name, (202, 503), tuple(sender.statuses), seconds)


class _Sender:
    """One badge that sends the same batch until it is taken."""

    def __init__(self, port: int, key: str) -> None:
        self.account = Account(DEVICE)
        self.statuses: list[int] = []
        self._client = Client()
        self._url = f"http://{LOOPBACK}:{port}/api/events"
        self._headers = {"X-Actual-Api-Key": key}

    async def until(self, status: int, tries: int) -> None:
        """Send until this status comes; BrokenPromiseError if it does not."""
        for _ in range(tries):
            if await self.send() == status:
                return
        raise BrokenPromiseError(STATUS, f"{self.statuses[-5:]}, and never {status}")

    async def send(self) -> int:
        """Send the next batch, which is the last one again if that was not taken."""
        first = self.account.acknowledged + 1
        body = Abused("", "", "").batch(*range(first, first + 100))
        self.account.sent(body, first + 99)
        reply = await asyncio.to_thread(
            self._client.request, "POST", self._url, body, self._headers
        )
        if isinstance(reply, NoAnswer):
            return CLOSED  # the server was killed, and this was the old connection
        self.statuses.append(reply.status)
        if reply.status == 202:
            self.account.acknowledge(first, first + 99)
        elif reply.status != 503 or not reply.headers.get("retry-after"):
            raise BrokenPromiseError(STATUS, f"full disk: {reply}")
        return reply.status

    def close(self) -> None:
        """Drop the connection."""
        self._client.close()


def limit_files(soft_bytes: int, hard_bytes: int = resource.RLIM_INFINITY) -> None:
    """Let no file of the process that is about to begin grow beyond a size (a `preexec_fn`)."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft_bytes, hard_bytes))
    # CPython's importlib does not look whether all of a module's bytecode was written: half of it
    # would be kept, and whoever imports it afterwards ends with "marshal data too short".
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"


def _limit() -> None:
    limit_files(ROOM_BYTES)


def _lift(_: Path, pid: int) -> None:
    unlimited = resource.RLIM_INFINITY
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (unlimited, unlimited))


def _may_mount() -> bool:
    """Being root is not enough: a container may forbid it."""
    if os.geteuid() != 0:
        return False
    try:
        with TemporaryDirectory() as folder, _tmpfs(Path(folder)):
            return True
    except (OSError, subprocess.CalledProcessError):
        return False


@contextmanager
def _tmpfs(folder: Path) -> Iterator[None]:
    options = f"size={ROOM_BYTES},mode=0700"
    _run(MOUNT, "-t", "tmpfs", "-o", options, "badge-crashtest", str(folder))
    try:
        yield
    finally:
        _run(UMOUNT, "--lazy", str(folder))


def _enlarge(folder: Path, _: int) -> None:
    _run(MOUNT, "-o", "remount,size=64m", str(folder))


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own words
