"""The example in C on its bench: as a program, and as an ELF under QEMU."""

from __future__ import annotations

import shutil

import pytest

from tests.hil.dut.test_plugin import run_pytest
from tests.paths import EXAMPLES

pytestmark = pytest.mark.slow

EXAMPLE = EXAMPLES / "firmware_c"
QEMU_TOOLS = ("arm-none-eabi-gcc", "qemu-system-arm")
TESTS = 13  # each for both ways


@pytest.mark.skipif(not all(map(shutil.which, ("make", "cc"))), reason="needs make and cc")
def test_the_whole_bench_of_the_firmware_in_c_passes():
    ways = 1 + all(map(shutil.which, QEMU_TOOLS))
    said = run_pytest(EXAMPLE, timeout_s=900).stdout
    assert f"{TESTS * ways} passed" in said, said[-5000:]
