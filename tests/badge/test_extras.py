"""Extras: every library that is loaded late has one, and a missing one is told with its line."""

from __future__ import annotations

import ast
import sys
import tomllib

import pytest

from badge import extras
from badge.errors import InputError
from tests.house.rules import HOUSE
from tests.paths import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
# What a command does without, or what the base install has.
OTHERWISE = {"curses", "anyio", "mcp_types"}  # the last two come with mcp


def late_imports() -> set[str]:
    """Third-party modules that our code imports within functions, or by name."""
    found = set()
    for tree in HOUSE.trees.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
            elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "import_module":
                names = [one.value for one in node.args if isinstance(one, ast.Constant)]
                found |= {str(name).partition(".")[0] for name in names}
    return found


def test_every_library_that_the_base_install_lacks_has_its_extra():
    base = {extras._NAME.match(one)[0].lower().replace("-", "_") for one in PROJECT["dependencies"]}
    ours = {"badge", "sim", "hil", "tests"}
    tools = {"pytest", "pydantic_core", "typing_extensions", "_pytest", "setuptools", "locust"}
    foreign = late_imports() - set(sys.stdlib_module_names) - base - ours - tools - OTHERWISE
    assert foreign - set(extras.EXTRAS) == set()


def test_every_extra_is_one_of_the_package_and_says_what_it_is_for():
    there = set(PROJECT["optional-dependencies"])
    assert set(extras.EXTRAS.values()) <= set(extras.PURPOSES)
    assert there == set(extras.PURPOSES) | set(extras.MAINTAINERS)


def test_a_missing_library_is_told_with_both_lines(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InputError) as caught:
        extras.require("json", "pyarrow", what="this store")
    assert str(caught.value) == (
        "this store needs pyarrow: pip install 'badge-simulator[parquet]', "
        "or in a clone: pip install -e '.[parquet]'"
    )
    extras.require("json")
    assert extras.extra_of("bleak.backends") == "hil"
    assert extras.extra_of(None) is None
    assert extras.lacking("odd") == "this command needs odd"


def test_what_an_extra_brings_is_read_with_the_extras_within_it():
    assert {"numpy", "shapely", "httptools"} <= set(extras.requirements("simulate"))
    assert extras.installed("pydantic")
    assert extras.installed("no-such-thing-at-all") is None


def test_what_is_for_another_system_is_not_missing_here(monkeypatch):
    monkeypatch.setattr("sys.platform", "linux")
    assert "dbus-fast" in set(extras.requirements("hil"))
    monkeypatch.setattr("sys.platform", "win32")
    assert "dbus-fast" not in set(extras.requirements("hil"))
    assert "uvloop" not in set(extras.requirements("simulate"))
