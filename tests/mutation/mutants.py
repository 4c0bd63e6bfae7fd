"""What is changed: mutmut's mutations of a file, each a function of its own to put in force.

Nothing is written: the living function gets the changed one's code, in a process of its own.
"""

from __future__ import annotations
import __future__

import ast
import textwrap
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from types import FunctionType
from typing import Any

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.file_mutation import create_mutations, deep_replace

from tests.paths import ROOT


@dataclass(frozen=True)
class Mutant:
    """One change of one function.

    `before` and `after` are the lines that differ; `lines` those of the statement in the file, and
    `whole` those of the function; `number` counts among the function's mutants, from 1.
    """

    file: str
    function: str
    number: int
    before: str
    after: str
    twin: int
    lines: range
    whole: range
    source: str

    @property
    def module(self) -> str:
        """The module's dotted name."""
        return self.file.removesuffix(".py").replace("/", ".")

    @property
    def name(self) -> str:
        """How a person names it."""
        return f"{self.module}:{self.function}.{self.number}"

    @property
    def key(self) -> tuple[str, str, str, int]:
        """What it is, wherever it stands: a name that lives on when its neighbours change."""
        return (f"{self.module}:{self.function}", self.before, self.after, self.twin)


def mutants_of(file: str) -> list[Mutant]:
    """Every change that mutmut makes to a file's functions, in its order."""
    text = (ROOT / file).read_text(encoding="utf-8")
    module, mutations, _, _ = create_mutations(file, text)
    places = MetadataWrapper(module, unsafe_skip_copy=True).resolve(PositionProvider)
    statements = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.stmt)]
    owners = dict(_functions(module))
    counts: Counter[str] = Counter()
    twins: Counter[tuple[str, str, str]] = Counter()
    found = []
    for mutation in mutations:
        function = mutation.contained_by_top_level_function
        if function is None or function not in owners:
            continue
        name = owners[function]
        counts[name] += 1
        old = module.code_for_node(function)
        changed = deep_replace(function, mutation.original_node, mutation.mutated_node)
        assert isinstance(changed, cst.FunctionDef)
        source = module.code_for_node(changed)
        before, after = _difference(old, source)
        twins[name, before, after] += 1
        at, whole = places.get(mutation.original_node), places[function]
        line = at.start.line if at else whole.start.line
        inside = range(whole.start.line, whole.end.line + 1)
        found.append(
            Mutant(
                file=file,
                function=name,
                number=counts[name],
                before=before,
                after=after,
                twin=twins[name, before, after],
                lines=_statement(statements, line),
                whole=inside,
                source=textwrap.dedent(source),
            )
        )
    return found


def _functions(module: cst.Module) -> Iterator[tuple[cst.CSTNode, str]]:
    for one in module.body:
        if isinstance(one, cst.FunctionDef):
            yield one, one.name.value
        elif isinstance(one, cst.ClassDef):
            for inner in one.body.body:
                if isinstance(inner, cst.FunctionDef):
                    yield inner, f"{one.name.value}.{inner.name.value}"


def _difference(old: str, new: str) -> tuple[str, str]:
    """The lines that one change made others, each text in one line."""
    one, two = old.splitlines(), new.splitlines()
    first = _alike(one, two)
    one, two = one[first:], two[first:]
    last = _alike(one[::-1], two[::-1])
    before, after = (" ".join(map(str.strip, some[: len(some) - last])) for some in (one, two))
    return before, after


def _alike(one: list[str], two: list[str]) -> int:
    """How many lines two texts have in common at their beginning."""
    pairs = enumerate(zip(one, two, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(two)))


def _statement(statements: list[ast.stmt], line: int) -> range:
    """The lines of the innermost statement that a line belongs to; of a compound one its head."""
    around = [one for one in statements if one.lineno <= line <= (one.end_lineno or 0)]
    inner = max(around, key=lambda one: (one.lineno, -(one.end_lineno or 0)))
    body = getattr(inner, "body", None)
    end = body[0].lineno if isinstance(body, list) and body else (inner.end_lineno or 0) + 1
    return range(inner.lineno, max(end, inner.lineno + 1))


def living(mutant: Mutant) -> FunctionType:
    """The function that is changed, as its module has it."""
    place: Any = import_module(mutant.module)
    for word in mutant.function.split("."):
        place = vars(place)[word]
    return getattr(place, "__func__", place)


def put_in_force(mutant: Mutant) -> None:
    """Change the function in this process, for all who hold it."""
    function = living(mutant)
    is_method = "." in mutant.function
    source = mutant.source
    if is_method:
        source = f"class {mutant.function.partition('.')[0]}:\n{textwrap.indent(source, '    ')}"
    code = compile(
        source,
        str(ROOT / mutant.file),
        "exec",
        flags=__future__.annotations.compiler_flag,
        dont_inherit=True,
    )
    made: dict[str, Any] = {}
    exec(code, function.__globals__, made)  # the project's own code, changed by one node
    owner, _, name = mutant.function.rpartition(".")
    new = vars(made[owner])[name] if is_method else made[name]
    new = getattr(new, "__func__", new)
    if len(new.__code__.co_freevars) == len(function.__code__.co_freevars):
        function.__code__ = new.__code__
    else:  # it no longer says super(), or says it newly
        kind = vars(import_module(mutant.module))[owner]
        setattr(kind, name, new)
    function.__defaults__ = new.__defaults__
    function.__kwdefaults__ = new.__kwdefaults__
