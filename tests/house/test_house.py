"""The house rules of docs/design.md, kept true by walking the sources."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

from tests.house.rules import HOUSE, RULES
from tests.paths import ROOT

FORBIDDEN_IMPORTS = {"time", "random", "asyncio", "socket"}
FORBIDDEN_CALLS = {"open", "print", "input", "exec", "eval"}


def sources() -> dict[str, Path]:
    """Every module of the three rooms by its dotted name."""
    return HOUSE.sources


@cache
def imports(name: str) -> set[str]:
    """Every module that one of ours names in an import, also inside functions."""
    return imported(HOUSE.trees[name])


def imported(tree: ast.Module) -> set[str]:
    """Every module that is named in an import."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"relative import of {node.module}"
            found.add(node.module or "")
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def importing(name: str, *rooms: str) -> set[str]:
    """What a module imports out of these rooms (or their parts)."""
    return {
        imported
        for imported in imports(name)
        if any(imported == room or imported.startswith(room + ".") for room in rooms)
    }


def modules(*rooms: str) -> list[str]:
    return [n for n in sources() if any(n == room or n.startswith(room + ".") for room in rooms)]


IMPURE = ("badge.host", "badge.cli", "badge.__main__")
PURE = [name for name in modules("badge") if not name.startswith(IMPURE)]


def test_the_house_keeps_every_rule():
    """`python -m tests.house.rules` prints all that is broken.

    One test: the sources are read and parsed once for all rules.
    """
    assert {rule.__name__: broken for rule in RULES if (broken := rule(HOUSE))} == {}


def test_nothing_pure_imports_the_host():
    assert {name for name in PURE if importing(name, "badge.host")} == set()


def test_the_badge_owns_no_clock_no_randomness_and_no_io():
    for name in PURE:
        found = {m for m in imports(name) if m.partition(".")[0] in FORBIDDEN_IMPORTS}
        assert found == set(), name
        called = {
            node.func.id
            for node in ast.walk(HOUSE.trees[name])
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        assert called & FORBIDDEN_CALLS == set(), name


def test_every_module_is_imported_by_someone_or_named_by_a_door():
    """Doors, processes of their own and extras are loaded by a name in a string; what is there
    for users' programs is named in the docs; seeded bugs are there for the tests.
    """
    others = [
        p for room in ("examples", "scripts", "benchmarks") for p in (ROOT / room).rglob("*.py")
    ]
    others += (ROOT / "tests").rglob("test_*.py")
    pages = [*(ROOT / "docs").glob("*.md"), ROOT / "pyproject.toml"]
    used = set().union(*map(imports, sources()))
    texts = [p.read_text(encoding="utf-8") for p in [*others, *sources().values(), *pages]]
    named = set(re.findall(r"""["'= `]([\w.]+)(?=["': `]|$)""", "\n".join(texts), re.MULTILINE))
    dead = {
        name
        for name, path in sources().items()
        if name not in used and name not in named and path.name != "__init__.py"
    }
    for text in texts[: len(others)]:  # only some test may import it: few are worth a parse
        if any(name.rpartition(".")[2] in text for name in dead):
            dead -= imported(ast.parse(text))
    assert dead == set()


def test_a_door_opens_what_is_there():
    from badge.cli.commands import COMMANDS

    for entry in COMMANDS:
        module, _, attribute = entry.target.partition(":")
        body = HOUSE.trees[module].body
        assert attribute in {getattr(node, "name", None) for node in body}, entry.target
    assert len({entry.name for entry in COMMANDS}) == len(COMMANDS)


def test_nothing_is_left_to_do():
    words = [f"{a}{b}" for a, b in (("TO", "DO"), ("FIX", "ME"), ("XX", "X"))]
    places = [ROOT / "tests", ROOT / "examples", ROOT / "docs", ROOT / "scripts"]
    files = [*sources().values()]
    files += [p for place in places for p in place.rglob("*") if p.suffix in (".py", ".md")]
    guilty = [
        str(path.relative_to(ROOT))
        for path in files
        if re.search(rf"\b(?:{'|'.join(words)})\b", path.read_text(encoding="utf-8"))
    ]
    assert guilty == []


def test_what_is_public_says_what_it_promises():
    assert [name for name, module in HOUSE.trees.items() if not ast.get_docstring(module)] == []
    missing = [
        f"{name}: {node.name}"
        for name, module in HOUSE.trees.items()
        for holder in [module, *(n for n in module.body if isinstance(n, ast.ClassDef))]
        for node in holder.body
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and not node.name.startswith("_")
        and not getattr(holder, "name", "").startswith("_")
        and not ast.get_docstring(node)
        and not _is_setter(node)
    ]
    assert missing == []


def _is_setter(node: ast.AST) -> bool:
    marks = getattr(node, "decorator_list", [])
    return any(isinstance(mark, ast.Attribute) and mark.attr == "setter" for mark in marks)
