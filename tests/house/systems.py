"""What of the product uses names that other systems lack, as the types of Python's library tell.

`python -m tests.house.systems` prints them for Windows and macOS; a file stands in `BOUND` only if
it says in a sentence, or knows another way, where it cannot be had.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

from tests.paths import ROOT

UNIX = "Unix sockets; whoever asks for one is told so (badge/host/systems.py)"
PTY = "a pseudo terminal; whoever asks for one is told to take --tcp or a serial port"
D_BUS = "D-Bus, behind a Unix socket"
ASKED = "asked for before it is used, another way taken where it is not there"
LINUX = "badge crashtest says that it needs Linux"
BOUND = {
    "badge/cli/mcp/guard.py": ASKED,
    "badge/host/files.py": ASKED,
    "badge/signals.py": ASKED,
    "hil/app/buttons.py": UNIX,
    "hil/app/keyboard.py": ASKED,
    "hil/card/wires.py": UNIX,
    "hil/dut/drivers/console.py": PTY,
    "sim/air/bluez/daemon.py": D_BUS,
    "sim/air/dbus/driver.py": D_BUS,
    "sim/air/dbus/listening_socket.py": D_BUS,
    "sim/air/dbus/peer.py": D_BUS,
    "sim/crashtest/disk.py": LINUX,
    "sim/crashtest/interrupt.py": LINUX,
    "sim/crashtest/server.py": LINUX,
    "sim/notecard/transport/hub_link.py": UNIX,
    "sim/notecard/transport/hub_server.py": UNIX,
    "sim/notecard/transport/i2c.py": UNIX,
    "sim/notecard/transport/names.py": UNIX,
    "sim/notecard/transport/pty.py": PTY,
}
_LACKS = re.compile(r"^(\S+?):\d+: error: (?:Module has no attribute|Name) (.*)$", re.M)


def lacking(platform: str) -> dict[str, set[str]]:
    """Return the names that a system lacks by the file that uses them (16 s of one core)."""
    with tempfile.TemporaryDirectory() as cache:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "mypy", "--platform", platform, "--cache-dir", cache),
                *("--no-warn-unreachable", "--no-error-summary", "--no-pretty"),
            ],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode not in (0, 1):
        raise SystemExit(done.stdout + done.stderr)
    found: dict[str, set[str]] = {}
    for file, what in _LACKS.findall(done.stdout):
        found.setdefault(file.replace("\\", "/"), set()).add(what.split('"')[1])
    return found


def main() -> int:
    """Print what is used and not bound; 1 if there is any, or if a row is left over."""
    platforms = ("win32", "darwin")
    with ThreadPoolExecutor(2) as both:
        found = dict(zip(platforms, both.map(lacking, platforms), strict=True))
    wrong = [
        f"{file}: {platform} has no {', '.join(sorted(names))}"
        for platform, files in found.items()
        for file, names in files.items()
        if file not in BOUND
    ]
    left = set(BOUND) - set(found["win32"]) - set(found["darwin"])
    wrong += [f"{file}: uses nothing any more that a system lacks" for file in sorted(left)]
    print("\n".join(wrong) or "Windows and macOS: nothing is used that they lack, unasked")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
