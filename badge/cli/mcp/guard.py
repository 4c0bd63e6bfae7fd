"""Keeps the rule within the process that a tool call becomes, whatever a file or a link names.

Python tells each file that is opened, each connection and each program before it happens
(PEP 578), and an exception ends it there.  No code of a stranger runs in such a process: only this
package, on input that is a stranger's.  uvloop connects without telling, so it is not loaded.
"""

from __future__ import annotations

import errno
import os
import sys
import sysconfig
import zoneinfo
from collections.abc import Callable
from importlib import import_module
from typing import Any
from urllib.parse import unquote

from badge.cli.mcp.rule import Confinement, is_loopback, numbers_of

# A simulated month of fifty badges needs less than a tenth of it.
MEMORY_BYTES_MAX = 6 << 30
FILE_BYTES_MAX = 1 << 30
PACKAGES = ("badge", "sim", "hil")  # in a clone nothing else of it
_PROGRAMS = (
    "subprocess.Popen",
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "os.spawn",
    "os.fork",
    "os.forkpty",
    "os.startfile",
    "pty.spawn",
)
_ONE_PATH = (
    "os.mkdir",
    "os.remove",
    "os.rmdir",
    "os.truncate",
    "os.chmod",
    "os.chown",
    "os.utime",
    "os.mkfifo",
    "os.setxattr",
    "os.removexattr",
)
_TWO_PATHS = ("os.rename", "os.link", "os.symlink")
_NAMES = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")
_PEERS = ("socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg")
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_DEVICES = (os.devnull, "/dev/urandom", "/dev/random")


def enforce(rule: Confinement) -> None:
    """Keep the rule in this process from now on; there is no way back."""
    sys.modules["uvloop"] = None  # type: ignore[assignment]  # how an import is told to fail
    numbers = numbers_of(rule.hosts)
    checks = _checks(rule, libraries(), numbers)

    def told(event: str, arguments: tuple[Any, ...]) -> None:
        check = checks.get(event)
        if check is not None:
            check(arguments)

    limit()
    sys.addaudithook(told)


def limit() -> None:
    """Bound memory and the size of a file, where the system can."""
    try:
        import resource
    except ModuleNotFoundError:  # Windows
        return
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES_MAX),
        (resource.RLIMIT_FSIZE, FILE_BYTES_MAX),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (least, least))


def libraries() -> tuple[str, ...]:
    """Return where Python, its packages and the time zones lie: these may be read."""
    # Imported now: to find them later, whatever lies beside them would have to be listed.
    packages = (import_module(name) for name in PACKAGES)
    roots = {
        *sys.path,
        *(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")),
        *(place for one in packages for place in one.__path__),
        *zoneinfo.TZPATH,
    }
    real = {os.path.realpath(root) for root in roots if os.path.isabs(root)}
    return tuple(root + os.sep for root in sorted(real) if root != os.path.dirname(root))


def _checks(
    rule: Confinement, readable: tuple[str, ...], numbers: frozenset[str]
) -> dict[str, Callable[[tuple[Any, ...]], None]]:
    def within(path: Any) -> None:
        if isinstance(path, str | bytes) and not rule.holds(os.fsdecode(path)):
            raise _refused(path)

    def to_read(path: Any) -> None:
        if not isinstance(path, str | bytes | os.PathLike):
            return  # what is open already, or the folder itself
        name = os.fsdecode(path)
        if name in _DEVICES or (os.path.realpath(name) + os.sep).startswith(readable):
            return
        within(name)

    def opened(arguments: tuple[Any, ...]) -> None:
        path, _, flags = arguments
        writes = isinstance(flags, int) and flags & _WRITES
        if writes and path != os.devnull:
            within(os.fspath(path) if isinstance(path, os.PathLike) else path)
        else:
            to_read(path)

    def one(arguments: tuple[Any, ...]) -> None:
        within(arguments[0])

    def both(arguments: tuple[Any, ...]) -> None:
        within(arguments[0])
        within(arguments[1])

    def database(arguments: tuple[Any, ...]) -> None:
        name = os.fsdecode(arguments[0])
        if name.startswith("file:"):
            name = unquote(name.removeprefix("file:").partition("?")[0])
        if name not in ("", ":memory:"):
            within(name)

    def program(arguments: tuple[Any, ...]) -> None:
        raise PermissionError(errno.EACCES, "a tool of badge mcp starts no other program")

    def named(arguments: tuple[Any, ...]) -> None:
        host = arguments[0]
        name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
        if name and not is_loopback(name) and name.lower() not in {*rule.hosts, *numbers}:
            raise _unreachable(name)

    def reached(arguments: tuple[Any, ...]) -> None:
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else str(address)
        if not (isinstance(address, tuple) and (is_loopback(host) or host in numbers)):
            raise _unreachable(host)

    return {
        "open": opened,
        "sqlite3.connect": database,
        "os.listdir": lambda told: to_read(told[0]),
        "os.scandir": lambda told: to_read(told[0]),
        **dict.fromkeys(_ONE_PATH, one),
        **dict.fromkeys(_TWO_PATHS, both),
        **dict.fromkeys(_PROGRAMS, program),
        **dict.fromkeys(_NAMES, named),
        **dict.fromkeys(_PEERS, reached),
    }


def _refused(path: str | bytes) -> PermissionError:
    return PermissionError(
        errno.EACCES, "outside the folder where badge mcp was started", os.fsdecode(path)
    )


def _unreachable(host: str) -> PermissionError:
    return PermissionError(errno.EACCES, f"{host}: not this computer; badge mcp reaches no other")
