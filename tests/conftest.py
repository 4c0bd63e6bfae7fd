"""What holds for every test."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from badge.host.processes import left_alone
from tests.systems import lacking

# A shell starts what it puts into the background with Ctrl-C ignored, and children inherit that:
# stories that interrupt a command would wait for ever.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Hundreds of tests start a program of ours; told to keep no bytecode, each compiles the house anew,
# which takes twice as long as what it does.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


_TILL_THE_END = ExitStack()


class NotHere(pytest.Module):
    """A file of tests that is not even imported here."""

    def collect(self):
        """Skip it, and say why."""
        pytest.skip(f"needs {lacking(self.path)}", allow_module_level=True)


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> NotHere | None:
    """Leave out what this system cannot run."""
    return NotHere.from_parent(parent, path=module_path) if lacking(module_path) else None


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Ten thousand tests stay till the end: the collector need not look at them, now or later.

    And it looks seldom at what comes after, since in a test hardly anything lives on.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        _TILL_THE_END.enter_context(left_alone())
        gc.set_threshold(50_000, 20, 10)
        gc.enable()


# An example that takes long tells how busy the machine is.  (With CI set hypothesis does the same.)
settings.register_profile(
    "patient",
    settings.default,
    deadline=None,
    suppress_health_check=[*settings.default.suppress_health_check, HealthCheck.too_slow],
)
settings.load_profile("patient")


def pytest_xdist_auto_num_workers() -> int:
    """Half as many again as cores (`-n auto`): tests of programs wait as much as they work."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return (cores or 1) * 3 // 2
