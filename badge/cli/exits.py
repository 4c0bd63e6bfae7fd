"""What a command's exit code says; the same for every command, and in `badge --help`."""

from __future__ import annotations

import re

EXIT_OK = 0
EXIT_DIFFERS = 1  # the check ran, and found differences or faults
EXIT_BAD_INPUT = 2  # wrong usage, input that cannot be read, output that cannot be written
EXIT_INTERNAL = 70  # a fault of the program itself; EX_SOFTWARE of sysexits.h
EXIT_INTERRUPTED = 130  # 128 + SIGINT, as a shell reports it

_WORDS = {
    EXIT_OK: "done",
    EXIT_BAD_INPUT: "wrong usage or bad input",
    EXIT_INTERNAL: "a fault of the program itself",
    EXIT_INTERRUPTED: "interrupted (Ctrl-C or SIGTERM)",
}


def exit_codes(told: str) -> str:
    """Return the last words of a command's help: the codes that its own words do not tell."""
    own = told[told.lower().find("exit code") :] if "exit code" in told.lower() else ""
    numbers = {int(one) for one in re.findall(r"\b(\d+)(?=[: ] ?\S)", own)}
    rest = "; ".join(f"{code} {what}" for code, what in _WORDS.items() if code not in numbers)
    return f"{'Other exit codes' if own else 'Exit codes'}: {rest}."
