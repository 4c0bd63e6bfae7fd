"""The tests of the core in a warm process: one run that learns who runs what, then a fork a mutant.

A mutant is given the tests that run its statement, the quickest first, and stops at the first that
fails.  Limits are of the processor's time, and of standing still: a busy machine kills no mutant.
"""

from __future__ import annotations

import gc
import os
import pickle
import resource
import signal
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from math import ceil
from pathlib import Path

import pytest
from _pytest.runner import runtestprotocol

from tests.mutation.mutants import Mutant, put_in_force
from tests.paths import ROOT

CPU_FACTOR = 4.0  # of what a test takes without a change
CPU_LEAST_S = 1.5
MOST_S = 3.0  # the tests of a mutant: what survives the quickest that take so long has survived
STILL_S = 20.0  # no thread of it runs or wants to run for so long: it waits for ever
STILL_TICKS_MAX = 20  # but for a server that looks up now and then
STILL_AWAKE_MAX = 2  # of 40 looks
STILL_CHECK_S = 0.5
SURVIVED, FAILED, SETUP = 0, 1, 3


@dataclass
class Known:
    """What the run without a change has shown: seconds of each test, and the tests of each line.

    A test that `failed` is left out: it would pass for a kill.
    """

    cpu_s: dict[int, float] = field(default_factory=dict)
    by_line: dict[tuple[str, int], set[int]] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Verdict:
    """What came of a mutant: killed by which test, of which cause, or not at all."""

    mutant: Mutant
    word: str  # "killed", "out of time", "stands still", "survived", "no test runs it"
    by: str = ""
    cpu_s: float = 0.0

    @property
    def is_killed(self) -> bool:
        """Whether somebody noticed."""
        return self.word not in ("survived", "no test runs it")


@dataclass
class _Child:
    mutant: Mutant
    items: list[int]
    at: Path
    looked_s: float
    still_since_s: float
    cpu_ticks: int = 0
    awake: int = 0
    still: bool = False


class Trial:
    """A pytest plugin that runs each mutant in place of the tests."""

    def __init__(
        self,
        mutants: Sequence[Mutant],
        tell: Callable[[Verdict], None],
        *,
        jobs: int = 2,
        most_s: float = MOST_S,
        cpu_limit_s: float | None = None,
        of_file: bool = False,
    ) -> None:
        self.mutants = mutants
        self.tell = tell
        self.jobs = jobs
        self.most_s = most_s
        self.cpu_limit_s = cpu_limit_s
        self.of_file = of_file
        self.known = Known()
        self._last_killers: dict[str, list[int]] = defaultdict(list)
        self._kills: dict[str, Counter[int]] = defaultdict(Counter)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Learn, then try every mutant; the tests themselves are not run again."""
        if session.testsfailed:
            raise session.Interrupted("the tests cannot be collected")
        factory = session.config._tmp_path_factory
        factory.getbasetemp()  # once for all, so that no two make it
        with tempfile.TemporaryDirectory() as folder:
            self.known = _learn(session, {one.file for one in self.mutants}, Path(folder))
            gc.freeze()  # so that forks share what is there
            self._try_all(session, Path(folder))
        return True

    def _try_all(self, session: pytest.Session, folder: Path) -> None:
        running: dict[int, _Child] = {}
        waiting = iter(self.mutants)
        try:
            self._keep_trying(session, folder, waiting, running)
        finally:
            for pid in running:  # interrupted: none goes on alone
                _end_group(pid)

    def _keep_trying(
        self,
        session: pytest.Session,
        folder: Path,
        waiting: Iterator[Mutant],
        running: dict[int, _Child],
    ) -> None:
        more = True
        while more or running:
            while more and len(running) < self.jobs:
                mutant = next(waiting, None)
                if mutant is None or self._is_over():
                    more = False
                    break
                items = self._tests_of(mutant)
                if not items:
                    self.tell(Verdict(mutant, "no test runs it"))
                    continue
                pid, child = self._start(session, mutant, items, folder)
                running[pid] = child
            if running:
                self._reap(session, running)

    def _is_over(self) -> bool:
        own = resource.getrusage(resource.RUSAGE_CHILDREN)
        return self.cpu_limit_s is not None and own.ru_utime + own.ru_stime > self.cpu_limit_s

    def _tests_of(self, mutant: Mutant) -> list[int]:
        """What to try it with, in order; `of_file` adds what runs any line of its file."""
        by_line = self.known.by_line
        found: set[int] = set()
        for lines in (mutant.lines, mutant.whole):
            for line in lines:
                found |= by_line.get((mutant.file, line), set())
            if found:
                break
        # Those that noticed others of the function, then of the file, then the quickest.
        killers = [one for one in self._last_killers[mutant.function] if one in found]
        kills, cpu_s = self._kills[mutant.file], self.known.cpu_s
        rest = found.difference(killers)
        rest = sorted(rest, key=lambda one: (-kills[one] / (cpu_s[one] + 0.001), cpu_s[one], one))
        if self.of_file and found:  # a test may run a line now and then only
            others = {n for at, some in by_line.items() if at[0] == mutant.file for n in some}
            rest += sorted(others.difference(found), key=lambda one: (cpu_s[one], one))
        sums = accumulate(cpu_s[one] for one in rest)
        return [
            *killers,
            *(one for one, spent_s in zip(rest, sums, strict=True) if spent_s <= self.most_s),
        ]

    def _start(
        self, session: pytest.Session, mutant: Mutant, items: list[int], folder: Path
    ) -> tuple[int, _Child]:
        at = folder / mutant.name
        pid = os.fork()
        if pid == 0:
            _in_child(session, mutant, items, at, self.known.cpu_s)
        now_s = time.monotonic()
        return pid, _Child(mutant, items, at, now_s, now_s)

    def _reap(self, session: pytest.Session, running: dict[int, _Child]) -> None:
        while True:
            pid, status, used = os.wait3(os.WNOHANG)
            if pid in running:
                break
            for one, child in running.items():
                _watch(one, child)
            time.sleep(0.01)
        child = running.pop(pid)
        _end_group(pid)
        said = child.at.read_text() if child.at.exists() else ""
        child.at.unlink(missing_ok=True)
        index = int(said) if said else -1
        by = session.items[index].nodeid if index >= 0 else ""
        code = os.waitstatus_to_exitcode(status)
        if child.still:
            word = "stands still"
        elif code == SURVIVED:
            word, by = "survived", ""
        elif code in (-signal.SIGXCPU, -signal.SIGKILL):
            word = "out of time"
        else:
            word = "killed"
        if word != "survived" and index >= 0:
            killers = self._last_killers[child.mutant.function]
            if index in killers:
                killers.remove(index)
            killers.insert(0, index)
            self._kills[child.mutant.file][index] += 1
            del killers[3:]
        self.tell(Verdict(child.mutant, word, by, used.ru_utime + used.ru_stime))


def _in_child(
    session: pytest.Session, mutant: Mutant, items: list[int], at: Path, cpu_s: dict[int, float]
) -> None:
    """Run the tests with the change in force; never returns."""
    code = SETUP
    try:
        os.setpgid(0, 0)  # so that what it starts ends with it
        _be_silent()
        signal.signal(signal.SIGXCPU, signal.SIG_DFL)
        put_in_force(mutant)
        code = SURVIVED
        for place, following in zip(items, [*items[1:], None], strict=True):
            at.write_text(str(place))
            limit_s = time.process_time() + CPU_LEAST_S + CPU_FACTOR * cpu_s[place]
            resource.setrlimit(resource.RLIMIT_CPU, (ceil(limit_s), resource.RLIM_INFINITY))
            after = None if following is None else session.items[following]
            reports = runtestprotocol(session.items[place], log=False, nextitem=after)
            if any(report.failed for report in reports):
                code = FAILED
                break
    except BaseException:  # a change that ends the run itself has been noticed
        code = FAILED
    finally:
        os._exit(code)


def _be_silent() -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)


def _learn(session: pytest.Session, files: set[str], folder: Path) -> Known:
    """Run all tests once, in a process of its own, so that this one stays as it was collected."""
    at = folder / "known"
    pid = os.fork()
    if pid == 0:
        try:
            _be_silent()
            at.write_bytes(pickle.dumps(_watched(session, files)))
        except BaseException:
            at.with_suffix(".error").write_text(f"{sys.exc_info()[1]!r}")
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    if not at.exists():
        error = at.with_suffix(".error")
        return Known(failed=[error.read_text() if error.exists() else "the run itself ended"])
    return pickle.loads(at.read_bytes())  # written by our own child


def _watched(session: pytest.Session, files: set[str]) -> Known:
    from coverage import Coverage

    known, left_out = Known(), set()
    cover = Coverage(
        data_file=None, config_file=False, include=[str(ROOT / one) for one in sorted(files)]
    )
    cover.start()
    for place, item in enumerate(session.items):
        cover.switch_context(str(place))
        after = session.items[place + 1] if place + 1 < len(session.items) else None
        start_s = time.process_time()
        reports = runtestprotocol(item, log=False, nextitem=after)
        known.cpu_s[place] = time.process_time() - start_s
        if failed := [one.longreprtext for one in reports if one.failed]:
            known.failed.append(f"{item.nodeid}: {failed[0][-800:]}")
            left_out.add(place)
    cover.stop()
    data = cover.get_data()
    for file in files:
        for line, contexts in data.contexts_by_lineno(str(ROOT / file)).items():
            known.by_line[file, line] = {int(one) for one in contexts if one} - left_out
    return known


def _watch(pid: int, child: _Child) -> None:
    """End a mutant that waits for what never comes: no thread of its group runs or wants to."""
    now_s = time.monotonic()
    if now_s - child.looked_s < STILL_CHECK_S:
        return
    child.looked_s = now_s
    ticks, is_asleep = _group(pid)
    child.awake += not is_asleep
    if ticks - child.cpu_ticks > STILL_TICKS_MAX or child.awake > STILL_AWAKE_MAX:
        child.cpu_ticks, child.still_since_s, child.awake = ticks, now_s, 0
    elif now_s - child.still_since_s > STILL_S:
        child.still = True
        _end_group(pid)


def _group(pid: int) -> tuple[int, bool]:
    """The processor's ticks that a process group has used, and whether all its threads sleep."""
    ticks, asleep = 0, True
    for fields in _threads(pid):
        ticks += int(fields[11]) + int(fields[12])
        asleep &= fields[0] in "SZ"
    return ticks, asleep


def _threads(group: int) -> Iterator[list[str]]:
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        try:
            if os.getpgid(int(process.name)) != group:
                continue
            for thread in (process / "task").iterdir():
                yield (thread / "stat").read_text().rpartition(") ")[2].split()
        except OSError:
            continue  # it has just ended


def _end_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
