"""The example in C on its bench: as a program, and as an ELF under QEMU."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from tests.hil.dut.test_plugin import run_pytest
from tests.paths import EXAMPLES

pytestmark = pytest.mark.slow

EXAMPLE = EXAMPLES / "firmware_c"
QEMU_TOOLS = ("arm-none-eabi-gcc", "qemu-system-arm")
TESTS, OF_PROGRAM = 19, 6  # each for both ways; noise is for the program alone


@pytest.mark.skipif(not all(map(shutil.which, ("make", "cc"))), reason="needs make and cc")
def test_the_whole_bench_of_the_firmware_in_c_passes():
    ways = 1 + all(map(shutil.which, QEMU_TOOLS))
    said = run_pytest(EXAMPLE, timeout_s=900).stdout
    assert f"{TESTS * ways + OF_PROGRAM} passed" in said, said[-5000:]


@pytest.mark.skipif(shutil.which("clang") is None, reason="needs clang")
def test_clang_has_no_warning_about_it(tmp_path):
    words = ["make", "-s", "posix", "CC=clang", "SANITIZE=", f"BUILD={tmp_path}"]
    said = subprocess.run(words, cwd=EXAMPLE, capture_output=True, text=True, check=False)
    assert (said.returncode, said.stderr) == (0, "")


@pytest.mark.skipif(shutil.which("cppcheck") is None, reason="needs cppcheck")
def test_cppcheck_finds_nothing_in_it():
    words = ["cppcheck", "-q", "--std=c99", "--enable=warning,performance,portability"]
    words += ["--error-exitcode=1", "-UBADGE_SIZES", "-I", str(EXAMPLES.parent / "badge/c"), "src"]
    said = subprocess.run(words, cwd=EXAMPLE, capture_output=True, text=True, check=False)
    assert (said.returncode, said.stderr) == (0, "")
