"""What a process under the rule can do: tried in one, since there is no way back."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from badge.cli.mcp.guard import libraries

ATTEMPTS = """
import json, os, socket, sqlite3, subprocess, sys, zoneinfo
from pathlib import Path
from badge.cli.mcp.guard import enforce
from badge.cli.mcp.rule import Confinement
here, outside = Path.cwd().resolve(), Path(sys.argv[1])
listener = socket.create_server(("127.0.0.1", 0))
enforce(Confinement(here))
def tried(act):
    try:
        act()
        return "done"
    except Exception as error:
        return type(error).__name__
def connect(*address, family=socket.AF_INET):
    with socket.socket(family) as one:
        one.settimeout(5)
        one.connect(*address)
ACTS = {
    "read within": lambda: Path("in.txt").read_text(),
    "write within": lambda: Path("new.txt").write_text("x"),
    "rename within": lambda: os.rename("new.txt", "newer.txt"),
    "list within": lambda: os.listdir("."),
    "read the null device": lambda: open(os.devnull).close(),
    "import a library": lambda: __import__("xml.dom.minidom"),
    "read a time zone": lambda: zoneinfo.ZoneInfo("Europe/Zagreb"),
    "database within": lambda: sqlite3.connect("x.db").close(),
    "database by URI within": lambda: sqlite3.connect("file:x.db?mode=ro", uri=True).close(),
    "reach loopback": lambda: connect(listener.getsockname()),
    "read outside": lambda: (outside / "secret.txt").read_text(),
    "read outside by ..": lambda: open("../outside/secret.txt"),
    "read outside by a link": lambda: open("link/secret.txt"),
    "read outside by bytes": lambda: open(os.fsencode(outside / "secret.txt")),
    "read outside, low": lambda: os.open(outside / "secret.txt", os.O_RDONLY),
    "read its environment": lambda: open("/proc/self/environ"),
    "read the passwords": lambda: open("/etc/passwd"),
    "write outside": lambda: (outside / "new.txt").write_text("x"),
    "write into Python": lambda: open(os.path.join(os.path.dirname(os.__file__), "x.pth"), "w"),
    "append outside": lambda: open(outside / "secret.txt", "a"),
    "list outside": lambda: list(os.scandir(outside)),
    "make a folder outside": lambda: os.mkdir(outside / "folder"),
    "move out": lambda: os.rename("in.txt", outside / "in.txt"),
    "move in": lambda: os.rename(outside / "secret.txt", "secret.txt"),
    "link in": lambda: os.link(outside / "secret.txt", "hard.txt"),
    "delete outside": lambda: os.remove(outside / "secret.txt"),
    "database outside": lambda: sqlite3.connect(outside / "x.db"),
    "database outside by URI": lambda: sqlite3.connect("file:../outside/%78.db", uri=True),
    "start a program": lambda: subprocess.run(["true"]),
    "start a shell": lambda: os.system("true"),
    "become a program": lambda: os.execv("/bin/true", ["true"]),
    "fork": lambda: os.fork(),
    "reach a number": lambda: connect(("192.0.2.1", 9)),
    "reach a local socket": lambda: connect("/run/x", family=socket.AF_UNIX),
    "listen to all": lambda: socket.create_server(("0.0.0.0", 0)),
    "ask for a name": lambda: socket.getaddrinfo("example.org", 80),
    "load what does not tell": lambda: __import__("uvloop"),
}
print(json.dumps({name: tried(act) for name, act in ACTS.items()}))
"""


@pytest.fixture
def attempts(tmp_path):
    folder, outside = tmp_path / "project", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    (folder / "in.txt").write_text("x")
    (outside / "secret.txt").write_text("x")
    (folder / "link").symlink_to(outside)
    line = [sys.executable, "-P", "-c", ATTEMPTS, str(outside)]
    ended = subprocess.run(line, cwd=folder, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    assert sorted(one.name for one in outside.iterdir()) == ["secret.txt"]
    return json.loads(ended.stdout)


def test_what_is_within_goes_on_and_nothing_else_does(attempts):
    last_good = list(attempts).index("reach loopback")
    good = dict(list(attempts.items())[: last_good + 1])
    assert good == dict.fromkeys(good, "done")
    bad = dict(list(attempts.items())[last_good + 1 :])
    assert bad.pop("load what does not tell") == "ModuleNotFoundError"
    assert bad == dict.fromkeys(bad, "PermissionError")


def test_only_python_and_its_packages_may_be_read_beside_the_folder():
    roots = libraries()
    assert any(root.endswith("/badge/") for root in roots)
    assert not {"/", "/etc/", "/home/", "/root/", "/tmp/", "/proc/"} & set(roots)
