"""Write the rooms, who may import whom, and the floors into docs/design.md.

    python scripts/draw_house.py [--check]

The plan is tests/house/plan.py; what a room is for is the docstring of its package.  `--check`
changes nothing and exits 1 when the page is not what would be written.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "design.md"
BEGIN = "<!-- house: drawn by scripts/draw_house.py -->\n"
END = "<!-- /house -->\n"

sys.path.insert(0, str(ROOT))
from tests.house import plan  # noqa: E402  # found by the path above


def purpose(room: str) -> str:
    """What a room is for: the first paragraph of its package's docstring."""
    if room == plan.OBJECT:
        return "The one object: inputs with a time go in, effects in order come out."
    text = (ROOT / room.replace(".", "/") / "__init__.py").read_text(encoding="utf-8")
    paragraph = (ast.get_docstring(ast.parse(text)) or "").partition("\n\n")[0]
    return " ".join(paragraph.split())


def below(room: str) -> set[str]:
    """The rooms that a room may import; `sim` stands for all of them."""
    named = set(plan.MAY_IMPORT[room])
    if "sim" in named:
        named |= {name for name in plan.MAY_IMPORT if name.startswith("sim.")}
    return {name for name in named if name in plan.MAY_IMPORT and name != room}


def floors() -> list[list[str]]:
    """The rooms by floor, ground first: one above the highest room that each may import."""
    height: dict[str, int] = {}

    def of(room: str) -> int:
        if room not in height:
            height[room] = 0  # the vocabulary and the contract share the ground
            height[room] = 1 + max((of(other) for other in below(room)), default=-1)
        return height[room]

    for room in plan.MAY_IMPORT:
        of(room)
    return [[r for r in plan.MAY_IMPORT if height[r] == n] for n in range(max(height.values()) + 1)]


def nearest(room: str) -> list[str]:
    """The rooms right below: those that no other room below it already stands on."""
    rooms = below(room)
    hidden = set().union(*(reach(other) for other in rooms)) if rooms else set()
    return sorted(rooms - hidden)


def reach(room: str) -> set[str]:
    """Every room that a room stands on, directly or not."""
    found: set[str] = set()
    new = below(room)
    while new:
        found |= new
        new = set().union(*(below(other) for other in new)) - found
    return found - {room}


def short(room: str) -> str:
    """A room as the page names it."""
    return {plan.VOCABULARY: "badge/ (vocabulary)", plan.OBJECT: "badge/badge.py"}.get(
        room, room.replace(".", "/")
    )


def allowed(room: str) -> str:
    """What a room may import, in few words."""
    names = [n for n in plan.MAY_IMPORT[room] if n in plan.MAY_IMPORT or n == "sim"]
    whole = [n for n in plan.MAY_IMPORT if n.partition(".")[0] == "badge"]
    if set(whole) <= set(names):
        names = ["all of badge", *(n for n in names if n not in whole)]
    if "sim" in names:
        names = [n for n in names if not n.startswith("sim.") and n != "sim"] + ["all of sim"]
    return ", ".join(n if " " in n else f"`{short(n)}`" for n in names) or "nothing"


def drawing() -> str:
    """The table of rooms and the floors as a diagram."""
    lines = ["| room | what lives here | may import |", "|---|---|---|"]
    lines += [f"| `{short(r)}` | {purpose(r)} | {allowed(r)} |" for r in plan.MAY_IMPORT]
    lines += ["", "```mermaid", "flowchart BT"]
    name = {room: f"r{index}" for index, room in enumerate(plan.MAY_IMPORT)}
    for floor, rooms in enumerate(floors()):
        lines.append(f'  subgraph f{floor}["floor {floor}"]')
        lines += [f'    {name[room]}["{short(room)}"]' for room in rooms]
        lines.append("  end")
    lines += [
        f"  {name[room]} --> {name[other]}" for room in plan.MAY_IMPORT for other in nearest(room)
    ]
    return "\n".join([*lines, "```"]) + "\n"


def main() -> int:
    """Write the page, or say whether it is current."""
    page = PAGE.read_text(encoding="utf-8")
    head, found, rest = page.partition(BEGIN)
    _, closed, tail = rest.partition(END)
    if not found or not closed:
        print(f"{PAGE}: has no place for the house, between {BEGIN}and {END}", file=sys.stderr)
        return 2
    new = head + BEGIN + "\n" + drawing() + "\n" + END + tail
    if "--check" in sys.argv[1:]:
        if new != page:
            print(f"{PAGE}: is not the house; run python scripts/draw_house.py", file=sys.stderr)
        return int(new != page)
    PAGE.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
