"""A tool call as a process of its own: bounded in time and size, ended with whoever asked."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import anyio
from anyio.abc import ByteReceiveStream, Process

from badge.cli.mcp.rule import Confinement
from badge.errors import InputError
from badge.host.processes import cores

OUTPUT_BYTES_MAX = 2 << 20
_SAID_BYTES_MAX = 16 << 10
_GRACE_S = 5.0
WAITING_MAX = 16
# Keys reach a command as the owner of this process has set them; nobody can name one in a call.
KEYS = (
    "BADGE_API_KEY",
    "BADGE_PROVISIONING_KEY",
    "BADGE_ADMIN_KEY",
    "BADGE_WEBHOOK_SECRET",
)
_FOREIGN = ("BADGE_", "OTEL_", "_BADGE_")


@dataclass(frozen=True, slots=True)
class CommandEnd:
    """How a command ended: its exit code, what it printed, and the last that it said."""

    code: int
    out: bytes
    said: str


class Calls:
    """Runs commands, a few at a time; the others wait, up to `WAITING_MAX` of them."""

    def __init__(self, rule: Confinement, seconds_max: float) -> None:
        self.rule, self._seconds_max = rule, seconds_max
        self._at_once = anyio.Semaphore(cores())
        self._waiting = 0

    async def run(self, words: Sequence[str]) -> CommandEnd:
        """Run `badge WORDS` in the folder; InputError where it takes or says too much."""
        if self._waiting >= WAITING_MAX:
            raise InputError(f"{WAITING_MAX} calls are waiting already; ask again later")
        self._waiting += 1
        try:
            await self._at_once.acquire()
        finally:
            self._waiting -= 1
        try:
            return await self._run(words)
        finally:
            self._at_once.release()

    async def _run(self, words: Sequence[str]) -> CommandEnd:
        # -P: a yaml.py in the folder must not be taken for the library.
        line = [sys.executable, "-P", "-m", "badge.cli.mcp.child", ",".join(self.rule.hosts)]
        process = await anyio.open_process(
            [*line, *words],
            cwd=self.rule.folder,
            env=environment(os.environ),
            start_new_session=os.name == "posix",
        )
        out, said = bytearray(), bytearray()
        try:
            with anyio.move_on_after(self._seconds_max) as scope:
                async with anyio.create_task_group() as reading:
                    assert process.stderr is not None
                    assert process.stdout is not None
                    reading.start_soon(_take_last, process.stderr, said)
                    await _take_all(process.stdout, out)
                await process.wait()
        except BaseExceptionGroup as error:
            raise error.exceptions[0] from None
        finally:
            with anyio.CancelScope(shield=True):
                await _end(process)
        if scope.cancelled_caught:
            raise InputError(
                f"not done after {self._seconds_max:g} s, and ended; ask for less, or start badge "
                "mcp with a greater --seconds"
            )
        code = process.returncode
        return CommandEnd(-1 if code is None else code, bytes(out), said.decode("utf-8", "replace"))


def environment(given: Mapping[str, str]) -> dict[str, str]:
    """Return what a command is told of the environment: keys, and nothing else that is ours."""
    kept = {
        name: value
        for name, value in given.items()
        if name in KEYS or not name.startswith(_FOREIGN)
    }
    # No settings file: one above the folder would be read, one within it could name a log outside.
    return kept | {"BADGE_SETTINGS": "", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"}


async def _take_all(stream: ByteReceiveStream, into: bytearray) -> None:
    async for chunk in stream:
        into += chunk
        if len(into) > OUTPUT_BYTES_MAX:
            raise InputError(f"the result has more than {OUTPUT_BYTES_MAX >> 20} MiB; ask for less")


async def _take_last(stream: ByteReceiveStream, into: bytearray) -> None:
    async for chunk in stream:
        into += chunk
        del into[:-_SAID_BYTES_MAX]


async def _end(process: Process) -> None:
    """End a process and what it started: asked first, so that it leaves nothing half written."""
    if process.returncode is None:
        _signal(process, signal.SIGTERM)
        with anyio.move_on_after(_GRACE_S):
            await process.wait()
    if process.returncode is None:
        _signal(process, getattr(signal, "SIGKILL", signal.SIGTERM))
    await process.aclose()


def _signal(process: Process, number: signal.Signals) -> None:
    try:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
    except ProcessLookupError:  # it has ended meanwhile
        return
