"""Commands that write, killed at drawn moments and on disks of drawn sizes; then they go on.

The law is one for all: a command ends by itself with an exit code and at most one sentence, what
it leaves is whole or goes on, and in the end its files are those of a run that nothing stopped.
"""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from shutil import copytree, rmtree

from badge.words import counted
from sim.crashtest.disk import limit_files
from sim.crashtest.writers import Words, WritingCommand
from sim.engine.promises import KEPT, STATUS, BrokenPromiseError
from sim.engine.streams import plain_stream

COMMAND = (sys.executable, "-c", "from badge.cli.main import main; main()")
PATIENCE_S = 300.0  # nothing here takes a tenth of it, also on a busy machine
GOES_ON_MAX = 5
_ENDS = (0, 1, 2)  # done; differences, which `reconcile` finds; no room, or nothing to go on with
Prints = dict[str, str]
Told = Callable[[str], None]


@dataclass(slots=True)
class Interrupted:
    """What a campaign has shown so far; `broken` is the first promise that did not hold."""

    kills: dict[str, int] = field(default_factory=dict)
    disks: dict[str, int] = field(default_factory=dict)
    full: int = 0  # runs that met the end of their disk
    broken: str | None = None

    def figures(self) -> Mapping[str, object]:
        """Return all of it as JSON values."""
        return {
            "kills": self.kills,
            "disks": self.disks,
            "disks_that_were_full": self.full,
            "broken": self.broken,
        }


@dataclass(frozen=True, slots=True)
class Whole:
    """What a writer leaves when nothing stops it: the prints of its files, its time and size."""

    writer: WritingCommand
    prints: Prints
    wall_s: float
    size_bytes: int


def undisturbed(writer: WritingCommand, folder: Path) -> Whole:
    """Run a writer once to its end; BrokenPromiseError if it does not get there."""
    with _fresh(writer, folder):
        begun_s = time.monotonic()
        _end(writer, folder, writer.words, limit=None)
        wall_s = time.monotonic() - begun_s
        sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
        return Whole(writer, _prints(writer, folder), wall_s, max(sizes, default=4096))


def interrupt(
    wholes: Sequence[Whole],
    folder: Path,
    seen: Interrupted,
    told: Told,
    *,
    seed: int,
    kills: int,
    disks: int,
) -> None:
    """Kill and starve the writers in turn, so often; BrokenPromiseError at the first loss."""
    rng = plain_stream(seed, "interrupt")
    for at in range(kills):
        whole = wholes[at % len(wholes)]
        _killed(whole, folder, rng.uniform(0.0, 1.1 * whole.wall_s))
        seen.kills[whole.writer.name] = seen.kills.get(whole.writer.name, 0) + 1
        told(whole.writer.name)
    for at in range(disks):
        whole = wholes[at % len(wholes)]
        room_bytes = int(rng.uniform(0.0, 1.1) * whole.size_bytes)
        seen.full += _starved(whole, folder, room_bytes)
        seen.disks[whole.writer.name] = seen.disks.get(whole.writer.name, 0) + 1
        told(whole.writer.name)


def _killed(whole: Whole, folder: Path, after_s: float) -> None:
    """Kill a run at a moment, and let it go on."""
    with _fresh(whole.writer, folder):
        process = _start(folder, whole.writer.words, None)
        try:
            process.communicate(timeout=after_s)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        process.communicate()
        _goes_on(whole, folder, f"killed after {after_s:.2f} s")


def _starved(whole: Whole, folder: Path, room_bytes: int) -> bool:
    """Run where no file may grow beyond that, then with room; True if it was too little."""
    with _fresh(whole.writer, folder):
        code = _end(whole.writer, folder, whole.writer.words, limit=room_bytes)
        _goes_on(whole, folder, f"with room for {counted(room_bytes, 'byte')} a file")
        return code == 2


def _goes_on(whole: Whole, folder: Path, how: str) -> None:
    """Go on until it is done; what is there then must be what one run leaves."""
    writer = whole.writer
    for _ in range(GOES_ON_MAX):
        words = writer.again(folder)
        if _end(writer, folder, words, limit=None) in (0, 1):
            break
        if words != writer.words:  # killed before it had anything to go on with
            for left in (*folder.glob(".run.*"), *folder.glob("run.interrupted")):
                rmtree(left)
    found = _prints(writer, folder)
    if found != whole.prints:
        wrong = sorted(found.items() ^ whole.prints.items())[:3]
        names = sorted({name for name, _ in wrong})
        raise BrokenPromiseError(KEPT, f"{writer.name}, {how}: {names} differ from a whole run")


def _end(writer: WritingCommand, folder: Path, words: Words, limit: int | None) -> int:
    """Run to the end; BrokenPromiseError if there is none, or if it is no end for a user."""
    process = _start(folder, words, limit)
    try:
        _, said = process.communicate(timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise BrokenPromiseError(STATUS, f"{writer.name}: no end within {PATIENCE_S:g} s") from None
    text = said.decode("utf-8", "replace").strip()
    if process.returncode not in _ENDS or "Traceback" in text:
        raise BrokenPromiseError(STATUS, f"{writer.name}: {process.returncode}: {text[-500:]}")
    return process.returncode


def _start(folder: Path, words: Words, limit: int | None) -> subprocess.Popen[bytes]:
    def limited() -> None:
        assert limit is not None
        limit_files(limit, limit)

    return subprocess.Popen(  # noqa: S603 - our own words
        [*COMMAND, *words],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for us alone
        preexec_fn=None if limit is None else limited,
    )


@contextmanager
def _fresh(writer: WritingCommand, folder: Path) -> Iterator[None]:
    """An empty folder, prepared for the writer."""
    rmtree(folder, ignore_errors=True)
    # Once for all that begin alike: it may take longer than what is tried.
    prepared = folder.with_name("before-" + sha256(repr(writer.before).encode()).hexdigest()[:16])
    if not prepared.exists():
        folder.mkdir(parents=True)
        for words in writer.before:
            _end(writer, folder, words, limit=None)
        folder.rename(prepared)
    copytree(prepared, folder)
    try:
        yield
    finally:
        rmtree(folder, ignore_errors=True)


def _prints(writer: WritingCommand, folder: Path) -> Prints:
    """Return the digest of every file of the outputs by its place."""
    found = {}
    for output in writer.outputs:
        top = folder / output
        for path in [top] if top.is_file() else sorted(top.rglob("*")):
            if path.is_file():
                name = str(path.relative_to(folder))
                if name in writer.diaries:
                    continue
                found[name] = sha256(re.sub(writer.timing, b"", path.read_bytes())).hexdigest()
    return found
