"""The database of `badge serve`: what it has accepted, and how late; also while it grows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from badge.contract.documents import parse
from badge.errors import InputError
from sim.view.model.events import EventRows, Fate, unix_ms_of
from sim.view.model.picture import Draft, picture_of
from sim.view.model.plane import PicturePlane
from sim.view.sources.opened import GrowsOnly, Opened

SCHEME = "sqlite:///"
MAGIC = b"SQLite format 3\0"
_COLUMNS = (
    "device_id, firmware_version, event_type, event_timestamp, sequence_number, payload, "
    "received_at"
)
# Of our own words only.
_NEWER = f"SELECT {_COLUMNS} FROM raw_events WHERE device_id = ? AND sequence_number > ?"  # noqa: S608
_ALL = f"SELECT {_COLUMNS} FROM raw_events WHERE device_id = ?"  # noqa: S608
_ONE = f"SELECT {_COLUMNS} FROM raw_events WHERE device_id = ? AND sequence_number = ?"  # noqa: S608


def is_store(path: Path) -> bool:
    """Tell a SQLite file by its first bytes."""
    try:
        with path.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def path_of(name: str) -> Path:
    """Take `sqlite:///FILE`, as `badge reconcile` does, or a plain path."""
    return Path(unquote(name.removeprefix(SCHEME))) if name.startswith(SCHEME) else Path(name)


class IngestTables(GrowsOnly):
    """The accepted events of a database, read again and again; `read` takes what is new."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows = EventRows(PicturePlane())
        self._keys: list[tuple[str, int]] = []
        self._seen: dict[str, set[int]] = {}
        if not is_store(path):
            raise InputError(f"{path}: no database of badge serve")
        uri = f"file:{quote(str(path.absolute()))}?mode=ro"
        self._database = sqlite3.connect(uri, uri=True, timeout=5.0, check_same_thread=False)
        self._ask("SELECT device_id, events FROM tallies LIMIT 0")

    def _ask(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        try:
            with closing(self._database.cursor()) as cursor:
                return cursor.execute(query, values).fetchall()
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise InputError(f"{self.path}: no database of badge serve ({error})") from None

    def read(self) -> int:
        """Read what has come; gives how many events."""
        before = self.rows.count
        for device, count in self._ask("SELECT device_id, events FROM tallies ORDER BY device_id"):
            if not isinstance(device, str) or not isinstance(count, int):
                raise InputError(f"{self.path}: damaged: a tally is no number")
            seen = self._seen.setdefault(device, set())
            if count <= len(seen):
                continue
            self._take(device, self._ask(_NEWER, device, max(seen, default=0)))
            if count > len(seen):  # an older number came late
                self._take(device, self._ask(_ALL, device))
        return self.rows.count - before

    def _take(self, device: str, rows: Iterable[tuple[Any, ...]]) -> None:
        seen = self._seen[device]
        for row in rows:
            event, received_at = _event(row, self.path)
            number = event["sequence_number"]
            if not isinstance(number, int) or number in seen:
                continue
            seen.add(number)
            logged_ms, came_ms = unix_ms_of(event["timestamp_utc"]), unix_ms_of(received_at)
            lag_s = float("nan")
            if logged_ms is not None and came_ms is not None and came_ms >= logged_ms:
                lag_s = (came_ms - logged_ms) / 1000.0
            self.rows.add(event, len(self._keys), fate=Fate("delivered", lag_s))
            self._keys.append((device, number))

    def details(self, at: int) -> dict[str, Any]:
        """Give all there is about an event: itself, and when it came."""
        rows = self._ask(_ONE, *self._keys[at])
        if not rows:
            raise InputError(f"{self.path}: the event is not there any more")
        event, received_at = _event(rows[0], self.path)
        return {"event": event, "truth": {"received_at": received_at}}

    def draft(self) -> Draft:
        """Give what has been read."""
        draft = Draft(self.path.name, self.rows)
        if not self.rows.count:
            draft.notes.append(f"{self.path}: no event has been accepted yet")
        return draft


def _event(row: tuple[Any, ...], path: Path) -> tuple[dict[str, Any], str]:
    device, firmware, kind, moment, number, payload, received_at = row
    return {
        "device_id": device,
        "firmware_version": firmware,
        "event_type": kind,
        "timestamp_utc": moment,
        "sequence_number": number,
        "payload": parse(str(payload).encode(), f"{path}: payload of {device} {number}"),
    }, str(received_at)


def open_store(path: Path) -> Opened:
    """Make the picture of what a `badge serve` has accepted."""
    tables = IngestTables(path)
    tables.read()
    return Opened(picture_of(tables.draft()), tables.details)
