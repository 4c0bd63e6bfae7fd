"""Cores in libraries of their own: ours, built as firmware builds it, whole or with a slip."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.badge.host.twins import needs_core
from tests.canaries.core_build import build_library
from tests.paths import ROOT

CORE = ROOT / "badge" / "c"

needs_compiler = pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")
needs_foreign = [needs_core, needs_compiler]
TAKES_A_FIX = "    if (is_possible(&input->is.fix)) {\n"
SLIPS = {
    "right": {},
    "crash": {
        "file": "machines/gps.c",
        "right": TAKES_A_FIX,
        "wrong": "    *(volatile int *)(uintptr_t)(badge->booted - 1) = 1;\n" + TAKES_A_FIX,
    },
    "hang": {
        "file": "machines/gps.c",
        "right": TAKES_A_FIX,
        "wrong": "    for (volatile int n = 0; badge->booted; n = 1) {\n    }\n" + TAKES_A_FIX,
    },
    "deaf": {
        "file": "machines/proximity.c",
        "right": "best_dbm >= badge_number(badge, SETTING_BLE_RSSI_THRESHOLD)",
        "wrong": "best_dbm > 0",
    },
    "forgetful": {
        "file": "storage/record.c",
        "right": "badge_crc32(position, record, words));\n    return words + CRC_BYTES;",
        "wrong": "badge_crc32(0, record, words));\n    return words + CRC_BYTES;",
    },
    "simple": {"file": "host/library.c", "right": "BADGE_CAN_ALL", "wrong": "BADGE_CAN_FLASH"},
    "newer": {"file": "host/library.c", "right": "BADGE_CORE_VERSION;", "wrong": "99;"},
}
_built = {}


def library(factory: pytest.TempPathFactory, name: str):
    """Return the library of that slip; built once."""
    if not _built:
        _built["objects"] = factory.mktemp("core") / "objects"
    if name not in _built:
        target = factory.mktemp(name) / f"{name}.so"
        _built[name] = build_library(target, _built["objects"], **SLIPS[name])
    return _built[name]


def own_core(folder: Path, slip: str) -> Path:
    """Return the library of a core that is not ours (own_core.c), with that slip or NONE."""
    path = folder / f"{slip}.so"
    source = Path(__file__).parent / "firmware" / "own_core.c"
    command = ["cc", "-std=c99", "-shared", "-fPIC", f"-DSLIP={slip}", f"-I{CORE}"]
    subprocess.run([*command, str(source), "-o", str(path)], check=True)
    return path
