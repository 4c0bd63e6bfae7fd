"""Mutants that mean the same program, each with the reason: `equal.txt`.

module:function
- the lines before
+ the lines after            (`+2` for the second such mutant of the function)
= why nothing can tell them apart
"""

from __future__ import annotations

import re
from pathlib import Path

FILE = Path(__file__).with_name("equal.txt")
Key = tuple[str, str, str, int]


def equals(text: str | None = None) -> dict[Key, str]:
    """Every named mutant and the reason."""
    found: dict[Key, str] = {}
    function = before = after = ""
    twin = 1
    text = FILE.read_text(encoding="utf-8") if text is None else text
    for number, line in enumerate(text.splitlines(), 1):
        mark, _, rest = line.partition(" ")
        if not line or mark == "#":
            continue
        if mark == "-":
            before, after = rest, ""
        elif match := re.fullmatch(r"\+(\d*)", mark):
            after, twin = rest, int(match[1] or 1)
        elif mark == "=":
            key = (function, before, after, twin)
            if not rest or key in found:
                raise ValueError(f"{FILE.name} line {number}: a reason is missing, or twice there")
            found[key] = rest
        elif ":" in line:
            function = line
        else:
            raise ValueError(
                f"{FILE.name} line {number}: {line!r} is none of - + = module:function"
            )
    return found
