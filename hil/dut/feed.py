"""Where a device's events are read: its console, a file, or the ingest that it uploads to."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from badge.contract.validation import decode, judge
from badge.errors import InputError
from hil.dut.drivers.console import SerialConsole
from hil.dut.event_files import events_in, read_events
from hil.dut.tap import Tap, tapped
from sim.ingest.launch import launch_ingest

LINE_BYTES_MAX = 1 << 20  # a device may print a whole batch in one line
Event = dict[str, Any]


class Feed(Protocol):
    """A device's events, in the order of arrival, without those that break the schema.

    `live`: more may come.  `line`: its uploads come through here.
    """

    live: bool
    line: Tap | None
    events: list[Event]

    def read(self) -> None:
        """Add to `events` what has come since the last call."""


class FileFeed:
    """Events that were logged before, in a file as `badge judge` reads it."""

    live = False
    line: Tap | None = None

    def __init__(self, path: Path) -> None:
        self.events = right_ones(read_events(path))

    def read(self) -> None:
        """See `Feed`."""


class ConsoleFeed:
    """Events that a device prints, one JSON object a line; other lines are passed over."""

    live = True
    line: Tap | None = None

    def __init__(self, console: SerialConsole) -> None:
        self.events: list[Event] = []
        self._console = console
        self._found: list[Any] = []
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._reader = threading.Thread(target=self._read, name="device-console", daemon=True)
        self._reader.start()

    def _read(self) -> None:
        pending = b""
        while not self._ended.is_set():
            *lines, rest = (pending + self._console.read()).split(b"\n")
            pending = rest[-LINE_BYTES_MAX:]
            found = [event for line in lines for event in _in_line(line)]
            with self._lock:
                self._found += found

    def read(self) -> None:
        """See `Feed`."""
        with self._lock:
            found, self._found = self._found, []
        self.events += right_ones(found)

    def close(self) -> None:
        """Let go of the console."""
        self._ended.set()
        self._reader.join(timeout=2)
        self._console.close()


class IngestFeed:
    """Events that a device uploads to the reference ingest here; its line can be cut."""

    live = True

    def __init__(self, tap: Tap) -> None:
        self.line: Tap | None = tap
        self.events: list[Event] = []
        self._tap = tap
        self._read = 0

    def read(self) -> None:
        """See `Feed`."""
        posts = len(self._tap.sent)
        self.events += right_ones(self._tap.events(self._read, posts))
        self._read = posts


@contextmanager
def open_feed(spec: str) -> Iterator[Feed]:
    """Open `serial:PATH[:BAUD]`, `ingest[:PORT]` or a file's path; InputError if it is none."""
    scheme, _, rest = spec.partition(":")
    if scheme == "serial":
        feed = ConsoleFeed(SerialConsole(spec, option="--on"))
        try:
            yield feed
        finally:
            feed.close()
    elif scheme == "ingest" and re.fullmatch(r"\d{0,5}", rest):
        with (
            launch_ingest() as running,
            tapped(f"{running.url}/api/events", int(rest or 0)) as tap,
        ):
            yield IngestFeed(tap)
    elif Path(spec).is_file():
        yield FileFeed(Path(spec))
    else:
        raise InputError(
            f"--on {spec}: no such file; write virtual, real, serial:/dev/ttyUSB1, ingest:8000 or "
            "the name of a file with events"
        )


def right_ones(events: list[Any]) -> list[Event]:
    """Return the events that keep the schema; the others are `badge judge`'s affair."""
    return [event for event in events if not judge([event]).faults]


def _in_line(line: bytes) -> list[Any]:
    try:
        return events_in(decode(line)) if line.strip().startswith((b"{", b"[")) else []
    except InputError:
        return []
