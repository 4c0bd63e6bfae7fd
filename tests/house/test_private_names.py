"""No private name of another's library is imported or asked for: it may be gone with the next one.

What is set on an object of another's class is seen by the types, in protocols that name it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.house.rules import HOUSE

OWN = {"badge", "sim", "hil", "__future__"}
PUBLIC = {"os._exit"}  # documented, with this name


def private(dotted: str) -> bool:
    return any(part.startswith("_") and not part.startswith("__") for part in dotted.split("."))


def imported(tree: ast.Module) -> Iterator[tuple[str, str, int]]:
    """Yield each import of another's: the name here, its name there, the line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for one in node.names:
                yield one.asname or one.name.partition(".")[0], one.name, node.lineno
        elif isinstance(node, ast.ImportFrom) and node.module:
            for one in node.names:
                yield one.asname or one.name, f"{node.module}.{one.name}", node.lineno
        elif isinstance(node, ast.Call) and _last_name(node.func).endswith("import_module"):
            texts = [one.value for one in node.args if isinstance(one, ast.Constant)]
            yield from (("", str(text), node.lineno) for text in texts)


def _last_name(node: ast.expr) -> str:
    return str(getattr(node, "id", getattr(node, "attr", "")))


def findings(tree: ast.Module) -> list[str]:
    found = [row for row in imported(tree) if row[1].partition(".")[0] not in OWN]
    said = [f"line {line}: {there}" for _, there, line in found if private(there)]
    here = {name for name, _, _ in found}
    asked = (
        (node.lineno, node.value.id, node.attr)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    )
    return said + [
        f"line {line}: {name}.{attr}"
        for line, name, attr in asked
        if name in here and private(attr) and f"{name}.{attr}" not in PUBLIC
    ]


def test_nothing_of_the_product_stands_on_a_private_name_of_others():
    trees = HOUSE.trees
    assert {name: found for name, tree in trees.items() if (found := findings(tree))} == {}


def test_each_way_to_a_private_name_is_seen():
    ways = (
        "from dbus_fast._private.marshaller import Marshaller",
        "from dbus_fast.auth import _AuthResponse",
        "import dbus_fast._private",
        "from importlib import import_module\nimport_module('dbus_fast._private')",
        "from dbus_fast import Message\nMessage._marshall(0)",
        "import dbus_fast as bus\nbus._x",
    )
    for way in ways:
        assert len(findings(ast.parse(way))) == 1, way
    assert findings(ast.parse("from badge._x import y\nimport os\nos.__name__\nself._x")) == []
