"""Compares the database of a running, or dead, server with what the badges were promised."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from badge.words import counted
from sim.crashtest.account import Account, fingerprint
from sim.engine.promises import KEPT, ONCE, SOUND, UNALTERED, WHOLE, BrokenPromiseError

FILE_CHECK_EVERY = 10
_SPANS = """
SELECT device_id, count(*), min(sequence_number), max(sequence_number)
FROM raw_events GROUP BY device_id"""
_NEWS = """
SELECT sequence_number, event_type, event_timestamp, payload, firmware_version FROM raw_events
WHERE device_id = ? AND sequence_number > ? ORDER BY sequence_number"""
_CONFLICTS = "SELECT coalesce(sum(conflicts), 0) FROM tallies"


@dataclass(frozen=True, slots=True)
class Span:
    """The events of one device in the database."""

    count: int
    first: int
    last: int


class Audit:
    """Checks I1 to I5: how many are kept each time, each event's content once.

    `whole` reads the content of all events again, and the structure of the whole file.
    """

    def __init__(self, path: Path, accounts: Sequence[Account]) -> None:
        self._path = path
        self._accounts = accounts
        self._turn = 0
        self._checked = {account.device_id: 0 for account in accounts}

    def check(self, *, whole: bool = False) -> int:
        """Return how many events are kept; BrokenPromiseError at the first broken promise.

        Events may arrive while it reads: what had been promised when it began must be there.
        """
        promised = [(account, account.acknowledged) for account in self._accounts]
        if whole:
            self._checked = dict.fromkeys(self._checked, 0)
        with _reading(self._path) as db:
            spans = {row[0]: Span(*row[1:]) for row in db.execute(_SPANS)}
            for account, acknowledged in promised:
                self._check(db, account, acknowledged, spans.get(account.device_id, Span(0, 1, 0)))
            self._check_conflicts(db)
            if whole or self._turn % FILE_CHECK_EVERY == 0:
                self._check_file(db)
        self._turn += 1
        return sum(span.count for span in spans.values())

    def _check(
        self, db: sqlite3.Connection, account: Account, acknowledged: int, span: Span
    ) -> None:
        device_id = account.device_id
        if span.last < acknowledged:
            missing = f"{device_id}: {span.last + 1} to {acknowledged} were acknowledged"
            raise BrokenPromiseError(KEPT, f"{missing} and are gone")
        if (span.first, span.count) != (1, span.last):
            text = f"{device_id}: {counted(span.count, 'event')} from {span.first} to {span.last}"
            raise BrokenPromiseError(KEPT if span.count < span.last else ONCE, text)
        if span.last not in account.ends:
            text = f"{device_id}: the last event, {span.last}, is no batch's last"
            raise BrokenPromiseError(WHOLE, text)
        self._check_content(db, account)

    def _check_content(self, db: sqlite3.Connection, account: Account) -> None:
        device_id = account.device_id
        for number, *content in db.execute(_NEWS, (device_id, self._checked[device_id])):
            self._checked[device_id] += 1
            if number != self._checked[device_id]:
                raise BrokenPromiseError(ONCE, f"{device_id}: {number} is out of order")
            if number > len(account.prints) or fingerprint(*content) != account.prints[number - 1]:
                raise BrokenPromiseError(UNALTERED, f"{device_id}: {number} was never sent so")

    def _check_conflicts(self, db: sqlite3.Connection) -> None:
        if db.execute(_CONFLICTS).fetchone()[0]:
            raise BrokenPromiseError(UNALTERED, "the server counted a conflict")

    def _check_file(self, db: sqlite3.Connection) -> None:
        verdict = db.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if verdict != "ok":
            raise BrokenPromiseError(SOUND, f"SQLite says: {verdict}")


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Read one moment of a database that others may be writing to."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as db:
        db.execute("PRAGMA busy_timeout = 5000")
        db.execute("BEGIN")
        try:
            yield db
        except sqlite3.DatabaseError as error:
            raise BrokenPromiseError(SOUND, f"the database cannot be read: {error}") from None
