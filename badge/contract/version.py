"""Which firmware is too old (contract section 2, schema versions)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from badge.contract.events import VERSION_PATTERN
from badge.errors import InputError

MINORS_KEPT = 3
_VERSION = re.compile(VERSION_PATTERN)


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """A firmware version; ordered."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


def read_version(text: object) -> Version | None:
    """Read `major.minor.patch`; None if it is anything else."""
    if not isinstance(text, str) or not _VERSION.fullmatch(text):
        return None
    return Version(*map(int, text.split(".")))


def oldest_kept(current: Version) -> Version:
    """Return the oldest version served when `current` is out: the last 3 minor versions stay.

    How many minor versions the previous major had cannot be known: InputError asks for the answer.
    """
    minor = current.minor - (MINORS_KEPT - 1)
    if minor < 0 and current.major > 0:
        raise InputError(
            f"the last {MINORS_KEPT} minor versions of {current} reach into the previous major: "
            "name the oldest one to serve with --min-firmware"
        )
    return Version(current.major, max(0, minor), 0)
