"""Public names arrive when they are used, and not before."""

from __future__ import annotations

import subprocess
import sys

import pytest

import badge
from badge.exports import exports

PACKAGES = [
    "badge",
    "badge.contract",
    "badge.storage",
    "badge.recording",
    "badge.host",
    "sim.world",
]


def loaded_by(code):
    """The modules, all of Python's own aside, that a fresh interpreter has after `code`."""
    tell = "print(*sorted({n for n in sys.modules if n.partition('.')[0] in "
    tell += "('badge', 'sim', 'hil', 'pydantic', 'cbor2', 'click', 'rich', 'numpy')}))"
    command = [sys.executable, "-c", f"import sys\n{code}\n{tell}"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


@pytest.mark.parametrize("package", PACKAGES)
def test_importing_a_package_loads_nothing_but_how_it_exports(package):
    parents = {".".join(package.split(".")[: n + 1]) for n in range(package.count(".") + 1)}
    assert set(loaded_by(f"import {package}")) == {*parents, "badge", "badge.exports"}


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_can_be_had_and_is_listed(package):
    code = f"import {package} as p\n"
    code += "assert set(p.__all__) <= set(dir(p)), dir(p)\n"
    code += "assert all(getattr(p, name) is not None for name in p.__all__)\n"
    code += f"from {package} import *\nassert set(p.__all__) <= set(globals())"
    assert package in loaded_by(code)


def test_a_name_that_is_not_handed_on_is_an_attribute_error():
    with pytest.raises(AttributeError, match=r"module 'badge' has no attribute 'Sensor'"):
        _ = badge.Sensor
    with pytest.raises(ImportError):
        exec("from badge import Sensor")


def test_a_name_is_looked_up_once():
    get, names = exports("tests.badge", {"COLUMNS": "tests.badge.test_exports_target"})
    with pytest.raises(ModuleNotFoundError):
        get("COLUMNS")
    get, names = exports("tests.badge", {"PACKAGES": "tests.badge.test_exports"})
    assert "PACKAGES" in names()
    import tests.badge as package

    assert not hasattr(package, "PACKAGES")
    assert get("PACKAGES") == PACKAGES
    assert package.PACKAGES == PACKAGES
    del package.PACKAGES
