"""Write the keys of a device_config.json into docs/device-config.md and docs/contract.md.

python scripts/draw_config.py           rewrite the tables
python scripts/draw_config.py --check   exit 1 if they are out of date

Both come from `badge.config.BadgeConfig`, which is what the badge itself is validated by.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from badge.config import BadgeConfig

DOCS = Path(__file__).resolve().parent.parent / "docs"
BEGIN, END = "<!-- keys: written by scripts/draw_config.py -->", "<!-- keys end -->"
SCHEMA = BadgeConfig.model_json_schema()["properties"]


def keys_table() -> str:
    """Return every key with its unit, range, default and meaning."""
    lines = ["| key | unit | range | default | what it means |", "|---|---|---|---|---|"]
    for name, key in SCHEMA.items():
        unit = key.get("x-unit", "")
        row = (f"`{name}`", unit, _range(key), _default(name, key), key["description"])
        lines.append(f"| {' | '.join(row)} |")
    return "\n".join(lines)


def numbers_table() -> str:
    """Return every key that is a number, with its default and who decided it."""
    lines = ["| number | is | decided by |", "|---|---|---|"]
    for name, key in SCHEMA.items():
        if "x-unit" in key:
            by = "the owner" if key["x-decided-by"] == "owner" else "this project"
            lines.append(f"| `{name}` | {_default(name, key)} {key['x-unit']} | {by} |")
    return "\n".join(lines)


def _range(key: dict[str, Any]) -> str:
    if key["type"] == "array":
        return f"at most {key['maxItems']}"
    if "pattern" in key:
        return f"`{key['pattern']}`"
    if "maximum" not in key:
        return "text"
    low = f"{key['minimum']}" if "minimum" in key else f"over {key['exclusiveMinimum']:g}"
    return f"{low} to {key['maximum']:g}".replace("604800", "604800 (a week)")


def _default(name: str, key: dict[str, Any]) -> str:
    if name == "api_key":
        return "empty"
    if "default" not in key:
        return "none: it must be given"
    return json.dumps(key["default"]) if key["default"] not in ("", []) else "empty"


PAGES = {"device-config.md": keys_table, "contract.md": numbers_table}


def redrawn(page: str, table: str) -> str:
    """Return a page with everything between the markers written anew."""
    head, _, rest = page.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n\n{table}\n\n{END}{tail}"


def main() -> int:
    """Rewrite or check; return the exit code."""
    stale = []
    for name, table in PAGES.items():
        path = DOCS / name
        present = path.read_text(encoding="utf-8")
        wanted = redrawn(present, table())
        if present != wanted:
            stale.append(f"docs/{name}")
            if "--check" not in sys.argv[1:]:
                path.write_text(wanted, encoding="utf-8")
    if stale and "--check" in sys.argv[1:]:
        print(f"{', '.join(stale)}: out of date; run python scripts/draw_config.py")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
