"""Draw the machines of `badge/machines` into docs/design.md, straight from their tables.

python scripts/draw_machines.py           rewrite the diagrams
python scripts/draw_machines.py --check   exit 1 if they are out of date
"""

from __future__ import annotations

import sys
from pathlib import Path

from badge.machines.law import TABLES
from badge.machines.table import Table, ignore, never

PAGE = Path(__file__).parent.parent / "docs" / "design.md"
BEGIN, END = "<!-- machines: drawn by scripts/draw_machines.py -->", "<!-- machines end -->"


def diagram(table: Table) -> str:
    """Return a table as a heading, a Mermaid state diagram, and what is ignored where."""
    lines = [f"### {table.name}", "", "```mermaid", "stateDiagram-v2"]
    names = {state: f"s{number}" for number, state in enumerate(table.states)}
    lines += [f'    state "{state}" as {name}' for state, name in names.items()]
    ignored: dict[str, list[str]] = {}
    for (state, fact), (following, action) in table.rows.items():
        if action is ignore and following == state:
            ignored.setdefault(str(state), []).append(str(fact))
        elif action is not never:
            word = "" if action is ignore else f" / {action.__name__.strip('_').replace('_', ' ')}"
            lines.append(f"    {names[state]} --> {names[following]} : {fact}{word}")
    lines += ["```", ""]
    lines += [f"Ignored in *{state}*: {', '.join(facts)}." for state, facts in ignored.items()]
    return "\n".join(lines) + "\n"


def page_with_diagrams(page: str) -> str:
    """Return the page with everything between the markers drawn anew."""
    head, _, rest = page.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return head + BEGIN + "\n\n" + "\n".join(map(diagram, TABLES)) + "\n" + END + tail


def main() -> int:
    """Rewrite or check; return the exit code."""
    present = PAGE.read_text(encoding="utf-8")
    wanted = page_with_diagrams(present)
    if "--check" in sys.argv[1:]:
        if present != wanted:
            print("docs/design.md: diagrams out of date; run python scripts/draw_machines.py")
        return int(present != wanted)
    PAGE.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
