"""What tests need that not every system has; elsewhere they are skipped, with this reason."""

from __future__ import annotations

import os
import shutil
import socket
import sys
from importlib.util import find_spec
from pathlib import Path

from tests.paths import ROOT

HERE = {
    "a pseudo terminal": hasattr(os, "openpty"),
    "Unix sockets": hasattr(socket, "AF_UNIX"),
    "files with a mode and an owner": hasattr(os, "fchown"),
    "uvloop": find_spec("uvloop") is not None,
    "D-Bus": hasattr(socket, "AF_UNIX") and find_spec("dbus_fast") is not None,
    "I2C as note-python speaks it on Linux": sys.platform == "linux" and hasattr(os, "openpty"),
    "Linux": sys.platform == "linux" and hasattr(os, "sched_getaffinity"),
    "a shell, and a compiler called cc": os.name == "posix" and shutil.which("cc") is not None,
}
NEEDS = {
    "tests/badge/cli/mcp": "Linux",
    "tests/badge/cli/test_main_other_systems.py": "Linux",
    "tests/badge/cli/test_main_captures.py": "a pseudo terminal",
    "tests/badge/host/test_files.py": "files with a mode and an owner",
    "tests/badge/host/test_flash_file_calls.py": "files with a mode and an owner",
    "tests/badge/host/test_systems.py": "Unix sockets",
    "tests/badge/host/firmware": "a shell, and a compiler called cc",
    "tests/docs": "a shell, and a compiler called cc",
    "tests/examples": "a shell, and a compiler called cc",
    "tests/fuzz": "Linux",
    "tests/hil/app": "D-Bus",
    "tests/hil/ble": "D-Bus",
    "tests/hil/card": "I2C as note-python speaks it on Linux",
    "tests/hil/dut": "a pseudo terminal",
    "tests/hil/gates": "D-Bus",
    "tests/hil/probe": "D-Bus",
    "tests/hil/uplink": "I2C as note-python speaks it on Linux",
    "tests/mutation": "Linux",
    "tests/sim/air": "D-Bus",
    "tests/sim/crashtest": "Linux",
    "tests/sim/net/test_async_client.py": "uvloop",
    "tests/sim/notecard/protocol/test_transactions_note_python.py": (
        "I2C as note-python speaks it on Linux"
    ),
    "tests/sim/notecard/protocol/test_transactions_raw_wire.py": "a pseudo terminal",
    "tests/sim/notecard/test_launch.py": "a pseudo terminal",
    "tests/sim/reconcile": "Linux",
    "tests/sim/notecard/transport/test_hub_link.py": "Unix sockets",
    "tests/sim/notecard/transport/test_hub_server.py": "Unix sockets",
    "tests/sim/notecard/transport/test_i2c.py": "Unix sockets",
    "tests/sim/notecard/transport/test_loop.py": "a pseudo terminal",
    "tests/sim/notecard/transport/test_names.py": "Unix sockets",
    "tests/sim/notecard/transport/test_pty.py": "a pseudo terminal",
    "tests/sim/notecard/transport/test_serial.py": "a pseudo terminal",
}


def lacking(path: Path) -> str | None:
    """Return what a test's file needs and this system lacks."""
    for place in (path, *path.parents):
        if not place.is_relative_to(ROOT):
            return None
        need = NEEDS.get(place.relative_to(ROOT).as_posix())
        if need is not None and not HERE[need]:
            return need
    return None
