"""Check the badge in C: compilers, cppcheck, a Cortex-M4's figures, sanitizers, fuzzing.

python scripts/check_core.py [STEP…] [--seconds N]    steps: warnings cppcheck size tests fuzz

Exits 1 at the first step that fails, with what it printed.  Needs Debian's gcc, clang, cppcheck and
gcc-arm-none-eabi; a step whose program is missing fails and says which.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CORE = ROOT / "badge" / "c"
FUZZ = ROOT / "tests" / "canaries" / "core_fuzz.c"
TEXT_MAX, RAM_MAX, LISTED = 32_768, 4_096, 24
WARNINGS = (
    *("-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow"),
    *("-Wstrict-prototypes", "-Werror"),
)
ON_A_COMPUTER = '-DBADGE_SIZES="host/sizes.h"'
CORTEX_M4 = (
    *("-std=c99", "-Os", "-mcpu=cortex-m4", "-mthumb", "-ffreestanding"),
    *("-ffunction-sections", "-fdata-sections"),
)
HEADERS = {"stdbool.h", "stddef.h", "stdint.h", "string.h"}
# All that the core may ask of a C library; the compiler's own 64-bit divisions come on top.
LIBRARY = {"memchr", "memcmp", "memcpy", "memmove", "memset", "strcmp", "strlen"}


def fail(text: str) -> None:
    """End with a sentence."""
    print(text, file=sys.stderr)
    raise SystemExit(1)


def run(*command: str | Path, env: Mapping[str, str] | None = None) -> str:
    """Run one command in the root; its output, or the end of everything."""
    words = [str(word) for word in command]
    if shutil.which(words[0]) is None:
        fail(f"{words[0]}: not installed")
    done = subprocess.run(
        words, cwd=ROOT, env={**os.environ, **(env or {})}, capture_output=True, text=True
    )
    if done.returncode:
        fail(f"failed: {' '.join(words)}\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def sources(*, host: bool) -> list[Path]:
    """Return the files of the core, with those for this computer or without."""
    left_out = {"export"} if host else {"export", "host"}
    return [path for path in sorted(CORE.rglob("*.c")) if not left_out & set(path.parts)]


def warnings(scratch: Path, seconds: int) -> None:
    """Compile for firmware and for this computer without one warning."""
    for compiler in ("gcc", "clang"):
        for source in sources(host=True):
            command = (compiler, *WARNINGS, "-O2", "-c", "-I", CORE, source, "-o", scratch / "x.o")
            run(*command, ON_A_COMPUTER)
            if "host" not in source.parts:
                run(*command, "-ffreestanding")
        print(f"{compiler}: no warning in {len(sources(host=True))} files")
    for source in sources(host=False):
        for header in re.findall(r"#include <([^>]+)>", source.read_text(encoding="utf-8")):
            if header not in HEADERS:
                fail(f"{source}: includes <{header}>: the core is freestanding")


def cppcheck(scratch: Path, seconds: int) -> None:
    """Let cppcheck find nothing."""
    checks = ("--enable=warning,performance,portability", "--inline-suppr", "--error-exitcode=1")
    for sizes in ("-UBADGE_SIZES", '-DBADGE_SIZES="host/sizes.h"'):
        run("cppcheck", "-q", "--std=c99", *checks, sizes, "-I", CORE, "-i", CORE / "export", CORE)
    print("cppcheck: nothing found")


def size(scratch: Path, seconds: int) -> None:
    """Compile for a Cortex-M4 and print what it takes, by function."""
    objects = []
    for source in sources(host=False):
        target = scratch / f"{source.parent.name}-{source.stem}.o"
        run("arm-none-eabi-gcc", *CORTEX_M4, *WARNINGS, "-I", CORE, "-c", source, "-o", target)
        objects.append(target)
    whole = scratch / "core.o"
    run("arm-none-eabi-ld", "-r", "-o", whole, *objects)
    _check_symbols(run("arm-none-eabi-nm", "-u", whole))
    functions = [
        (int(row[1]), row[3])
        for line in run("arm-none-eabi-nm", "-S", "--radix=d", *objects).splitlines()
        if len(row := line.split()) == 4 and row[2] in "TtRr"
    ]
    for taken, name in sorted(functions, reverse=True)[:LISTED]:
        print(f"{taken:8} {name}")
    text, data, bss = map(int, run("arm-none-eabi-size", whole).splitlines()[1].split()[:3])
    ram = {name: _sizeof(scratch, name) for name in ("badge", "badge_place")}
    print(f"{text:8} bytes of text and constants, at most {TEXT_MAX}")
    print(f"{data + bss:8} bytes of globals")
    print(f"{ram['badge']:8} bytes of RAM for a badge, at most {RAM_MAX}")
    print(f"{ram['badge_place']:8} bytes in the index for each event, and one page beside it")
    if text > TEXT_MAX or ram["badge"] > RAM_MAX or data + bss:
        fail("the core is too large")


def _check_symbols(listing: str) -> None:
    for line in listing.splitlines():
        name = line.split()[-1]
        if not name.startswith("__aeabi_") and name not in LIBRARY:
            fail(f"the core asks for {name}: it has to do without")


def _sizeof(scratch: Path, name: str) -> int:
    probe = scratch / "probe.c"
    probe.write_text(f'#include "badge_core.h"\nchar probe[sizeof(struct {name})];\n')
    run("arm-none-eabi-gcc", *CORTEX_M4, "-I", CORE, "-c", probe, "-o", scratch / "probe.o")
    listing = run("arm-none-eabi-nm", "-S", "--radix=d", scratch / "probe.o")
    return int(listing.split()[1])


def tests(scratch: Path, seconds: int) -> None:
    """Run the tests of the core with AddressSanitizer and UndefinedBehaviorSanitizer."""
    library = scratch / "sanitized.so"
    sanitizers = ("-fsanitize=address,undefined", "-fno-sanitize-recover=undefined")
    flags = ("-std=c99", "-O1", "-g", "-fPIC", "-shared", ON_A_COMPUTER, "-I", CORE)
    run("gcc", *flags, *sanitizers, *sources(host=True), "-o", library)
    preloaded = run("gcc", "-print-file-name=libasan.so").strip()
    environment = {
        "BADGE_C_CORE": str(library),
        "LD_PRELOAD": preloaded,
        "ASAN_OPTIONS": "detect_leaks=0",
    }
    # Not those of firmware/, whose cores crash on purpose.
    words = ("tests/badge/host", "--ignore", "tests/badge/host/firmware")
    said = run(sys.executable, "-m", "pytest", "-q", *words, env=environment)
    print(f"AddressSanitizer, UBSan: {said.strip().splitlines()[-1]}")


def fuzz(scratch: Path, seconds: int) -> None:
    """Feed the recovery and the settings with bytes that nobody has thought of."""
    program = scratch / "fuzz"
    sanitizers = "-fsanitize=fuzzer,address,undefined"
    files = [*sources(host=False), FUZZ]
    run("clang", "-std=c99", "-O1", "-g", sanitizers, "-I", CORE, *files, "-o", program)
    for target in ("flash", "settings"):
        said = run(program, f"-max_total_time={seconds}", "-max_len=8192", env={"FUZZ": target})
        print(f"fuzz {target}: {said.strip().splitlines()[-1]}")


STEPS: dict[str, Callable[[Path, int], None]] = {
    step.__name__: step for step in (warnings, cppcheck, size, tests, fuzz)
}


def main() -> None:
    """Do the steps that were asked for, or all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("steps", nargs="*", choices=[[], *STEPS], metavar="STEP")
    parser.add_argument("--seconds", type=int, default=20, help="of fuzzing each target")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name in given.steps or STEPS:
            STEPS[name](Path(folder), given.seconds)


if __name__ == "__main__":
    main()
