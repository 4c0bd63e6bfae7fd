"""`python scripts/mutation.py`: change the core in small ways, and see that its tests notice.

    python scripts/mutation.py                      # every mutant
    python scripts/mutation.py --changed HEAD~20 --cpu-minutes 3    # of functions that changed
    python scripts/mutation.py badge.storage.journal 'badge.machines.*'     # by module
    python scripts/mutation.py badge.storage.page:Page.read         # of a function

Prints how many mutants the tests killed, and every survivor with its change.  Exit code 1 if fewer
than 95 % of those that were tried are killed, or `equal.txt` names a mutant that is no longer
there.  Needs the extra `mutation` (mutmut, which makes the changes), and the core in C, which the
journal is compared with.

With `--gate` the code is 1 if any survives that `equal.txt` does not name.  There each is given
every test that runs a line of its file, however long they take, so that a busy machine tries fewer
mutants and lets none survive that another one kills; what it did not try is told.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from fnmatch import fnmatch
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.mutation.equal import equals
from tests.mutation.mutants import Mutant, mutants_of
from tests.mutation.trial import MOST_S, Trial, Verdict
from tests.paths import ROOT

FLOOR_PCT = 95.0
TARGETS = {
    "badge": (
        "badge/storage/*.py",
        "badge/machines/*.py",
        "badge/badge.py",
        "badge/host/flash_file.py",
    ),
    "sim": ("sim/ingest/*.py", "sim/ingest/*/*.py"),
}
TESTS = {
    "badge": (
        "tests/badge/storage",
        "tests/badge/machines",
        "tests/badge/test_badge.py",
        "tests/badge/recording",
        "tests/badge/host/test_flash_file.py",
        "tests/badge/host/test_flash_file_calls.py",
        "tests/badge/host/test_flash_file_garbage.py",
    ),
    "sim": ("tests/sim/ingest",),
}


def targets() -> list[str]:
    """Every file that is measured."""
    globs = [one for some in TARGETS.values() for one in some]
    return sorted(str(path.relative_to(ROOT)) for one in globs for path in ROOT.glob(one))


def changed_lines(base: str) -> dict[str, set[int]]:
    """The lines of the targets that differ from another commit."""
    rooms = sorted(TARGETS)
    done = subprocess.run(
        ["git", "diff", "--unified=0", "--no-ext-diff", base, "--", *rooms],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, set[int]] = defaultdict(set)
    file = ""
    for line in done.stdout.splitlines():
        if line.startswith("+++ "):
            file = line[4:].removeprefix("b/")
        elif match := re.match(r"@@ -\S+ \+(\d+)(?:,(\d+))? @@", line):
            start, count = int(match[1]), int(match[2] or 1)
            found[file] |= set(range(start, start + max(count, 1)))
    return found


def is_meant(mutant: Mutant, names: Sequence[str]) -> bool:
    """Whether a person's words name the mutant: module or function, also by pattern."""
    function = f"{mutant.module}:{mutant.function}"
    return not names or any(
        fnmatch(word, name) for name in names for word in (mutant.module, function, mutant.name)
    )


def not_there(every: Sequence[Mutant]) -> list[str]:
    """What equal.txt names of these files, and they do not have (any more)."""
    modules = {one.module for one in every}
    gone = equals().keys() - {one.key for one in every}
    return [f"{a}\n- {b}\n+ {c}" for a, b, c, _ in sorted(gone) if a.partition(":")[0] in modules]


class Results:
    """What is known of an earlier run: kills of functions that are the same."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.killed: set[str] = set()
        if path is not None and path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                with suppress(ValueError):  # the last line of a run that was killed
                    told = json.loads(line)
                    if told["killed"]:
                        self.killed.add(told["what"])

    @staticmethod
    def _what(mutant: Mutant) -> str:
        return f"{mutant.name} {hashlib.sha256(mutant.source.encode()).hexdigest()[:16]}"

    def knows(self, mutant: Mutant) -> bool:
        """Whether it was killed before."""
        return self._what(mutant) in self.killed

    def add(self, verdict: Verdict) -> None:
        """Keep a verdict as soon as it is known."""
        if self.path is None:
            return
        what = self._what(verdict.mutant)
        line = {
            "what": what,
            "killed": verdict.is_killed,
            "by": verdict.by,
            "word": verdict.word,
            "cpu_s": round(verdict.cpu_s, 3),
        }
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


class Progress:
    """A line now and then, and the verdicts."""

    def __init__(self, total: int, results: Results) -> None:
        self.total = total
        self.results = results
        self.verdicts: list[Verdict] = []
        self._told_s = time.monotonic()

    def take(self, verdict: Verdict) -> None:
        """Count a verdict, and say now and then how far it is."""
        self.verdicts.append(verdict)
        self.results.add(verdict)
        if (now_s := time.monotonic()) - self._told_s > 15:
            self._told_s = now_s
            alive = sum(not one.is_killed for one in self.verdicts)
            done = f"{len(self.verdicts)} of {self.total} tried, {alive} alive"
            print(f"  {done}: {verdict.mutant.name}", file=sys.stderr, flush=True)


def run(room: str, mutants: Sequence[Mutant], trial: Trial) -> bool:
    """Try the mutants of a room with its tests, in this process and its forks.

    False if a test failed without any change: then what survives says nothing.
    """
    with TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        words = ["-n0", "-s", "-q", "--no-header", "--no-summary", "--assert=plain", "--tb=short"]
        words += ["-p", "no:randomly", f"--basetemp={folder}/tmp", "--hypothesis-seed=0"]
        words += ["-o", "tmp_path_retention_policy=none"]
        pytest.main([*words, *TESTS[room]], plugins=[trial])
    for failed in trial.known.failed:
        print(f"left out, for it fails without any change: {failed}", file=sys.stderr)
    return not trial.known.failed


def _settle() -> None:
    """Examples that anybody can repeat, none kept, none made smaller: that it fails is enough."""
    settings.register_profile(
        "mutation",
        database=None,
        derandomize=True,
        deadline=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    settings.load_profile("mutation")


def report(verdicts: Iterable[Verdict], before: int, equal: int, left: int) -> int:
    """Print survivors and counts; return the exit code."""
    killed, alive = before, []
    words: Counter[str] = Counter()
    for one in verdicts:
        words[one.word] += 1
        if one.is_killed:
            killed += 1
        else:
            alive.append(one)
    for one in alive:
        print(f"{one.mutant.name}: {one.word} ({one.mutant.file}:{one.mutant.lines.start})")
        twin = "" if one.mutant.twin == 1 else str(one.mutant.twin)
        print(f"- {one.mutant.before}\n+{twin} {one.mutant.after}")
    tried = killed + len(alive)
    if not tried:
        print("no mutant was tried: give it more time, or name what there is")
        return int(not left)
    share = 100 * killed / tried
    print(f"killed {killed} of {tried}, {share:.1f} % (floor {FLOOR_PCT:g} %)", end="")
    print(f"; {equal} named as equal, {len(alive)} survivors, {left} not tried")
    print(", ".join(f"{count} {word}" for word, count in words.most_common()))
    return int(share < FLOOR_PCT)


def main() -> int:
    """Mutate, run, report; return the exit code."""
    parser = ArgumentParser(description="Mutation run over the core.")
    parser.add_argument("names", nargs="*", help="modules or functions by pattern; all without")
    parser.add_argument("--changed", metavar="COMMIT", help="only statements that differ from it")
    parser.add_argument("--cpu-minutes", type=float, help="end by itself after so many")
    parser.add_argument("--results", type=Path, help="keep the verdicts there, and go on from it")
    parser.add_argument("--most-s", type=float, default=MOST_S, help="seconds of tests a mutant")
    parser.add_argument("--equals", action="store_true", help="only those named in equal.txt")
    parser.add_argument("--list", action="store_true", help="print the mutants, try none")
    parser.add_argument("--gate", action="store_true", help="none may survive that is tried")
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    os.chdir(ROOT)  # where mutmut and pytest look for their settings
    lines = None if asked.changed is None else changed_lines(asked.changed)
    files = [one for one in targets() if lines is None or one in lines]
    every = [mutant for file in files for mutant in mutants_of(file)]
    if gone := not_there(every):
        print("equal.txt names what is not there:\n" + "\n".join(gone))
        return 1
    meant = [one for one in every if is_meant(one, asked.names)]
    if lines is not None:
        meant = [one for one in meant if lines[one.file].intersection(one.lines)]
    if asked.list:
        for one in meant:
            print(f"{one.name} line {one.lines.start}\n- {one.before}\n+ {one.after}")
        return 0
    if not meant:
        print("nothing that is measured is meant, or has changed")
        return 0
    results = Results(asked.results)
    named = equals().keys()
    equal = [one for one in meant if one.key in named]
    meant = equal if asked.equals else [one for one in meant if one.key not in named]
    todo = [one for one in meant if not results.knows(one)]
    progress = Progress(len(todo), results)
    _settle()
    is_sure = True
    for room in TARGETS:
        here = [one for one in todo if one.file.startswith(f"{room}/")]
        if here:
            trial = Trial(
                here,
                progress.take,
                jobs=asked.jobs,
                most_s=math.inf if asked.gate else asked.most_s,
                cpu_limit_s=None if asked.cpu_minutes is None else asked.cpu_minutes * 60,
                of_file=asked.gate,
            )
            is_sure &= run(room, here, trial)
    left = len(todo) - len(progress.verdicts)
    code = report(progress.verdicts, len(meant) - len(todo), len(equal), left)
    if not asked.gate:
        return code
    alive = [one for one in progress.verdicts if one.word == "survived"]
    if alive and is_sure:
        print("gate: kill what survived with a test, or say in equal.txt why nothing can")
    return int(bool(alive) and is_sure)


if __name__ == "__main__":
    sys.exit(main())
