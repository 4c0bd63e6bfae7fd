"""A mutation run over a few functions: what is noticed, what is not, what never ends."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

import pytest

from tests.paths import ROOT

pytestmark = [
    pytest.mark.slow,  # a run of pytest in a process of its own
    pytest.mark.skipif(find_spec("mutmut") is None, reason="needs the extra `mutation`"),
]

SCRIPT = """
import sys
from pathlib import Path
from tests.mutation import mutants, run, trial
folder = Path(sys.argv[1])
for module in (mutants, run, trial):
    module.ROOT = folder
sys.path.insert(0, str(folder))
trial.STILL_S = 8.0
run.TARGETS, run.TESTS = {"small": ("small/*.py",)}, {"small": ("-c", "/dev/null", "test_small.py")}
sys.argv[1:] = sys.argv[2:]
sys.exit(run.main())
"""
CODE = """
from __future__ import annotations
import threading

class Sums:
    def add(self, a: int, b: int = 2) -> int:
        return a + b

    @staticmethod
    def first(some):
        for one in some:
            if one >= 10:
                break
        return one

def down(n):
    while n > 0:
        n -= 1
    return n

def waits():
    return threading.Event().wait(timeout=0)

def idle(x):
    y = x
    return x

def nobody(x):
    return x + 1
"""
TESTS = """
from small.sums import Sums, down, idle, waits

def test_add():
    assert (Sums().add(1), Sums().add(1, 3), Sums.first([1, 11, 12])) == (3, 4, 11)

def test_down():
    assert down(3) == 0

def test_waits():
    assert not waits()

def test_idle():
    assert idle(4) == 4
"""


def run(folder, *words):
    (folder / "small").mkdir(exist_ok=True)
    (folder / "small" / "sums.py").write_text(CODE)
    (folder / "test_small.py").write_text(TESTS)
    (folder / "pyproject.toml").write_text('[tool.mutmut]\nsource_paths = ["small"]\n')
    command = [sys.executable, "-c", SCRIPT, str(folder), *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def test_each_change_has_its_verdict(tmp_path):
    kept = tmp_path / "kept.ndjson"
    code, said, error = run(tmp_path, "--results", str(kept))
    lines = said.splitlines()
    assert code == 1, error
    alive = {line.split(": ")[0]: line for line in lines if line.startswith("small.")}
    assert set(alive) == {
        "small.sums:Sums.first.1",  # `>` for `>=`: no test has a 10
        "small.sums:Sums.first.2",  # 11 for 10
        "small.sums:idle.1",
        "small.sums:nobody.1",
        "small.sums:nobody.2",
        "small.sums:waits.2",  # a second for none
    }
    assert "no test runs it" in alive["small.sums:nobody.1"]
    assert "6 survivors, 0 not tried" in lines[-2]
    # `Event().wait(timeout=None)`; `n += 1` is ended by the processor's time.
    assert "stands still" in lines[-1]
    # `n += 1` never ends, and is ended by the processor's time.
    assert "out of time" in lines[-1]
    first = lines[-2]
    again_code, again, _ = run(tmp_path, "--results", str(kept))
    assert (again_code, again.splitlines()[-2]) == (code, first)


def test_a_function_can_be_named(tmp_path):
    code, said, error = run(tmp_path, "small.sums:down", "--list")
    assert (code, said.count("small.sums:down.")) == (0, 5), error


def test_the_gate_is_shut_by_what_survives_and_open_where_nothing_does(tmp_path):
    """What no test runs at all is told: the floor of branches counts it."""
    for name, code in (("idle", 1), ("down", 0), ("nobody", 0)):
        found, said, error = run(tmp_path, "--gate", f"small.sums:{name}")
        assert found == code, (name, said, error)
        assert ("gate: kill what survived" in said) is bool(code)
