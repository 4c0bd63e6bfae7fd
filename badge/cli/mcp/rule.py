"""What a tool call may touch: the folder, this computer's loopback, and no other program.

The rule is kept twice.  Here, before anything runs, for whatever a call names; and by
`badge.cli.mcp.guard` within the process that a call becomes, for whatever its files name: a walk
of a scenario, a database, a link that leads elsewhere.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from badge.errors import InputError

STORE = "sqlite:///"
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
# Written so strictly that no two readers of it can find two hosts in it.
_URL = re.compile(
    r"https?://(?P<host>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?(?:/[\w.~/%-]*)?",
    re.ASCII,
)
_HOST = re.compile(r"[A-Za-z0-9.-]+|[0-9A-Fa-f:.]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Confinement:
    """The folder, as it really is, without links; and the hosts that may be reached as well."""

    folder: Path
    hosts: tuple[str, ...] = ()

    def path(self, text: str, what: str) -> str:
        """Return a path as a command may be given it; InputError if it is not in the folder."""
        if "\0" in text or not text.strip():
            raise InputError(f"{what}: name a file or folder within {self.folder}")
        if _SCHEME.match(text):
            raise InputError(f"{what} {text}: no addresses here: name a path in {self.folder}")
        if text.startswith("~") or not self.holds(self.folder / text):
            raise InputError(f"{what} {text}: outside {self.folder}, where badge mcp was started")
        return f"./{text}" if text.startswith("-") else text

    def scenario(self, text: str, what: str) -> str:
        """Return a scenario's name or path; what stands after its last @ may be a site's name."""
        file, at, _ = text.rpartition("@")
        if at and file:
            self.path(file, what)
        return self.path(text, what)

    def store(self, text: str, what: str) -> str:
        """Return what may be a file, or a SQLite database as `sqlite:///FILE`, in the folder."""
        if not text.startswith(STORE):
            return self.path(text, what)
        self.path(unquote(text.removeprefix(STORE)), what)
        return text

    def holds(self, path: str | Path) -> bool:
        """Tell whether a path, with all its links followed, lies in the folder."""
        try:
            end = Path(path).resolve()
            # Since Python 3.13 a circle of links is no error: its end is a link still.
            return end.is_relative_to(self.folder) and not end.is_symlink()
        except (OSError, RuntimeError, ValueError):  # a circle of links; a NUL
            return False

    def url(self, text: str, what: str) -> str:
        """Return a URL whose host may be reached; InputError for every other."""
        found = _URL.fullmatch(text)
        if found is None:
            raise InputError(f"{what} {text}: write it like http://127.0.0.1:8080")
        host = found["host"].strip("[]").lower()
        if not is_loopback(host) and host not in self.hosts:
            raise InputError(
                f"{what} {text}: not this computer; start badge mcp --allow-host {host} if it may "
                "be reached"
            )
        return text


def is_loopback(host: str) -> bool:
    """Tell whether a host is this computer's loopback, by name or number."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def host_named(text: str) -> str:
    """Return a host's name or number as it is compared; InputError if it is none."""
    if not _HOST.fullmatch(text):
        raise InputError(f"--allow-host {text}: a name or a number, like staging.example.org")
    return text.lower()


def numbers_of(hosts: tuple[str, ...]) -> frozenset[str]:
    """Return the addresses of hosts by number; one that is not known has none."""
    found: set[str] = set()
    for host in hosts:
        try:
            found |= {str(one[4][0]) for one in socket.getaddrinfo(host, None)}
        except OSError:
            continue
    return frozenset(found)


def rule_of(folder: Path, hosts: tuple[str, ...]) -> Confinement:
    """Make the rule for a folder; InputError if it is the root, where all would be within."""
    here = folder.resolve()
    if here == Path(here.anchor):
        raise InputError(f"{here}: every file is below it; start badge mcp in a project's folder")
    return Confinement(here, tuple(host_named(host) for host in hosts))
