"""What a command's exit code says; the same for every command, and in `badge --help`."""

from __future__ import annotations

EXIT_OK = 0
EXIT_DIFFERS = 1  # the check ran, and found differences or faults
EXIT_BAD_INPUT = 2  # wrong usage, input that cannot be read, output that cannot be written
EXIT_INTERNAL = 70  # a fault of the program itself; EX_SOFTWARE of sysexits.h
EXIT_INTERRUPTED = 130  # 128 + SIGINT, as a shell reports it

EXIT_CODES = (
    "Exit codes: 0 done; 2 wrong usage or bad input; 70 a fault of the program itself; "
    "130 interrupted."
)
"""The last words of a command's help that has no codes of its own to tell."""
