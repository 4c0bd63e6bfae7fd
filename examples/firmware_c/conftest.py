"""The firmware is built, and stands on the bench twice: as a program, and as an ELF under QEMU."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

HERE = Path(__file__).parent
WAYS = {
    "posix": "build/firmware{bug} --notecard {{notecard}} --console {{console}} --state {{state}}",
    "qemu": "qemu:build/firmware{bug}.elf",
}
NEEDED = {
    "posix": ("make", "cc"),
    "qemu": ("make", "arm-none-eabi-gcc", "qemu-system-arm"),
}
TARGETS = {"posix": "posix bugs-posix", "qemu": "mps2 bugs-mps2"}


@pytest.fixture(scope="session")
def built() -> Callable[[str], None]:
    """Build for one way, once."""
    done: set[str] = set()

    def build(way: str) -> None:
        if way not in done:
            command = ["make", "-s", "-C", str(HERE), *TARGETS[way].split()]
            subprocess.run(command, check=True)
            done.add(way)

    return build


@pytest.fixture(params=sorted(WAYS))
def device(request, built, device_under_test, monkeypatch):
    """The device, switched off; a test marked `bug` gets the build with that bug."""
    way = request.param
    for program in NEEDED[way]:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    built(way)
    monkeypatch.chdir(HERE)
    bug = request.node.get_closest_marker("bug")
    command = WAYS[way].format(bug=f"-{bug.args[0]}" if bug else "")
    device_under_test.setup = replace(device_under_test.setup, command=command)
    return device_under_test


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", "bug(name): runs the build with this bug of src/bugs.h")
