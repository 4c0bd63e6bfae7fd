"""The rules of the house as functions over a checkout; each gives what breaks it, in words.

`python -m tests.house.rules` prints all that is broken.
"""

from __future__ import annotations

import ast
import gc
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from tests.house import plan
from tests.paths import ROOT

FILES_MAX = 15
LINES_MAX = 400
TOPS = ("badge", "sim", "hil")
BANNED_NAME_PARTS = {"Manager", "Handler", "Helper", "Util", "Utils", "Base", "Data"}


@dataclass(frozen=True)
class House:
    """The sources below a root, each read and parsed once."""

    root: Path

    @cached_property
    def sources(self) -> dict[str, Path]:
        """Every module of the three parts by its dotted name."""
        found = {}
        for top in TOPS:
            for path in sorted((self.root / top).rglob("*.py")):
                parts = path.relative_to(self.root).with_suffix("").parts
                found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
        return found

    @cached_property
    def trees(self) -> dict[str, ast.Module]:
        """Every module's syntax tree."""
        trees = {n: ast.parse(p.read_text(encoding="utf-8")) for n, p in self.sources.items()}
        gc.freeze()  # they stay: no need to look at each of their nodes again
        return trees

    @cached_property
    def imports(self) -> dict[str, set[str]]:
        """The modules of the house that each module imports: in functions and for types too."""
        return {name: self._resolved(_imported(tree)) for name, tree in self.trees.items()}

    @cached_property
    def named(self) -> dict[str, set[str]]:
        """The modules of the house that each module names in a string of code."""
        return {n: set(_strings(tree)) & self.sources.keys() for n, tree in self.trees.items()}

    def _resolved(self, names: Iterable[str]) -> set[str]:
        found = set()
        for name in names:
            if name in self.sources:
                found.add(name)
            elif name.rpartition(".")[0] in self.sources:
                found.add(name.rpartition(".")[0])
        return found

    def folder(self, name: str) -> str:
        """The folder that a module lies in, dotted; the vocabulary and the badge's object apart."""
        if name in ("badge", "badge.badge", "badge.__main__"):
            return plan.OBJECT
        if name in plan.GROUND:  # the modules that even the contract stands on
            return name
        if self.sources[name].name == "__init__.py":
            return name
        return name.rpartition(".")[0]


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _strings(tree: ast.Module) -> Iterator[str]:
    docstrings = {
        id(holder.body[0].value)
        for holder in ast.walk(tree)
        if isinstance(holder, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and holder.body
        and isinstance(holder.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            whole = re.fullmatch(r"((?:badge|sim|hil)(?:\.\w+)+)(?::\w+)?", node.value)
            if whole and id(node) not in docstrings:
                yield whole[1]


def room_of(name: str, house: House) -> str:
    """The room of the plan that a module belongs to: the longest that fits."""
    folder = plan.VOCABULARY if name in plan.GROUND else house.folder(name)
    fits = [room for room in plan.MAY_IMPORT if folder == room or folder.startswith(room + ".")]
    if folder.partition(".")[0] == "badge" and "." in folder:
        fits = [room for room in fits if room != plan.VOCABULARY]
    return max(fits, key=len, default="")


def rooms_out_of_plan(house: House) -> list[str]:
    """Modules in no room of the plan."""
    return [name for name in house.sources if not room_of(name, house) and "." in name]


def wrong_arrows(house: House) -> list[str]:
    """Imports that the plan does not allow."""
    return [
        f"{name} imports {other}"
        for name, imported in house.imports.items()
        for other in sorted(imported)
        if not _allowed(name, other, house)
    ]


def rooms_in_strings(house: House) -> list[str]:
    """Modules named in a string, for a late import, that may not be imported either."""
    return [
        f"{name} names {other}"
        for name, named in house.named.items()
        if name != plan.TABLE_OF_COMMANDS
        for other in sorted(named)
        if not _allowed(name, other, house)
    ]


def _allowed(name: str, other: str, house: House) -> bool:
    room, its = room_of(name, house), room_of(other, house)
    may = plan.MAY_IMPORT.get(room, ())
    return its == room or its in may or other in may or (its.startswith("sim.") and "sim" in may)


def _circle(graph: Mapping[str, set[str]]) -> list[str]:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return [" → ".join(error.args[1])]
    return []


def circles_of_files(house: House) -> list[str]:
    """A circle of modules that import each other, if there is one."""
    return _circle({name: found - {name} for name, found in house.imports.items()})


def circles_of_folders(house: House) -> list[str]:
    """A circle of folders whose modules import each other, if there is one."""
    graph: dict[str, set[str]] = defaultdict(set)
    for name, imported in house.imports.items():
        here = house.folder(name)
        graph[here] |= {there for other in imported if (there := house.folder(other)) != here}
    return _circle(graph)


def children_on_parents(house: House) -> list[str]:
    """Modules of a sub-folder, in sim and below hil's rooms, that import their parent's files."""
    return [
        f"{name} imports {other}"
        for name, imported in house.imports.items()
        for other in sorted(imported)
        if (above := house.folder(other)).count(".") >= 1
        and not above.startswith("badge")
        and house.folder(name).startswith(above + ".")
    ]


def users_of_cli(house: House) -> list[str]:
    """Modules that import a room's `cli`; only the table of commands names it."""
    return [
        f"{name} imports {other}"
        for name, imported in house.imports.items()
        for other in sorted(imported)
        if house.sources[other].name == "cli.py"
    ]


def full_folders(house: House) -> list[str]:
    """Folders of more than 15 files."""
    count: dict[Path, int] = defaultdict(int)
    for path in house.sources.values():
        count[path.parent] += 1
    return [
        f"{folder.relative_to(house.root)}: {n} files"
        for folder, n in count.items()
        if n > FILES_MAX
    ]


def long_files(house: House) -> list[str]:
    """Files of more than 400 lines."""
    return [
        f"{name}: {lines} lines"
        for name, path in house.sources.items()
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LINES_MAX
    ]


def _classes(house: House) -> Iterator[tuple[str, str]]:
    for name, tree in house.trees.items():
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                yield name, node.name


def class_names_twice_in_a_room(house: House) -> list[str]:
    """Class names that stand twice in one room; sister platforms apart."""
    places: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, its in _classes(house):
        sister = next((s for s in plan.SISTERS if name == s or name.startswith(s + ".")), None)
        places[sister or room_of(name, house), its].append(name)
    return [f"{its}: {', '.join(m)}" for (_, its), m in places.items() if len(m) > 1]


def class_names_of_two_meanings(house: House) -> list[str]:
    """Class names in several rooms that the plan does not explain."""
    places: dict[str, dict[str, str]] = defaultdict(dict)
    for name, its in _classes(house):
        places[its][room_of(name, house)] = name
    return [
        f"{its}: {', '.join(rooms.values())}"
        for its, rooms in sorted(places.items())
        if len(rooms) > 1 and its not in plan.SAME_KIND
    ]


def banned_names(house: House) -> list[str]:
    """Classes with a word in their name that says nothing."""
    return [
        f"{name}: {its}"
        for name, its in _classes(house)
        if BANNED_NAME_PARTS & set(re.findall(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z0-9]+|[A-Z]+", its))
    ]


def untested_modules(house: House) -> list[str]:
    """Modules a/b/c.py without a tests/a/b/test_c.py or test_c_<story>.py."""
    found = []
    for name, path in house.sources.items():
        if path.name == "__init__.py" or name in plan.NO_TESTS_OF_ITS_OWN:
            continue
        place = house.root / "tests" / path.relative_to(house.root).parent
        if not [*place.glob(f"test_{path.stem}.py"), *place.glob(f"test_{path.stem}_*.py")]:
            found.append(name)
    return found


def tests_of_nothing(house: House) -> list[str]:
    """Test files below tests/badge, sim and hil that mirror no module or folder."""
    found = []
    for top in TOPS:
        for path in sorted((house.root / "tests" / top).rglob("test_*.py")):
            about = house.root / path.relative_to(house.root / "tests").parent
            words = path.stem.removeprefix("test_").split("_")
            stems = ["_".join(words[:n]) for n in range(1, len(words) + 1)]
            whole = path.stem.removeprefix("test_")
            if not any((about / f"{stem}.py").exists() for stem in [*stems, whole]):
                found.append(str(path.relative_to(house.root)))
    return found


def retired_words(house: House) -> list[str]:
    """Old names, in code, tests and pages; the plan says where one may stand."""
    pattern = re.compile(rf"\b(?:{'|'.join(plan.RETIRED)})\b")
    places = [house.root / place for place in (*TOPS, "tests", "docs", "examples", "benchmarks")]
    files = [p for place in places for p in sorted(place.rglob("*")) if p.suffix in (".py", ".md")]
    return [
        f"{path.relative_to(house.root)}: {found[0]}"
        for path in files
        if str(path.relative_to(house.root)) not in plan.MAY_NAME_THE_OLD
        and (found := pattern.search(path.read_text(encoding="utf-8")))
    ]


def unsaid_packages(house: House) -> list[str]:
    """Packages whose `__init__` says nothing yet."""
    return [
        name
        for name, path in house.sources.items()
        if path.name == "__init__.py"
        and (ast.get_docstring(house.trees[name]) or "To be said.") == "To be said."
    ]


RULES = (
    rooms_out_of_plan,
    wrong_arrows,
    circles_of_files,
    circles_of_folders,
    children_on_parents,
    rooms_in_strings,
    users_of_cli,
    full_folders,
    long_files,
    class_names_twice_in_a_room,
    class_names_of_two_meanings,
    banned_names,
    untested_modules,
    tests_of_nothing,
    retired_words,
    unsaid_packages,
)


HOUSE = House(ROOT)  # read and parsed once for all tests of a process


if __name__ == "__main__":
    for rule in RULES:
        broken = rule(HOUSE)
        print(f"{rule.__name__}: {len(broken)}", *broken, sep="\n    ")
