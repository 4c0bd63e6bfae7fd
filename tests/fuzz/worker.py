"""Runs readers in a process of its own: what hangs, blows up or ends it is a finding, too."""

from __future__ import annotations

import resource
import signal
import time
import traceback
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from io import StringIO
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from types import FrameType

from tests.fuzz.mutate import GROWTH_BYTES_MAX
from tests.fuzz.reader import Reader

HANG_S = 10.0  # of the processor's time: a busy machine is nobody's fault
MEMORY_BYTES = 500 << 20
INPUT_BYTES_MAX = GROWTH_BYTES_MAX
ADDRESS_BYTES = 2 << 30  # beyond this the kernel says no, so that the machine lives


IN_MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # a file an input
VALID = -1  # for a number: an input that nobody has changed


class HangError(BaseException):
    """An input took too long; no reader's own `except` may take it for something else."""


@dataclass(frozen=True)
class Finding:
    """An input that a reader neither read nor refused."""

    reader: str
    number: int
    what: str
    trace: str = ""


@dataclass(frozen=True)
class Job:
    """Which inputs of a reader: the first number and the one behind the last.

    `table` is the module in whose `READERS` it stands.
    """

    name: str
    seed: int
    first: int
    stop: int
    table: str


@dataclass(frozen=True)
class Done:
    """How many inputs were read and refused, and how long it took."""

    reader: str
    read: int
    refused: int
    wall_s: float


def readers(table: str) -> dict[str, Reader]:
    """All readers of a module."""
    found: dict[str, Reader] = import_module(table).READERS
    return found


def is_there(reader: Reader) -> bool:
    """Whether the packages that the reader needs are installed."""
    return all(find_spec(name) for name in reader.needs)


def made(reader: Reader, seeds: list[bytes], seed: int, number: int) -> bytes:
    """Make an input: the same words, the same bytes, whatever ran before."""
    rng = Random(f"{seed}/{reader.name}/{number}")
    return reader.mutate(rng, rng.choice(seeds), seeds)[:INPUT_BYTES_MAX]


def work(jobs: list[Job], told: Connection, at: list[int]) -> None:
    """Do jobs, tell findings and what came of each; `at` is shared: the input under way."""
    signal.signal(signal.SIGPROF, _hangs)
    for place, job in enumerate(jobs):
        with TemporaryDirectory(prefix="fuzz-", dir=IN_MEMORY) as folder:
            for one in _run(readers(job.table)[job.name], job, Path(folder), at, place):
                told.send(one)
    told.send(None)


def _hangs(number: int, frame: FrameType | None) -> None:
    raise HangError(f"more than {HANG_S:g} s")


def _run(
    reader: Reader, job: Job, folder: Path, at: list[int], place: int
) -> Iterator[Finding | Done]:
    try:
        seeds = reader.seeds(folder)
        read = reader.open(folder)
        for one in seeds:  # valid input is read; and what is loaded once is no blow-up
            read(one)
    except Exception as error:
        yield Finding(reader.name, VALID, _in_short(error), traceback.format_exc(limit=-6))
        return
    begun_s = time.monotonic()
    limit = _memory_bytes() + MEMORY_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (_address_bytes() + ADDRESS_BYTES, -1))
    count = refused = 0
    for number in range(job.first, job.stop):
        at[:] = [place, number]
        content = made(reader, seeds, job.seed, number)
        signal.setitimer(signal.ITIMER_PROF, HANG_S)
        try:
            with redirect_stdout(StringIO()) as said, redirect_stderr(said):
                read(content)
            count += 1
            if words := said.getvalue():
                yield Finding(reader.name, number, f"printed {words[:160]!a}")
        except reader.refusals:
            refused += 1
        except (Exception, HangError) as error:
            yield Finding(reader.name, number, _in_short(error), traceback.format_exc(limit=-6))
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        if _memory_bytes() > limit:
            limit = _memory_bytes() + MEMORY_BYTES
            yield Finding(reader.name, number, f"more than {MEMORY_BYTES >> 20} MB")
    yield Done(reader.name, count, refused, time.monotonic() - begun_s)


def _in_short(error: BaseException) -> str:
    text = f"{type(error).__name__}: {error}".splitlines()[0][:160]
    return text.encode(errors="backslashreplace").decode()


def _memory_bytes() -> int:
    """Return the most memory that there ever was.

    Not getrusage, which keeps the parent's across exec.
    """
    status = Path("/proc/self/status").read_bytes()
    return int(status.partition(b"VmHWM:")[2].split(maxsplit=1)[0]) << 10


def _address_bytes() -> int:
    pages = Path("/proc/self/statm").read_text().split()[0]
    return int(pages) * resource.getpagesize()
