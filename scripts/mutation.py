"""Mutate the core, and see that its tests notice: storage, machines, the badge, the flash file.

    python scripts/mutation.py                      # whole: an hour or so on two idle cores
    python scripts/mutation.py --changed origin/main --minutes 3    # what a change touches
    python scripts/mutation.py 'badge.storage.journal*'             # by module or mutant

Needs the extra `mutation` (mutmut).  Works in a copy, so that nothing is left in the checkout.
Prints how many mutants the tests killed, and every survivor with its change.  Exit code 1 if
fewer than 95 % of those that were tried are killed.

Survivors that mean the same program are named in EQUIVALENT, each with the reason.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FLOOR_PCT = 95.0
TARGETS = (
    "badge/storage/*.py",
    "badge/machines/*.py",
    "badge/badge.py",
    "badge/host/flash_file.py",
)
TESTS = (
    "tests/badge/storage",
    "tests/badge/machines",
    "tests/badge/test_badge.py",
    "tests/badge/recording",
    "tests/badge/host/test_flash_file.py",
    "tests/badge/host/test_flash_file_calls.py",
    "tests/badge/host/test_flash_file_garbage.py",
)
# Starts other processes, which run the right program.
DESELECTED = (
    "tests/badge/test_badge.py::test_the_same_inputs_give_the_same_bytes_under_any_hash_seed"
)
KILLED = ("killed", "timeout", "caught by type check")
ALIVE = ("survived", "no tests")

EQUIVALENT: dict[str, str] = {
    "badge.machines.firmware.xǁFirmwareǁoffer__mutmut_6": "fullmatch takes the pattern with its "
    "anchors, too",
    "badge.machines.firmware.xǁFirmwareǁoffer__mutmut_7": "the same",
    "badge.machines.firmware.xǁFirmwareǁon__mutmut_1": "no row looks at the version but the one "
    "that is always given it",
    "badge.machines.firmware.xǁFirmwareǁ_try_out__mutmut_7": "a steady firmware has no end of a "
    "trial: it is 0 already",
    "badge.host.flash_file.xǁFlashFileǁ_prepare__mutmut_8": "a blank image of the right size gets "
    "no byte more",
    "badge.machines.gps.xǁGpsǁ_give_up_and_poll__mutmut_1": "rows hand every action a fix; this "
    "one and what it calls use none",
    "badge.machines.gps.xǁGpsǁ_give_up_and_poll__mutmut_2": "the same",
    "badge.badge.xǁBadgeǁ_on_attempt_over__mutmut_1": "the display draws only what has changed",
    "badge.badge.xǁBadgeǁ_on_movement__mutmut_5": "the poll after it has a word of its own",
    "badge.badge.xǁBadgeǁ_on_movement__mutmut_7": "the same",
    "badge.badge.xǁBadgeǁ_on_movement__mutmut_8": "the same",
    "badge.host.flash_file.x__is_unused__mutmut_12": "a file gives no bytes behind its end",
    "badge.machines.gps.xǁGpsǁon__mutmut_1": "only the facts that come with a word lead to a poll",
    "badge.machines.gps.xǁGpsǁ_start__mutmut_6": "a poll uses no fix",
    "badge.machines.gps.x_is_possible__mutmut_19": "1 is as possible as 0",
    "badge.machines.gps.x_is_possible__mutmut_24": "the same",
    "badge.machines.gps.x_is_possible__mutmut_29": "the same",
    "badge.machines.gps.x_is_possible__mutmut_34": "the same",
    "badge.machines.proximity.xǁTrackerǁ__init____mutmut_6": "set when the tag appears, not used "
    "before",
    "badge.machines.proximity.xǁTrackerǁ__init____mutmut_7": "set by the first cycle that hears it",
    "badge.machines.proximity.xǁTrackerǁ__init____mutmut_8": "set when the tag appears",
    "badge.machines.proximity.xǁTrackerǁ__init____mutmut_9": "the same",
    "badge.machines.proximity.xǁProximityǁon__mutmut_3": "no action of the shift looks at what was "
    "heard",
    "badge.machines.proximity.xǁProximityǁcycle_due__mutmut_3": "the same",
    "badge.machines.proximity.xǁProximityǁ_start__mutmut_4": "the same",
    "badge.machines.proximity.xǁProximityǁ_judge__mutmut_6": "-128 is what an unheard tag has",
    "badge.machines.proximity.xǁProximityǁ_judge__mutmut_10": "a shortcut alone",
    "badge.machines.upload.xǁUploadsǁ_rest__mutmut_1": "it is only asked whether it is empty",
    "badge.machines.upload.x_backoff_ms__mutmut_14": "the cap comes long before 30 doublings",
    "badge.machines.upload.x_backoff_ms__mutmut_29": "big is the default",
    "badge.machines.upload.x_backoff_ms__mutmut_38": "one part of 2**64 is rounded down to nothing",
}
"""A mutant's name and why it is the same program; names move when their function changes."""


def targets() -> list[str]:
    """Every file that is measured."""
    return sorted(str(path.relative_to(ROOT)) for one in TARGETS for path in ROOT.glob(one))


def _is_meant(file: str, names: Sequence[str]) -> bool:
    module = file.removesuffix(".py").replace("/", ".")
    return any(name.startswith(f"{module}.") or fnmatch(module, name) for name in names)


def changed_since(base: str) -> list[str]:
    """The targets that differ from another commit."""
    done = subprocess.run(
        ["git", "diff", "--name-only", base, "--", "badge"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [name for name in done.stdout.split() if any(fnmatch(name, one) for one in TARGETS)]


def copy_of_checkout(folder: Path, mutate: Sequence[str]) -> None:
    """Copy what git knows, and tell mutmut what to mutate there and which tests to run."""
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    beside = sorted({name.partition("/")[0] for name in names.split("\0") if name} - {"badge"})
    options = ["-n0", "-x", "--hypothesis-seed=0", f"--deselect={DESELECTED}"]
    lines = [
        "[tool.mutmut]",
        'source_paths = ["badge"]',
        f"only_mutate = {list(mutate)!r}",
        f"also_copy = {beside!r}",
        f"pytest_add_cli_args = {options!r}",
        f"pytest_add_cli_args_test_selection = {list(TESTS)!r}",
    ]
    with (folder / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write("\n" + "\n".join(lines) + "\n")


def mutmut(folder: Path, *words: str, limit_s: float | None = None) -> str:
    """Run mutmut; what it has found when the time is over stays in the folder."""
    command = [sys.executable, "-m", "mutmut", *words]
    process = subprocess.Popen(
        command,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # so that its workers can be ended with it
    )
    try:
        said, _ = process.communicate(timeout=limit_s)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return ""
    if words[0] == "run" and process.returncode:
        raise SystemExit(said[-4000:])
    return said


def report(folder: Path, *, in_time: bool) -> int:
    """Print what was tried and what survived; return the exit code.

    A sample ends `in_time`, tried or not: a busy machine is no fault of the tests.
    """
    found = dict(re.findall(r"^\s*(\S+): (.+)$", mutmut(folder, "results", "--all", "true"), re.M))
    killed = [name for name, word in found.items() if word in KILLED]
    alive = [name for name, word in found.items() if word in ALIVE]
    equivalent = [name for name in alive if name in EQUIVALENT]
    for name in alive:
        why = EQUIVALENT.get(name)
        print(f"{name}: {f'equivalent: {why}' if why else found[name]}")
        if why is None:
            change = mutmut(folder, "show", name).splitlines()
            print("\n".join(line for line in change if re.match(r"[-+](?![-+])", line)))
    tried = len(killed) + len(alive) - len(equivalent)
    if not tried:
        print("no mutant was tried: give it more time, or name what there is")
        return int(not in_time)
    share = 100 * len(killed) / tried
    print(f"killed {len(killed)} of {tried}, {share:.1f} % (floor {FLOOR_PCT:g} %)", end="")
    print(f"; {len(equivalent)} equivalent, {len(found) - len(killed) - len(alive)} not tried")
    return int(share < FLOOR_PCT)


def main() -> int:
    """Mutate, run, report; return the exit code."""
    parser = ArgumentParser(description="Mutation run over the core.")
    parser.add_argument("names", nargs="*", help="mutants by pattern; all without")
    parser.add_argument("--changed", metavar="COMMIT", help="only files that differ from it")
    parser.add_argument("--minutes", type=float, help="end by itself after so many")
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    mutate = targets() if asked.changed is None else changed_since(asked.changed)
    if asked.names:
        mutate = [file for file in mutate if _is_meant(file, asked.names)]
    if not mutate:
        print("nothing that is measured has changed")
        return 0
    limit_s = None if asked.minutes is None else asked.minutes * 60
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy_of_checkout(folder, mutate)
        mutmut(folder, "run", f"--max-children={asked.jobs}", *asked.names, limit_s=limit_s)
        return report(folder, in_time=limit_s is not None)


if __name__ == "__main__":
    sys.exit(main())
