"""Where accepted events are kept: a small protocol, and SQLite behind it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import astuple
from json import loads
from pathlib import Path
from threading import RLock
from typing import Any, Protocol

from pydantic_core import to_json

from badge.errors import BadgeError, InputError, MisuseError
from sim.ingest.store import tables
from sim.ingest.store.keys import KeyHash
from sim.ingest.store.values import (
    Added,
    Conflict,
    EquipmentTag,
    KnownDevice,
    Parcel,
    Sighting,
    StoreCounts,
)

BUSY_TIMEOUT_MS = 2000


class StoreUnavailableError(BadgeError):
    """Nothing can be kept now (locked, disk full, disk gone); nothing of the call was written."""


class IngestStore(Protocol):
    """What the ingest logic needs; a call does all, or nothing and raises StoreUnavailableError."""

    def group(self) -> AbstractContextManager[None]:
        """Commit all calls made inside at once; none of them counts until the end is reached."""

    def add_batch(self, events: Sequence[dict[str, Any]], received_at: str) -> Added:
        """Keep valid events of one device; a key that is already there is not written again."""

    def add_device(self, device: KnownDevice) -> bool:
        """Keep a device; False if its id is taken."""

    def device(self, device_id: str) -> KnownDevice | None:
        """Return a provisioned device."""

    def sighting(self, device_id: str) -> Sighting | None:
        """Derive a device's state from its events; None if there is none."""

    def set_service_key(self, role: str, key: KeyHash) -> None:
        """Keep the key of a role (provisioning, admin) in place of the one before."""

    def service_key(self, role: str) -> KeyHash | None:
        """Return the key of a role."""

    def add_tag(self, tag: EquipmentTag) -> bool:
        """Keep a tag; False if its MAC is taken."""

    def add_parcel(self, parcel: Parcel) -> bool:
        """Keep a parcel; False if the company has one of that id."""

    def counts(self) -> StoreCounts:
        """Count what is kept."""


class SqliteStore:
    """An `IngestStore` in a file (WAL, on disk before a call returns) or in memory (`":memory:"`).

    Usable from several threads, one at a time.  InputError if the file cannot be used.
    """

    def __init__(self, path: str | Path) -> None:
        if not str(path).strip():  # SQLite takes it for a file that is gone at the end
            raise InputError("--db: the name is empty; name a file, or :memory: to keep nothing")
        self._lock = RLock()
        self._grouped = False
        try:
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        except sqlite3.Error as error:
            raise InputError(_cannot_open(path, error)) from None
        try:
            self._prepare(path)
        except sqlite3.Error as error:
            self._db.close()
            raise InputError(_cannot_open(path, error)) from None
        except InputError:
            self._db.close()
            raise

    def _prepare(self, path: str | Path) -> None:
        self._db.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        tables_there = self._db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
        marks = tuple(
            self._db.execute(f"PRAGMA {mark}").fetchone()[0]
            for mark in ("application_id", "user_version")
        )
        if tables_there and marks != (tables.APPLICATION_ID, tables.LAYOUT_VERSION):
            raise InputError(f"{path} is a database of something else: name another with --db")
        self._db.execute("PRAGMA journal_mode = WAL")
        # FULL: in WAL mode NORMAL may lose the last commits in a power cut, and those events have
        # been acknowledged and deleted from the badge by then.
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute("PRAGMA fullfsync = ON")
        if not tables_there:
            self._db.executescript(tables.LAYOUT)
        self._db.execute("BEGIN IMMEDIATE")  # finds a read-only file now, not at the first event
        self._db.execute("ROLLBACK")

    def close(self) -> None:
        """Close the database; what was acknowledged is in it."""
        with self._lock:
            self._db.close()

    @contextmanager
    def group(self) -> Iterator[None]:
        """Commit all calls made inside at once; none of them counts until the end is reached.

        A group inside a group is a part of it: if it fails, it alone is taken back.
        """
        with self._lock, _unavailable(), self._part() if self._grouped else self._whole():
            yield

    @contextmanager
    def _whole(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        self._grouped = True
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise
        finally:
            self._grouped = False

    @contextmanager
    def _part(self) -> Iterator[None]:
        if not self._db.in_transaction:  # SQLite rolled the whole group back by itself
            raise StoreUnavailableError("the transaction was rolled back")
        self._db.execute("SAVEPOINT part")
        try:
            yield
            self._db.execute("RELEASE part")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK TO part")
                self._db.execute("RELEASE part")
            raise

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock, _unavailable():
            return self._db.execute(query, values).fetchall()

    def _insert(self, query: str, *values: object) -> bool:
        with self.group():
            return self._db.execute(query, values).rowcount == 1

    def add_batch(self, events: Sequence[dict[str, Any]], received_at: str) -> Added:
        """Keep valid events of one device; a key that is already there is not written again.

        Content is compared as JSON values: the order of keys and `5` against `5.0` make no
        conflict.
        """
        rows = [_row(event, received_at) for event in events]
        if len({row[0] for row in rows}) != 1:
            raise MisuseError("a batch holds events of exactly one device")
        with self.group():
            new = self._db.executemany(tables.ADD_EVENT, rows).rowcount
            duplicates = len(rows) - new
            conflicts = self._note_conflicts(rows) if duplicates else 0
            tally = (rows[0][0], received_at, new, duplicates, conflicts)
            self._db.execute(tables.ADD_TALLY, tally)
        return Added(new, duplicates, conflicts)

    def _note_conflicts(self, rows: list[tuple[Any, ...]]) -> int:
        differing = [row for row in rows if not self._is_kept_as_is(row)]
        self._db.executemany(tables.ADD_CONFLICT, [(row[0], row[1], row[6]) for row in differing])
        return len(differing)

    def _is_kept_as_is(self, row: tuple[Any, ...]) -> bool:
        _, _, kind, at, payload, firmware, _ = row
        kept = self._db.execute(tables.SAME_KEY, row[:2]).fetchone()
        if kept == (kind, at, payload, firmware):
            return True
        return bool(
            (kept[0], kept[1], kept[3]) == (kind, at, firmware) and loads(kept[2]) == loads(payload)
        )

    def events(self, device_id: str | None = None) -> list[dict[str, Any]]:
        """Return the kept events as they were sent, by device and sequence number."""
        names = ("device_id", "firmware_version", "event_type", "timestamp_utc", "sequence_number")
        return [
            {**dict(zip(names, row, strict=False)), "payload": loads(row[5])}
            for row in self._rows(tables.EVENTS, device_id)
        ]

    def conflicts(self) -> list[Conflict]:
        """Return the keys that came again with different content."""
        return [
            Conflict(*row)
            for row in self._rows("SELECT * FROM conflicts ORDER BY device_id, sequence_number")
        ]

    def counts(self) -> StoreCounts:
        """Count what is kept; cheap, whatever the number of events."""
        return StoreCounts(*self._rows(tables.COUNTS)[0])

    def sighting(self, device_id: str) -> Sighting | None:
        """Derive a device's state from its events; None if there is none."""
        rows = self._rows(tables.SIGHTING, device_id)
        return Sighting(*rows[0]) if rows else None

    def add_device(self, device: KnownDevice) -> bool:
        """Keep a device; False if its id is taken."""
        *fields, _ = astuple(device)
        return self._insert(
            "INSERT INTO devices VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            *fields,
            device.key.salt,
            device.key.digest,
        )

    def device(self, device_id: str) -> KnownDevice | None:
        """Return a provisioned device."""
        rows = self._rows("SELECT * FROM devices WHERE device_id = ?", device_id)
        if not rows:
            return None
        name, company_id, notes_device_uid, notes, at, salt, digest = rows[0]
        return KnownDevice(name, company_id, notes_device_uid, notes, at, KeyHash(salt, digest))

    def set_service_key(self, role: str, key: KeyHash) -> None:
        """Keep the key of a role (provisioning, admin) in place of the one before."""
        self._insert(
            "INSERT OR REPLACE INTO service_keys VALUES (?, ?, ?)", role, key.salt, key.digest
        )

    def service_key(self, role: str) -> KeyHash | None:
        """Return the key of a role."""
        rows = self._rows("SELECT key_salt, key_digest FROM service_keys WHERE role = ?", role)
        return KeyHash(*rows[0]) if rows else None

    def add_tag(self, tag: EquipmentTag) -> bool:
        """Keep a tag; False if its MAC is taken."""
        return self._insert(
            "INSERT INTO equipment_tags VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            *astuple(tag),
        )

    def tags(self) -> list[EquipmentTag]:
        """Return all tags by MAC."""
        return [
            EquipmentTag(*row)
            for row in self._rows("SELECT * FROM equipment_tags ORDER BY tag_mac")
        ]

    def add_parcel(self, parcel: Parcel) -> bool:
        """Keep a parcel; False if the company has one of that id."""
        return self._insert(
            "INSERT INTO parcels VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            *astuple(parcel),
        )

    def parcels(self) -> list[Parcel]:
        """Return all parcels by company and id."""
        rows = self._rows("SELECT * FROM parcels ORDER BY company_id, parcel_id")
        return [Parcel(*row) for row in rows]


@contextmanager
def _unavailable() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StoreUnavailableError(str(error)) from error


def _row(event: dict[str, Any], received_at: str) -> tuple[Any, ...]:
    return (
        event["device_id"],
        event["sequence_number"],
        event["event_type"],
        event["timestamp_utc"],
        to_json(event["payload"]).decode(),
        event["firmware_version"],
        received_at,
    )


def _cannot_open(path: str | Path, error: sqlite3.Error) -> str:
    return f"{path}: cannot be used as the database ({error}): name another file with --db"
