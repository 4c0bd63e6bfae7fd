"""Is everything ready for this version?  `python scripts/check_release.py [VERSION]`.

The changelog has an entry for it, with a date; pyproject.toml and CITATION.cff name it.  Without
VERSION it is that of pyproject.toml, and what is unreleased may stand above it.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_HEADING = re.compile(r"^## (?:\[?(\d+\.\d+\.\d+)\]? - (\d{4}-\d{2}-\d{2})|Unreleased)$", re.M)


def faults(root: Path, version: str | None) -> list[str]:
    """Say what is wrong for this version; nothing: it can go out."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    log = (root / "CHANGELOG.md").read_text("utf-8")
    cited = re.search(r"^version: (\S+)$", (root / "CITATION.cff").read_text("utf-8"), re.M)
    found = []
    if cited is None or cited[1] != project:
        found.append(f"CITATION.cff: version is not {project}, as in pyproject.toml")
    headings = re.findall(r"^## .*$", log, re.M)
    found += [
        f"CHANGELOG.md: {one!r}: write it as '## 1.2.3 - 2026-03-14', or '## Unreleased'"
        for one in headings
        if not _HEADING.fullmatch(one)
    ]
    if version is None:
        return found
    if version != project:
        found.append(f"pyproject.toml: version is {project}, not {version}")
    released = [match[1] for match in _HEADING.finditer(log)]
    if version not in released:
        found.append(f"CHANGELOG.md: there is no '## {version} - DATE'")
    elif released[0] != version:
        found.append(f"CHANGELOG.md: {version} does not stand first: move what is above into it")
    return found


if __name__ == "__main__":
    wrong = faults(ROOT, sys.argv[1] if len(sys.argv) > 1 else None)
    print(*(wrong or ["ready"]), sep="\n")
    sys.exit(1 if wrong else 0)
