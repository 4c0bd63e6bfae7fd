"""Causes in files: a badge's own, a live process's as they come, and all of them by time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from heapq import merge
from itertools import islice
from pathlib import Path

from pydantic_core import from_json, to_json

from badge.host.files import append_lines, named_file
from sim.fleet.webhooks.badge_causes import BadgeCauses
from sim.platforms.kit.cause import Cause, Kind

SUFFIX, LIVE = ".causes", "live"
FILES_AT_ONCE = 128
TELL_S, POLL_S = 0.2, 0.05
MARK: Kind = "mark"
LAST = 1 << 60  # a mark comes after all causes of its time


def line_of(one: Cause) -> bytes:
    """Write a cause as a line of JSON: its fields in their order."""
    return to_json([getattr(one, field.name) for field in fields(Cause)]) + b"\n"


def order(one: Cause) -> tuple[int, int, int]:
    """Give what causes are sorted by."""
    return one.order


def write_whole(folder: Path, index: int, causes: BadgeCauses, end_utc_ms: int) -> None:
    """Write all causes of a badge that is done."""
    lines = [line_of(one) for one in causes.until(end_utc_ms + 1)]
    append_lines(folder / f"{index:06d}{SUFFIX}", lines)


class LiveCauses:
    """Writes what the badges of one process cause, a few times a second, and how far that goes."""

    def __init__(self, folder: Path, number: int, causes: Sequence[BadgeCauses]) -> None:
        self._path = live_path(folder, number)
        self._causes = causes
        self._told_s = 0.0

    def tell(self, before_utc_ms: int, *, now: bool = False) -> None:
        """Write all causes before a time; not more often than is worth it, unless `now`."""
        if not now and time.monotonic() - self._told_s < TELL_S:
            return
        self._told_s = time.monotonic()
        found = [one for badge in self._causes for one in badge.until(before_utc_ms)]
        mark = Cause(before_utc_ms - 1, MARK, index=LAST)
        append_lines(self._path, [line_of(one) for one in [*sorted(found, key=order), mark]])


def live_path(folder: Path, number: int) -> Path:
    """Name the file of the process whose first badge has that number."""
    return folder / f"{LIVE}-{number:06d}{SUFFIX}"


def follow(path: Path, over: Callable[[], bool]) -> Iterator[Cause]:
    """Read a file while it grows, until the run is over and nothing more comes."""
    while True:
        last = over()  # asked before the look: a file that is made and ended in between is read
        if path.exists():
            break
        if last:
            return
        time.sleep(POLL_S)
    with path.open("rb") as file:
        rest = b""
        while True:
            last = over()  # asked first: what was written before it is still read
            rest += file.read()
            *lines, rest = rest.split(b"\n")
            yield from (Cause(*from_json(line)) for line in lines)
            if lines:
                continue
            if last:
                return
            time.sleep(POLL_S)


def read_whole(path: Path) -> Iterator[Cause]:
    """Read the causes of a file, in their order."""
    with path.open("rb") as lines:
        for line in lines:
            yield Cause(*from_json(line))


def merged(paths: Sequence[Path], folder: Path) -> Iterator[Cause]:
    """Merge files of causes by time; many of them in rounds, so that few are open at once."""
    left, rounds = list(paths), 0
    while len(left) > FILES_AT_ONCE:
        left = _fewer(left, folder, rounds)
        rounds += 1
    return merge(*map(read_whole, left), key=order)


def _fewer(paths: Sequence[Path], folder: Path, rounds: int) -> list[Path]:
    fewer: list[Path] = []
    left = iter(paths)
    while batch := list(islice(left, FILES_AT_ONCE)):
        fewer.append(folder / f"merged-{rounds}-{len(fewer)}")
        with named_file(fewer[-1]) as file:
            file.writelines(line_of(one) for one in merge(*map(read_whole, batch), key=order))
    return fewer
